"""What the pictures have in common: inks, lines of text that fit, and numbers along an axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import ImageFont

__all__ = ["EDGE", "FAINT", "GRID", "INK", "PAPER", "ticks", "wrapped"]

INK: Final = (32, 36, 40)
FAINT: Final = (92, 98, 104)
EDGE: Final = (150, 155, 160)
GRID: Final = (222, 225, 228)
PAPER: Final = (255, 255, 255)

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


def wrapped(text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return `text` in lines of at most `width` pixels; a single longer word keeps its line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def ticks(low: float, high: float, most: int = 6, steps: tuple[float, ...] = _STEPS) -> list[float]:
    """Return round numbers from `low` to `high`, at most `most`: multiples of 1, 2, 2.5 or 5 times a power of ten.

    >>> ticks(0.13, 0.87)
    [0.2, 0.4, 0.6, 0.8]
    """
    width = (high - low) / most
    power = 10.0 ** math.floor(math.log10(width))
    step = next((power * one for one in steps if power * one >= width), power * steps[-1])
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]
