"""Texts. No-data passes through."""

from earthcode_platform.engines.openeo.along import Along, Array, Value

__all__ = ["text_begins", "text_concat", "text_contains", "text_ends", "text_find"]


def text_concat(data: Array, separator: str | float | bool | None = "") -> str:  # noqa: FBT001 - the specification allows a truth value
    """Return the elements as one text, with the separator between them."""
    elements = data.labels if isinstance(data, Along) else data
    return _text(separator).join(_text(element) for element in elements)


def text_contains(data: str | None, pattern: str, *, case_sensitive: bool = True) -> bool | None:
    """Tell whether a text contains another."""
    return None if data is None else _cased(pattern, case_sensitive) in _cased(data, case_sensitive)


def text_begins(data: str | None, pattern: str, *, case_sensitive: bool = True) -> bool | None:
    """Tell whether a text begins with another."""
    return None if data is None else _cased(data, case_sensitive).startswith(_cased(pattern, case_sensitive))


def text_ends(data: str | None, pattern: str, *, case_sensitive: bool = True) -> bool | None:
    """Tell whether a text ends with another."""
    return None if data is None else _cased(data, case_sensitive).endswith(_cased(pattern, case_sensitive))


def text_find(data: str | None, pattern: str, *, case_sensitive: bool = True) -> int | None:
    """Return where a text stands in another for the first time, counted from zero; no-data if it does not."""
    place = -1 if data is None else _cased(data, case_sensitive).find(_cased(pattern, case_sensitive))
    return None if place < 0 else place


def _cased(text: str, case_sensitive: bool) -> str:  # noqa: FBT001 - one private helper
    return text if case_sensitive else text.casefold()


def _text(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
