"""Texts in lines of at most 100 columns; an address is never broken, so that it can be copied."""

import textwrap
from typing import Final

__all__ = ["paragraph", "shortened"]

_WIDTH: Final = 100


def paragraph(text: str, *, indent: int = 0, first: str = "") -> list[str]:
    """Return `text` in lines.

    Args:
        text: The text.
        indent: Columns before every line but the first.
        first: What stands before the first line.
    """
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=True,
    ) or [first]


def shortened(text: str, width: int) -> str:
    """Return the first words of `text` on one line, with an ellipsis if there are more."""
    return textwrap.shorten(text, width, placeholder=" …")
