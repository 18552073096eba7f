"""Where the pixels of raster files fall on the pixels of a grid, for files that need no interpolation to lie on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from earthcode_platform.cubes.wanted import WantedItem

__all__ = ["Lattice", "Place", "declared_lattice", "place_of", "shared_lattice"]

_CRS_FIELDS: Final = ("proj:code", "proj:epsg", "proj:wkt2", "proj:projjson")
_SLACK: Final = 0.01
"""Part of a grid's pixel by which a file may lie beside it: items round their numbers."""
_NUMBERS: Final = 6


@dataclass(frozen=True, slots=True)
class Lattice:
    """Rows and columns of square-cut pixels: a CRS, a shape and a transform without rotation."""

    crs: str
    """`EPSG:<code>` or WKT2."""
    shape: tuple[int, int]
    """Rows and columns."""
    transform: tuple[float, ...]
    """Affine transform from column and row to the CRS, row-major, six numbers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the first pixel of a file lies on a grid, and how many of the grid's pixels each of its pixels covers."""

    row: int
    column: int
    rows_each: int
    columns_each: int


def place_of(transform: Sequence[float], shape: tuple[int, int], lattice: Lattice) -> Place | None:
    """Return where a raster lies on a grid of the same CRS; None if it would have to be interpolated.

    Args:
        transform: Its affine transform, six numbers.
        shape: Its rows and columns.
        lattice: The grid.
    """
    a, b, c, d, e, f = transform[:_NUMBERS]
    own_a, own_b, own_c, own_d, own_e, own_f = lattice.transform
    if b or d or own_b or own_d or a * own_a <= 0 or e * own_e <= 0:
        return None
    down = _aligned((f - own_f) / own_e, e / own_e, shape[0])
    across = _aligned((c - own_c) / own_a, a / own_a, shape[1])
    if down is None or across is None:
        return None
    return Place(row=down[0], column=across[0], rows_each=down[1], columns_each=across[1])


def _aligned(begins: float, each: float, count: int) -> tuple[int, int] | None:
    """Return the whole numbers that the first pixel and the size of pixels are, within the slack over all of them."""
    first, size = round(begins), round(each)
    if size < 1 or abs(begins - first) > _SLACK or abs(each - size) * count > _SLACK:
        return None
    return first, size


def declared_lattice(projection: Mapping[str, Any]) -> Lattice | None:
    """Return the grid that STAC's projection extension describes; None if its fields do not name one CRS."""
    names = {_named(json.dumps(projection[field])) for field in _CRS_FIELDS if projection.get(field) is not None}
    shape, transform = projection.get("proj:shape"), projection.get("proj:transform")
    if len(names) != 1 or not isinstance(shape, list) or not isinstance(transform, list):
        return None
    (name,) = names
    if not name or len(shape) != 2 or len(transform) < _NUMBERS:  # noqa: PLR2004 - rows and columns
        return None
    return Lattice(name, (int(shape[0]), int(shape[1])), tuple(float(number) for number in transform[:_NUMBERS]))


@lru_cache(maxsize=256)
def _named(crs: str) -> str:
    value = json.loads(crs)
    try:
        return crs_name(f"EPSG:{value}" if isinstance(value, int) else value)
    except InputError:
        return ""


def shared_lattice(items: Iterable[WantedItem]) -> Lattice | None:
    """Return the finest grid of each item if that is the same for all of them, else None."""
    finest = set()
    for item in items:
        lattices = {declared_lattice(band.projection) for band in item.bands if band is not None}
        known = [lattice for lattice in lattices if lattice is not None]
        if len(known) < len(lattices):
            return None
        if known:
            sizes = sorted(
                (min(abs(one.transform[0]), abs(one.transform[4])), one.transform, one.shape) for one in known
            )
            best = [one for one in known if (one.transform, one.shape) == sizes[0][1:]]
            tied = [size for size in sizes if size[0] == sizes[0][0]]
            if len(best) > 1 or len(tied) > 1:
                return None
            finest.add(best[0])
    return finest.pop() if len(finest) == 1 else None
