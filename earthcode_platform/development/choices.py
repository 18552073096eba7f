"""Finding one of many names by a few letters of it, also mistyped ones."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

__all__ = ["Choice", "ranked"]

_SIMILAR: Final = 0.72
"""How alike two words must be (ratio of `difflib.SequenceMatcher`, 0 to 1) if neither begins the other."""


class Choice(NamedTuple):
    """Something that can be chosen."""

    id: str
    """What is written into a file."""
    title: str
    """What people call it."""


def ranked(text: str, choices: Iterable[Choice], limit: int = 10) -> list[Choice]:
    """Return the choices that `text` may mean, the likeliest first.

    Every word of the text must be found in the id or the title: as a word, as the beginning of one, inside one, or, for
    words of four letters and more, as something that is spelt nearly so.

    Args:
        text: What somebody typed; all choices in their order if it holds no word.
        choices: What there is.
        limit: How many at most.
    """
    asked = _words(text)
    marked = [
        (sum(marks), len(one.title), one) for one in choices if all(marks := [_mark(word, one) for word in asked])
    ]
    if asked:
        marked.sort(key=lambda found: (-found[0], found[1], found[2].id))
    return [one for _, _, one in marked[:limit]]


def _mark(word: str, choice: Choice) -> float:
    """Return how well a word fits, 0 for not at all."""
    held = _words(f"{choice.id} {choice.title}")
    best = 0.0
    for other in held:
        if other == word:
            return 4.0
        if other.startswith(word):
            best = max(best, 3.0)
        elif word in other:
            best = max(best, 2.0)
        elif len(word) > 3 and best < 1:  # noqa: PLR2004 - shorter words are alike by chance
            matcher = difflib.SequenceMatcher(None, word, other)
            if matcher.real_quick_ratio() >= _SIMILAR and matcher.quick_ratio() >= _SIMILAR:
                ratio = matcher.ratio()
                best = max(best, ratio) if ratio >= _SIMILAR else best
    return best


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[a-z0-9]+", "".join(one for one in plain if not unicodedata.combining(one)))
