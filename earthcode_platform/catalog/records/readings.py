"""Values that people write in several ways, read in one, with a note whenever they were written in another."""

import json
import re
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.models.shown import shown

__all__ = ["Readings"]

_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DOI: Final = re.compile(r"^(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_LONGEST: Final = 60


class Readings:
    """The quirks met while one record is read, in order and each once."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}

    @property
    def quirks(self) -> tuple[str, ...]:
        """What was noted, one sentence each."""
        return tuple(self._notes)

    def note(self, sentence: str) -> None:
        """Note that something had to be put into another form."""
        self._notes[shown(sentence)] = None

    def truth(self, document: JsonObject, key: str) -> bool | None:
        """Return whether the value at `key` is true: `true`, `"true"` and `["true"]` are; None if nothing is said."""
        value = document.get(key)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and ("/" in value or ":" in value):
            # The name of an image.
            return True
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        found = inner if isinstance(inner, bool) else _TRUTHS.get(str(inner).strip().lower())
        self.note(f"{key} is {_shown(value)}; read as {'nothing' if found is None else str(found).lower()}.")
        return found

    def words(self, document: JsonObject, key: str, *, listed: bool) -> tuple[str, ...]:
        """Return the texts at `key`, which may be one text or a list of them; `listed` says which one is right."""
        value = document.get(key)
        if value is None:
            return ()
        found = value if isinstance(value, list) else [value]
        kept = tuple(dict.fromkeys(one.strip() for one in found if isinstance(one, str) and one.strip()))
        if isinstance(value, list) is not listed or len(kept) != len(found):
            self.note(f"{key} is {_shown(value)}; read as {', '.join(kept) or 'nothing'}.")
        return kept

    def version(self, document: JsonObject, key: str) -> str:
        """Return the version at `key` as a text; a number, which loses the zero at the end of 3.10, is noted."""
        value = document.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return ""
        if isinstance(value, str):
            return value.strip()
        doubt = " It may mean 3.10." if value == 3.1 else ""  # noqa: PLR2004 - as JSON writes the number 3.10
        self.note(f"{key} is the number {value}; read as the text '{value}'.{doubt}")
        return str(value)

    def doi(self, document: JsonObject) -> str:
        """Return the DOI at `sci:doi` or `DOI`, without an address around it."""
        for key in ("sci:doi", "DOI", "doi"):
            value = document.get(key)
            if isinstance(value, str) and value.strip():
                bare = _DOI.sub("", value.strip())
                if bare != value:
                    self.note(f"{key} is {_shown(value)}; read as {bare}.")
                return bare
        return ""


def _shown(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
