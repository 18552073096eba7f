"""Words, whatever their case and accents."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from earthcode_platform.errors import InputError

__all__ = ["folded", "patterns"]

_TOKEN: Final = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return `text` in small letters, without accents and with compatible characters made equal.

    >>> folded("Été: CO₂, Straße")
    'ete: co2, strasse'
    """
    if text.isascii():
        return text.lower()
    # A compatible character may stand for a capital: ℃ is °C.
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def patterns(texts: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Return for each word of `texts` the pattern that finds, in folded text, words that begin with it.

    Signs inside a word stand for any signs: `sentinel-2` finds "Sentinel 2" and "SENTINEL-2A".

    Raises:
        InputError: A text has no letter and no digit.
    """
    found: dict[str, re.Pattern[str]] = {}
    for text in texts:
        words = [word for word in folded(text).split() if _TOKEN.search(word)]
        if not words:
            raise InputError(f"{text!r} has no letter and no digit.", remedy="Name a word to look for.")
        for word in words:
            parts = [re.escape(part) for part in _TOKEN.findall(word)]
            found[word] = re.compile(r"(?<![^\W_])" + r"[\W_]+".join(parts))
    return tuple(found.values())
