"""YAML whose aliases, written out, come to an end: a few lines can hold billions of values, or themselves."""

from __future__ import annotations

from typing import Final

__all__ = ["LARGEST_VALUES", "is_bounded"]

LARGEST_VALUES: Final = 200_000
"""How many values a document may hold with its aliases written out."""


def is_bounded(content: object) -> bool:
    """Tell whether a document that was read holds no more values than it may."""
    waiting, number = [content], 1
    while waiting:
        value = waiting.pop()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        number += len(inner)
        if number > LARGEST_VALUES:
            return False
        waiting += inner
    return True
