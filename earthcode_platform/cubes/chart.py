"""A picture of what is no map: a series as lines, a single value in words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.dimensions import BANDS, TIME, band_units, band_values, ordered
from earthcode_platform.cubes.lettering import EDGE, FAINT, GRID, INK, PAPER, ticks, wrapped

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray
    from PIL import ImageDraw

__all__ = ["draw_chart"]

_SIZE: Final = (960, 540)
_FRAME: Final = (96, 124, 924, 476)
"""Left, top, right and bottom of the area in which lines are drawn."""
_LINES: Final = ((47, 100, 142), (190, 41, 49), (41, 150, 100), (140, 90, 160), (200, 130, 20), (90, 90, 90))
"""Colours of the bands, in order; further ones begin anew."""
_APART: Final = 24
"""Pixels between two labels."""
_DOTS: Final = 60
"""Most values of a line that are marked by a dot each."""


def draw_chart(cube: xr.DataArray, path: Path, title: str) -> None:
    """Draw a cube in memory without x or y as a PNG of 960 by 540 pixels, each band as a line.

    The horizontal axis is time, or else the cube's first dimension; over other dimensions the mean is taken. Gaps stand
    for no data. A cube without any dimension is shown as numbers.

    Args:
        cube: A series, a profile or single values.
        path: The file to make or replace.
        title: The first line.
    """
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.new("RGB", _SIZE, PAPER)
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=22)
    for at, line in enumerate(wrapped(title, font, _SIZE[0] - 56)[:2]):
        draw.text((28, 18 + 28 * at), line, font=font, fill=INK)
    along = next((str(name) for name in ordered(cube).dims if name != BANDS), None)
    series = _series(cube, along)
    if along is None:
        _numbers(draw, cube, series[:, 0])
    else:
        ends = _low_high(series)
        _axes(draw, cube, along, ends)
        _lines(draw, series, _places(cube[along].values), ends)
        _key(draw, cube)
    with replacing(path) as temporary:
        canvas.save(temporary, format="PNG", compress_level=6)


def _series(cube: xr.DataArray, along: str | None) -> NDArray[np.float64]:
    """Return one row for each band, with the mean over all dimensions but the one the chart runs along."""
    banded = cube if BANDS in cube.dims else cube.expand_dims(BANDS)
    others = [name for name in banded.dims if name not in (BANDS, along)]
    kept = banded.astype("float64").mean(others, skipna=True) if others else banded.astype("float64")
    values: NDArray[np.float64] = kept.transpose(BANDS, *([along] if along else [])).values
    return values.reshape(values.shape[0], -1)


def _low_high(series: NDArray[np.float64]) -> tuple[float, float]:
    valid = series[np.isfinite(series)]
    low, high = (float(valid.min()), float(valid.max())) if valid.size else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _places(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return where labels lie between the first and the last, from 0 to 1: by their values, names evenly."""
    numbers = labels.astype("int64") if labels.dtype.kind == "M" else labels
    if numbers.dtype.kind not in "iuf" or len(set(numbers.tolist())) < len(numbers):
        numbers = np.arange(labels.size)
    exact: NDArray[np.float64] = numbers.astype("float64") - float(numbers[0])
    return exact / (float(exact[-1]) or 1.0)


def _lines(
    draw: ImageDraw.ImageDraw, series: NDArray[np.float64], places: NDArray[np.float64], ends: tuple[float, float]
) -> None:
    left, top, right, bottom = _FRAME
    draw.rectangle((left - 8, top - 8, right + 8, bottom + 8), outline=EDGE)
    columns = left + places * (right - left)
    for at, row in enumerate(series):
        colour = _LINES[at % len(_LINES)]
        heights = bottom - (row - ends[0]) / (ends[1] - ends[0]) * (bottom - top)
        points = [(float(x), float(y)) for x, y in zip(columns, heights, strict=True)]
        for one, other in pairwise(points):
            if np.isfinite(one[1]) and np.isfinite(other[1]):
                draw.line((*one, *other), fill=colour, width=2)
        for x, y in points if len(points) <= _DOTS else []:
            if np.isfinite(y):
                draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour)


def _axes(draw: ImageDraw.ImageDraw, cube: xr.DataArray, along: str, ends: tuple[float, float]) -> None:
    """Draw a line and a number at round values, and the labels below as far as they fit beside each other."""
    from PIL import ImageFont

    font = ImageFont.load_default(size=16)
    left, top, right, bottom = _FRAME
    for value in ticks(*ends):
        y = bottom - (value - ends[0]) / (ends[1] - ends[0]) * (bottom - top)
        draw.line((left - 8, y, right + 8, y), fill=GRID)
        draw.text((left - 16, y), f"{value:.10g}", font=font, fill=INK, anchor="rm")
    labels = cube[along].values
    until = 0.0
    for label, place in zip(labels, _places(labels), strict=True):
        text, x = _label(label), left + place * (right - left)
        half = draw.textlength(text, font=font) / 2
        middle = min(max(x, left + half - 8), right - half + 8)
        if not until or middle - half > until + _APART:
            draw.line((x, bottom + 8, x, bottom + 13), fill=EDGE)
            draw.text((middle, bottom + 18), text, font=font, fill=INK, anchor="ma")
            until = middle + half
    draw.text(((left + right) / 2, bottom + 40), "" if along == TIME else along, font=font, fill=FAINT, anchor="ma")


def _label(label: Any) -> str:  # noqa: ANN401 - a moment, a number or a name
    return str(np.datetime_as_string(label, unit="D")) if np.asarray(label).dtype.kind == "M" else str(label)


def _key(draw: ImageDraw.ImageDraw, cube: xr.DataArray) -> None:
    from PIL import ImageFont

    font, x = ImageFont.load_default(size=16), 28.0
    for at, (name, unit) in enumerate(zip(band_values(cube), band_units(cube), strict=True)):
        text = f"{name} ({unit})" if unit else name
        draw.text((x, 84), text, font=font, fill=_LINES[at % len(_LINES)])
        x += draw.textlength(text, font=font) + 24


def _numbers(draw: ImageDraw.ImageDraw, cube: xr.DataArray, values: NDArray[np.float64]) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size=34)
    for at, (name, unit, value) in enumerate(zip(band_values(cube), band_units(cube), values, strict=True)):
        draw.text((28, 96 + 48 * at), f"{name}  {value:.6g} {unit}".rstrip(), font=font, fill=INK)
