"""A picture of a product: its first band, with a legend."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.chart import draw_chart
from earthcode_platform.cubes.dimensions import BANDS, TIME, TIME_END, TIME_START, X, Y, band_units, band_values
from earthcode_platform.cubes.extent import lonlat_bbox
from earthcode_platform.cubes.grid import grid_of, upright
from earthcode_platform.cubes.palette import AMOUNTS, DEVIATIONS, NODATA, colours
from earthcode_platform.cubes.slabs import slabs

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray
    from PIL import Image, ImageDraw, ImageFont

__all__ = ["draw_quicklook"]

_NARROWEST: Final = 800
_WIDEST: Final = 1600
_TALLEST: Final = 1200
_MARGIN: Final = 28
_LEGEND: Final = 380
"""Width of the legend's colour bar."""
_BAR: Final = 16
"""Height of the legend's colour bar."""
_INK: Final = (32, 36, 40)
_FAINT: Final = (104, 110, 116)
_EDGE: Final = (150, 155, 160)
_PAPER: Final = (255, 255, 255)
_SIDES: Final = (("W", "E"), ("W", "E"), ("S", "N"), ("S", "N"))
_STRETCH: Final = (2.0, 98.0)
"""Percentiles at the ends of the colour scale: a few extreme pixels must not grey out the rest."""
_CLASSES: Final = 12
"""So many whole numbers at most are taken for classes."""
_FEW: Final = 1024
"""Values that are looked at before all are."""
_BOTH_SIDES: Final = 0.1
"""Share of the larger deviation that the smaller must reach for zero to be the middle of the scale."""
_DEVIATIONS: Final = ("anomal", "deviation", "difference", "change", "trend")
"""Names that say: these are deviations, so zero is the middle whatever the data."""
_LOWEST: Final = 240
"""Height below which a wide map is drawn larger, as far as the width allows."""


@dataclass(frozen=True, slots=True)
class _Captions:
    title: str
    subtitle: str
    place: str
    unit: str


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    stops: NDArray[np.float64]

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


def draw_quicklook(cube: xr.DataArray, path: Path, title: str) -> None:
    """Draw the first band of a cube as a PNG, 800 to 1600 pixels wide; of several dates, their mean.

    What has no x or y becomes a chart (`draw_chart`).

    Colours run from the 2nd to the 98th percentile; over all values where these are a dozen whole numbers at most, such
    as classes: the rarest may be the one that matters. Data that fall well to both sides of zero, and those whose name
    says that they are deviations, are drawn in blue and red with white at zero. No-data is light grey. Above the map
    stand the title, the band, the dates and the place; below it the legend.

    Args:
        cube: A cube; a map has x, y and a CRS, and is read by rows if it is lazy.
        path: The file to make or replace.
        title: The first line.
    """
    if X not in cube.dims or Y not in cube.dims:
        draw_chart(cube, path, title)
        return
    cube = upright(cube)
    layer = _layer(cube)
    deviations = any(word in f"{band_values(cube)[0]} {title}".lower() for word in _DEVIATIONS)
    scale = _scale(layer, deviations=deviations)
    captions = _Captions(title, _subtitle(cube), _place(cube), band_units(cube)[0])
    canvas = _compose(_map(layer, scale), scale, captions)
    with replacing(path) as temporary:
        # What a PNG's filters leave of a map repeats little beyond runs: a quarter of the time, and hardly larger.
        canvas.save(temporary, format="PNG", compress_type=zlib.Z_RLE)


def _layer(cube: xr.DataArray) -> NDArray[np.float64]:
    """Return the first band, averaged over time, and over whole blocks of pixels where there are far too many."""
    band = (cube.isel({BANDS: 0}) if BANDS in cube.dims else cube).transpose(..., Y, X)
    step = max(1, int(max(band.sizes[Y] / _TALLEST, band.sizes[X] / _WIDEST)))
    return np.concatenate([_smaller(slab, step) for slab in slabs(band, step)])


def _smaller(slab: NDArray[Any], step: int) -> NDArray[np.float64]:
    values = slab.astype("float64")
    dates = values.reshape(-1, *values.shape[-2:])
    # Of a single date the mean is the value itself; infinite ones are no data, as in a mean.
    layer = _mean(dates, (0,)) if len(dates) > 1 else np.where(np.isinf(dates[0]), np.nan, dates[0])
    if step == 1:
        return layer
    rows, columns = layer.shape
    padded = np.pad(layer, ((0, -rows % step), (0, -columns % step)), constant_values=np.nan)
    return _mean(padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step), (1, 3))


def _mean(values: NDArray[np.float64], axes: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the mean of the finite values; NaN where there is none."""
    finite = np.isfinite(values)
    count = finite.sum(axis=axes)
    total = np.sum(values, axis=axes, where=finite)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _scale(layer: NDArray[np.float64], *, deviations: bool) -> _Scale:
    valid = layer[np.isfinite(layer)]
    if not valid.size:
        return _Scale(0.0, 1.0, AMOUNTS)
    # Their order does not matter from here on, so they are not copied to be put in order.
    low, high = (float(edge) for edge in np.percentile(valid, _STRETCH, overwrite_input=True))
    if low == high or _are_classes(valid):
        low, high = float(valid.min()), float(valid.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    far = max(abs(low), abs(high))
    if deviations or (low < 0 < high and min(-low, high) > _BOTH_SIDES * far):
        return _Scale(-far, far, DEVIATIONS)
    return _Scale(low, high, AMOUNTS)


def _are_classes(valid: NDArray[np.float64]) -> bool:
    """Tell whether the values are a few whole numbers; a few of them mostly tell that they are not."""
    return all((part == np.rint(part)).all() for part in (valid[:_FEW], valid)) and np.unique(valid).size <= _CLASSES


def _map(layer: NDArray[np.float64], scale: _Scale) -> Image.Image:
    """Colour the layer and bring it to a readable size: whole multiples of a pixel when small, averages when large."""
    from PIL import Image

    rows, columns = layer.shape
    picture = Image.fromarray(colours(layer, scale.low, scale.high, scale.stops), "RGB")
    if columns > _WIDEST or rows > _TALLEST:
        shrink = min(_WIDEST / columns, _TALLEST / rows)
        size = max(1, round(columns * shrink)), max(1, round(rows * shrink))
        return picture.resize(size, Image.Resampling.BOX)
    times = max(-(-_NARROWEST // columns), min(-(-_LOWEST // rows), _WIDEST // columns))
    times = max(1, min(times, _TALLEST // rows))
    return picture.resize((columns * times, rows * times), Image.Resampling.NEAREST)


def _subtitle(cube: xr.DataArray) -> str:
    name = band_values(cube)[0]
    stamps = cube[TIME].values if TIME in cube.dims and cube[TIME].dtype.kind == "M" else None
    if stamps is None and TIME_START in cube.coords and TIME_END in cube.coords:
        stamps = np.array([cube[TIME_START].values, cube[TIME_END].values])
    if stamps is None or not stamps.size:
        return name
    first, last = (np.datetime_as_string(edge, unit="D") for edge in (stamps.min(), stamps.max()))
    dates = first if first == last else f"{first} to {last}"
    return f"{name}, mean of {dates}" if TIME in cube.dims and stamps.size > 1 else f"{name}, {dates}"


def _place(cube: xr.DataArray) -> str:
    """Return the box on the ground in words, with as many digits as its size needs."""
    grid = grid_of(cube)
    west, south, east, north = lonlat_bbox(grid.crs, grid.bbox)
    size = min((east - west) % 360 or 360, north - south)
    digits = max(0, min(4, 1 - int(np.floor(np.log10(size)))))
    edges = [
        f"{abs(edge):.{digits}f}°{_side(edge, names)}"
        for edge, names in zip((west, east, south, north), _SIDES, strict=True)
    ]
    return f"{edges[0]} to {edges[1]}, {edges[2]} to {edges[3]}"


def _side(edge: float, names: tuple[str, str]) -> str:
    return names[0] if edge < 0 else names[1] if edge > 0 else ""


def _compose(picture: Image.Image, scale: _Scale, captions: _Captions) -> Image.Image:
    from PIL import Image, ImageDraw, ImageFont

    large, small = ImageFont.load_default(size=26), ImageFont.load_default(size=17)
    width = max(picture.width, _NARROWEST) + 2 * _MARGIN
    lines = _wrapped(captions.title, large, width - 2 * _MARGIN)
    top = _MARGIN + 34 * len(lines) + 34
    canvas = Image.new("RGB", (width, top + picture.height + 96), _PAPER)
    draw = ImageDraw.Draw(canvas)
    for number, line in enumerate(lines):
        draw.text((_MARGIN, _MARGIN - 6 + 34 * number), line, font=large, fill=_INK)
    draw.text((_MARGIN, top - 36), captions.subtitle, font=small, fill=_FAINT)
    if small.getlength(captions.subtitle) + small.getlength(captions.place) + 3 * _MARGIN < width:
        draw.text((width - _MARGIN, top - 36), captions.place, font=small, fill=_FAINT, anchor="ra")
    left = (width - picture.width) // 2
    draw.rectangle((left - 1, top - 1, left + picture.width, top + picture.height), outline=_EDGE)
    canvas.paste(picture, (left, top))
    _legend(draw, canvas, scale, captions.unit, (_MARGIN, top + picture.height + 22), small)
    return canvas


def _wrapped(text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _legend(
    draw: ImageDraw.ImageDraw,
    canvas: Image.Image,
    scale: _Scale,
    unit: str,
    corner: tuple[int, int],
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    from PIL import Image

    left, top = corner
    ramp = np.linspace(scale.low, scale.high, _LEGEND)[np.newaxis].repeat(_BAR, axis=0)
    canvas.paste(Image.fromarray(colours(ramp, scale.low, scale.high, scale.stops), "RGB"), corner)
    draw.rectangle((left - 1, top - 1, left + _LEGEND, top + _BAR), outline=_EDGE)
    labels = _labels(scale)
    for at, anchor, label in zip((0, _LEGEND // 2, _LEGEND - 1), ("la", "ma", "ra"), labels, strict=True):
        draw.line((left + at, top + _BAR, left + at, top + _BAR + 5), fill=_EDGE)
        draw.text((left + at, top + _BAR + 9), label, font=font, fill=_INK, anchor=anchor)
    if unit:
        draw.text((left + _LEGEND + 14, top + _BAR / 2), unit, font=font, fill=_INK, anchor="lm")
    right = canvas.width - _MARGIN
    draw.text((right, top + _BAR / 2), "no data", font=font, fill=_FAINT, anchor="rm")
    swatch = right - int(draw.textlength("no data", font=font)) - 30
    draw.rectangle((swatch, top, swatch + 20, top + _BAR), fill=NODATA, outline=_EDGE)


def _labels(scale: _Scale) -> list[str]:
    """Return the ends and the middle with as many digits as it takes to tell them apart."""
    step = (scale.high - scale.low) / 2
    digits = max(0, min(6, 1 - int(np.floor(np.log10(step)))))
    numbers = (scale.low, scale.middle, scale.high)
    if max(abs(number) for number in numbers) >= 1e6 or step < 1e-6:  # noqa: PLR2004 - beyond these a label would be too long
        return [f"{number:.3g}" for number in numbers]
    return [f"{number:.{digits}f}" for number in numbers]
