"""A small picture of a large one, for lists of products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["draw_thumbnail", "light_copy"]

_SIDE: Final = 512
"""Pixels of the longer side (STAC best practices, asset roles: a thumbnail is below 600 by 600)."""
_COLOURS: Final = 128
_SURELY: Final = 0.75
"""Share of the size expected of a smaller picture, by its pixels, that it will have at least."""


def draw_thumbnail(picture: Path, path: Path) -> None:
    """Write the PNG `picture` again with 512 pixels on its longer side, and few colours.

    Raises:
        OSError: It is no picture, or cannot be written.
    """
    from PIL import Image

    with Image.open(picture) as opened:
        small = opened.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    with replacing(path) as temporary:
        small.quantize(_COLOURS, dither=Image.Dither.NONE).save(temporary, format="PNG", optimize=True)


def light_copy(picture: Path, largest: int) -> bytes:
    """Return a PNG of at most `largest` bytes, smaller in colours and then in pixels where it must be.

    Raises:
        OSError: It is no picture.
    """
    from io import BytesIO

    from PIL import Image

    content = picture.read_bytes()
    if len(content) <= largest:
        return content
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    while True:
        stream = BytesIO()
        image.quantize(_COLOURS, dither=Image.Dither.NONE).save(stream, format="PNG", optimize=True)
        if stream.tell() <= largest or max(image.size) <= _SIDE:
            return stream.getvalue()
        expected = stream.tell()
        # What would be far too large again is made smaller at once: choosing colours takes longest.
        while expected == stream.tell() or (expected * _SURELY > largest and max(image.size) > _SIDE):
            image = image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS)
            expected = expected * 9 // 16
