"""Texts that other people wrote, as they may be shown and written."""

from typing import Annotated

from pydantic import AfterValidator

from earthcode_platform.redaction import public

__all__ = ["Shown", "shown"]


def shown(text: str) -> str:
    """Return `text` as it may be shown and written: without credentials, and lone surrogates as escapes.

    >>> shown("https://me:hunter2@example.org/")
    'https://example.org/'
    """
    if text.isascii() and not ("://" in text or "?" in text or "&" in text):
        return text
    return public(text).encode(errors="backslashreplace").decode()


Shown = Annotated[str, AfterValidator(shown)]
"""A text out of a catalog that may be shown and written."""
