"""Cubes without x and y as tables: a row for each geometry and label, a column for each band.

Columns are, in this order: `feature_index`, the place of the geometry from 0; `feature_id`, where one has an id; the
properties of the geometries; a column for each other dimension; the bands, or `value` where there are none; `geometry`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, band_values, ordered
from earthcode_platform.cubes.features import GEOMETRY, LONLAT, features_of, is_table, is_vector
from earthcode_platform.errors import InputError, MissingExtraError
from earthcode_platform.models.experiment import ProductFormat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr
    from numpy.typing import NDArray
    from shapely import Geometry

    from earthcode_platform.cubes.features import Feature

__all__ = ["INDEX", "TABLES", "Cell", "Table", "property_columns", "require_table", "table_of"]

TABLES: Final = frozenset({ProductFormat.CSV, ProductFormat.GEOJSON, ProductFormat.PARQUET})
"""The formats that hold tables."""
INDEX: Final = "feature_index"
"""Column that tells which rows are of one geometry."""
_ID: Final = "feature_id"
Cell: TypeAlias = str | int | float | bool | None
"""What stands in a field; moments are texts (RFC 3339)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, and perhaps a geometry for each row."""

    columns: dict[str, list[Cell]]
    """The columns by name, in order; geometries are none of them."""
    bands: tuple[str, ...] = ()
    """Those that hold the values of bands."""
    shapes: tuple[Geometry, ...] | None = None
    """The geometry of each row; None if there are none."""
    crs: str = LONLAT
    """Their reference system."""

    @property
    def size(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.columns.values()), []))

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows in order."""
        yield from zip(*self.columns.values(), strict=True)


def require_table(cube: xr.DataArray, form: ProductFormat, where: str) -> None:
    """Check that a format of tables can hold a cube; its values are not computed for that.

    Raises:
        InputError: It cannot; the message says what to do.
        MissingExtraError: It is Parquet, and the extra `parquet` is not installed.
    """
    if not is_table(cube):
        held = ", ".join(map(str, cube.dims))
        raise InputError(
            f"the cube has the dimensions {held}, and {form.value} holds no pixels.",
            where=where,
            remedy="Aggregate it over geometries (aggregate_spatial), or choose COG, NetCDF or Zarr.",
        )
    if form is not ProductFormat.CSV and not is_vector(cube):
        held = ", ".join(map(str, cube.dims)) or "a single value"
        raise InputError(
            f"the cube has no geometries, only {held}, and {form.value} holds geometries.",
            where=where,
            remedy="Choose CSV or NetCDF, which hold series, or make it with aggregate_spatial.",
        )
    if form is ProductFormat.PARQUET:
        _require_pyarrow()
    empty = next((str(name) for name, size in cube.sizes.items() if not size), None)
    if empty is not None:
        raise InputError(f"the cube has nothing along {empty!r}.", where=where, remedy="Widen the filters before it.")
    _require_columns(cube, where)


def _require_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401, ICN001 - whether it is there
    except ImportError:
        raise MissingExtraError.of("writing Parquet", "parquet") from None


def _require_columns(cube: xr.DataArray, where: str) -> None:
    names = [*_columns(cube), *band_values(cube), GEOMETRY]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise InputError(
            f"the table would have the column {twice!r} twice.",
            where=where,
            remedy="Rename bands (rename_labels), dimensions (rename_dimension), or properties of the geometries.",
        )


def _columns(cube: xr.DataArray) -> list[str]:
    """Return the names of the columns before the bands."""
    if not is_vector(cube):
        return _along(cube)
    features = features_of(cube)
    identified = [_ID] if any(feature.id is not None for feature in features) else []
    properties = dict.fromkeys(name for feature in features for name in feature.known)
    return [INDEX, *identified, *properties, *_along(cube)]


def _along(cube: xr.DataArray) -> list[str]:
    return [str(name) for name in ordered(cube).dims if name not in (BANDS, GEOMETRY)]


def table_of(cube: xr.DataArray, *, whole: bool = False) -> Table:
    """Return a cube in memory as a table; rows of one geometry stand together.

    Args:
        cube: A cube that `require_table` let pass, with values as files hold them.
        whole: Whether its values are whole numbers.
    """
    others = _along(cube)
    features = features_of(cube) if is_vector(cube) else ()
    leading = ([GEOMETRY] if features else []) + others
    flat = cube.transpose(*leading, *([BANDS] if BANDS in cube.dims else [])).values
    rows = flat.reshape(-1, cube.sizes.get(BANDS, 1))
    places = np.repeat(np.arange(max(1, len(features))), len(rows) // max(1, len(features))).tolist()
    labels = list(product(range(max(1, len(features))), *(_labels(cube, name) for name in others)))
    columns: dict[str, list[Cell]] = {}
    if features:
        columns |= _of_features(features, places)
    for at, name in enumerate(others, start=1):
        columns[name] = [label[at] for label in labels]
    bands = band_values(cube)
    columns |= {name: _numbers(rows[:, at], whole=whole) for at, name in enumerate(bands)}
    if not features:
        return Table(columns, bands)
    return Table(columns, bands, tuple(features[at].shape for at in places), features[0].crs)


def _of_features(features: Sequence[Feature], places: Sequence[int]) -> dict[str, list[Cell]]:
    columns: dict[str, list[Cell]] = {INDEX: list(places)}
    return columns | {name: [cells[at] for at in places] for name, cells in property_columns(features).items()}


def property_columns(features: Sequence[Feature]) -> dict[str, list[Cell]]:
    """Return what is known of features as columns: `feature_id`, where one has an id, and their properties."""
    known = [feature.known for feature in features]
    columns: dict[str, list[Cell]] = {}
    if any(feature.id is not None for feature in features):
        columns[_ID] = [feature.id for feature in features]
    names = dict.fromkeys(name for one in known for name in one)
    # A property of the name of a column is told by `require_table`.
    return columns | {name: [_cell(one.get(name)) for one in known] for name in names}


def _cell(value: object) -> Cell:
    """Return a property as a field; arrays and objects as JSON texts."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)


def _labels(cube: xr.DataArray, name: str) -> list[Cell]:
    if name not in cube.coords:
        return list(range(cube.sizes[name]))
    values = cube[name].values
    if values.dtype.kind == "M":
        return [f"{stamp}Z" for stamp in np.datetime_as_string(values, unit="s")]
    listed: list[Cell] = values.tolist()
    return listed


def _numbers(values: NDArray[np.floating], *, whole: bool) -> list[Cell]:
    """Return numbers in the shortest form that is read as the same, no-data as None."""
    if whole:
        return [None if np.isnan(one) else int(one) for one in values]
    narrow = values.dtype == np.float32
    return [None if np.isnan(one) else float(str(one)) if narrow else float(one) for one in values]
