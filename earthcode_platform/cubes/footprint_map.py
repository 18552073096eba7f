"""A map of where a product lies: its box and those of its inputs on a grid of degrees, and the place on the globe.

There are no coastlines: none come with the libraries at hand, and nothing is fetched to draw a picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.lettering import EDGE, FAINT, GRID, INK, PAPER, ticks, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PIL import ImageDraw

    from earthcode_platform.models.window import BBox

__all__ = ["draw_footprint"]

_SIZE: Final = (960, 560)
_FRAME: Final = (72, 116, 632, 476)
"""Left, top, right and bottom of the map."""
_GLOBE: Final = (806, 286, 130)
"""Column and row of the globe's middle, and its radius."""
_MARGIN: Final = 28
_PRODUCT: Final = (196, 78, 24)
_PALE: Final = (240, 214, 199)
_INPUTS: Final = (31, 95, 160)
_GROUND: Final = (240, 244, 248)
_FINE: Final = 2
"""Times the picture is drawn larger, so that slanted lines come out smooth."""
_TURN: Final = 360.0
_DEGREES: Final = (1.0, 2.0, 5.0, 10.0)
_WIDE: Final = (1.0, 1.5, 3.0, 4.5, 6.0, 9.0)
"""Steps of lines more than ten degrees apart, in tens: parts of a quarter turn."""
_SMALLEST: Final = 1e-3
"""Degrees that a map spans at least."""
_REACH: Final = 20
"""Times the size of the product that the map reaches around it at most."""
_SHOWN: Final = 400
"""Boxes of inputs that are drawn; more would be one blot."""

_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Frame:
    """The part of the world that the map shows, and how it becomes pixels."""

    west: float
    south: float
    east: float
    north: float

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return column and row of a point; what lies outside comes to the edge."""
        left, top, right, bottom = _FRAME
        column = left + (longitude - self.west) / (self.east - self.west) * (right - left)
        row = bottom - (latitude - self.south) / (self.north - self.south) * (bottom - top)
        return min(max(column, left), right), min(max(row, top), bottom)

    @property
    def longitudes(self) -> list[float]:
        """The meridians that are drawn."""
        return _lines(self.west, self.east)

    @property
    def latitudes(self) -> list[float]:
        """The parallels that are drawn."""
        return _lines(max(self.south, -90.0), min(self.north, 90.0))


def _lines(low: float, high: float) -> list[float]:
    return ticks(low, high, steps=_WIDE if high - low > 6 * _DEGREES[-1] else _DEGREES)


def draw_footprint(product: BBox, inputs: Mapping[str, Sequence[BBox]], path: Path, title: str) -> None:
    """Draw a PNG of 960 by 560 pixels with the boxes of a product (filled) and of its inputs (outlines).

    Degrees of longitude are drawn shorter by the cosine of the latitude in the middle. Boxes across the antimeridian
    are drawn in one piece.

    Args:
        product: West, south, east, north in degrees, EPSG:4326.
        inputs: The boxes of the items of each input, by its name.
        path: The file to make or replace.
        title: The first line.
    """
    from PIL import Image, ImageDraw

    box = _unrolled(product, product[0])
    others = [_unrolled(one, box[0]) for boxes in inputs.values() for one in boxes][:_SHOWN]
    frame = _frame(box, others)
    fine = Image.new("RGB", (_FINE * _SIZE[0], _FINE * _SIZE[1]), PAPER)
    draw = ImageDraw.Draw(fine, "RGBA")
    _map(draw, frame, box, others)
    _globe(draw, box)
    canvas = fine.resize(_SIZE, Image.Resampling.LANCZOS)
    lettering = ImageDraw.Draw(canvas)
    _captions(lettering, box, title)
    _degrees(lettering, frame)
    _key(lettering, {name: len(boxes) for name, boxes in inputs.items()})
    with replacing(path) as temporary:
        canvas.save(temporary, format="PNG", optimize=True)


def _unrolled(box: BBox, near: float) -> _Box:
    """Return the box in one piece, its west within half a turn of `near`."""
    west, south, east, north = box
    east += _TURN * (east < west)
    turns = round((near - west) / _TURN) * _TURN
    return west + turns, south, east + turns, north


def _frame(box: _Box, others: Sequence[_Box]) -> _Frame:
    """Return what the map shows: all boxes with a margin, as far as the product stays to be seen."""
    reach = _REACH * max(box[2] - box[0], box[3] - box[1], _SMALLEST)
    edges = list(zip(box, *others, strict=True))
    west, south = max(min(edges[0]), box[0] - reach), max(min(edges[1]), box[1] - reach)
    east, north = min(max(edges[2]), box[2] + reach), min(max(edges[3]), box[3] + reach)
    left, top, right, bottom = _FRAME
    squeeze = max(0.05, math.cos(math.radians((south + north) / 2)))
    # Degrees of latitude a pixel, so that both directions fit with a tenth to spare on each side.
    step = 1.2 * max((east - west) * squeeze / (right - left), (north - south) / (bottom - top), _SMALLEST / 400)
    across, up = step * (right - left) / squeeze / 2, step * (bottom - top) / 2
    middle = (west + east) / 2, (south + north) / 2
    return _Frame(middle[0] - across, middle[1] - up, middle[0] + across, middle[1] + up)


def _map(draw: ImageDraw.ImageDraw, frame: _Frame, box: _Box, others: Sequence[_Box]) -> None:
    def corners(one: _Box) -> tuple[float, float, float, float]:
        left, top, right, bottom = (*frame.place(one[0], one[3]), *frame.place(one[2], one[1]))
        return _FINE * left, _FINE * top, _FINE * right, _FINE * bottom

    whole = (frame.west, frame.south, frame.east, frame.north)
    draw.rectangle(corners(whole), fill=_GROUND)
    for longitude in frame.longitudes:
        draw.line(corners((longitude, frame.south, longitude, frame.north)), fill=GRID, width=_FINE)
    for latitude in frame.latitudes:
        draw.line(corners((frame.west, latitude, frame.east, latitude)), fill=GRID, width=_FINE)
    for one in others:
        draw.rectangle(corners(one), outline=_INPUTS, width=_FINE)
    draw.rectangle(corners(box), fill=(*_PRODUCT, 70), outline=_PRODUCT, width=2 * _FINE)
    draw.rectangle(corners(whole), outline=EDGE, width=_FINE)


def _globe(draw: ImageDraw.ImageDraw, box: _Box) -> None:
    """Draw the half of the globe that faces the product, with a line each 30 degrees (orthographic projection)."""
    column, row, radius = (_FINE * part for part in _GLOBE)
    middle = math.radians((box[0] + box[2]) / 2), math.radians((box[1] + box[3]) / 2)
    draw.ellipse(
        (column - radius, row - radius, column + radius, row + radius), fill=_GROUND, outline=EDGE, width=_FINE
    )
    lines = [([(lon, lat) for lat in range(-90, 91, 3)], lon == 0) for lon in range(-180, 180, 30)]
    lines += [([(lon, lat) for lon in range(-180, 181, 3)], lat == 0) for lat in range(-60, 61, 30)]
    for points, main in lines:
        for one, other in pairwise(points):
            ends = [_projected(point, middle) for point in (one, other)]
            if None not in ends:
                flat = [part for end in ends if end for part in (column + radius * end[0], row - radius * end[1])]
                draw.line(flat, fill=FAINT if main else EDGE, width=_FINE if main else 1)
    edge = [end for point in _outline(box) if (end := _projected(point, middle))]
    shape = [(column + radius * x, row - radius * y) for x, y in edge]
    if len(shape) > 2:  # noqa: PLR2004 - an area has three corners
        draw.polygon(shape, fill=(*_PRODUCT, 110), outline=_PRODUCT)
    x, y = (sum(part) / len(shape) for part in zip(*shape, strict=True)) if shape else (column, row)
    ring = 7 * _FINE
    draw.ellipse((x - ring, y - ring, x + ring, y + ring), outline=_PRODUCT, width=2 * _FINE)


def _outline(box: _Box) -> list[tuple[float, float]]:
    west, south, east, north = box
    parts = [number / 24 for number in range(24)]
    lons, lats = [west + (east - west) * part for part in parts], [south + (north - south) * part for part in parts]
    return [
        *((lon, south) for lon in lons), *((east, lat) for lat in lats),
        *((east - (lon - west), north) for lon in lons), *((west, north - (lat - south)) for lat in lats),
    ]  # fmt: skip


def _projected(point: tuple[float, float], middle: tuple[float, float]) -> tuple[float, float] | None:
    """Return a point in degrees on a globe of radius 1 seen from above `middle` (radians); None behind its edge.

    Source: Snyder (1987), Map projections, equations 20-3, 20-4 and 5-3.
    """
    lon, lat = math.radians(point[0]) - middle[0], math.radians(point[1])
    if math.sin(middle[1]) * math.sin(lat) + math.cos(middle[1]) * math.cos(lat) * math.cos(lon) < -1e-9:  # noqa: PLR2004 - rounding
        return None
    x = math.cos(lat) * math.sin(lon)
    y = math.cos(middle[1]) * math.sin(lat) - math.sin(middle[1]) * math.cos(lat) * math.cos(lon)
    return x, y


def _captions(draw: ImageDraw.ImageDraw, box: _Box, title: str) -> None:
    from PIL import ImageFont

    large, small = ImageFont.load_default(size=22), ImageFont.load_default(size=15)
    for at, line in enumerate(wrapped(title, large, _SIZE[0] - 2 * _MARGIN)[:2]):
        draw.text((_MARGIN, 18 + 28 * at), line, font=large, fill=INK)
    west, south, east, north = box
    shown = f"{_longitude(west)} to {_longitude(east)}, {_latitude(south)} to {_latitude(north)}"
    draw.text((_MARGIN, 84), shown, font=small, fill=FAINT)


def _degrees(draw: ImageDraw.ImageDraw, frame: _Frame) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size=13)
    left, _, _, bottom = _FRAME
    for longitude in frame.longitudes:
        draw.text((frame.place(longitude, 0)[0], bottom + 6), _longitude(longitude), font=font, fill=FAINT, anchor="ma")
    for latitude in frame.latitudes:
        draw.text((left - 8, frame.place(0, latitude)[1]), _latitude(latitude), font=font, fill=FAINT, anchor="rm")


def _key(draw: ImageDraw.ImageDraw, inputs: Mapping[str, int]) -> None:
    """Say which box is which, with the number of items of each input."""
    from PIL import ImageFont

    font, row = ImageFont.load_default(size=15), _FRAME[3] + 48
    at = float(_FRAME[0])
    listed = ", ".join(f"{name} ({count})" for name, count in inputs.items() if count)
    for name, outline, fill in (("product", _PRODUCT, _PALE), (f"inputs: {listed}", _INPUTS, PAPER)):
        if name != "inputs: ":
            draw.rectangle((at, row - 8, at + 22, row + 8), outline=outline, fill=fill, width=2)
            text = next(iter(wrapped(name, font, _SIZE[0] - int(at) - 60)), "")
            draw.text((at + 30, row), text, font=font, fill=INK, anchor="lm")
            at += 30 + font.getlength(text) + 34


def _longitude(degrees: float) -> str:
    inside = -_TURN / 2 <= degrees <= _TURN / 2
    turned = degrees if inside else (degrees + _TURN / 2) % _TURN - _TURN / 2
    return f"{abs(turned):.6g}°{'W' if turned < 0 else 'E' if turned % (_TURN / 2) else ''}"


def _latitude(degrees: float) -> str:
    return f"{abs(degrees):.6g}°{'S' if degrees < 0 else 'N' if degrees > 0 else ''}"
