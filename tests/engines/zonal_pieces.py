"""Geometries in metres from the corner of a small cube, and which of its pixels they meet."""

from typing import Any

import numpy as np
import shapely
import xarray as xr
from cube_factories import ORIGIN, cube
from numpy.typing import NDArray
from process_calls import Parameters, callback

__all__ = [
    "COLUMNS",
    "ROWS",
    "Json",
    "collection",
    "identity",
    "on_ground",
    "point",
    "polygon",
    "sample",
    "square",
    "witness",
]

Json = dict[str, Any]
ROWS, COLUMNS = 6, 8


def on_ground(*corners: tuple[float, float]) -> list[list[float]]:
    """Return metres to the right of and below the cube's corner as coordinates."""
    return [[ORIGIN[0] + right, ORIGIN[1] - down] for right, down in corners]


def polygon(*corners: tuple[float, float]) -> Json:
    return {"type": "Polygon", "coordinates": [on_ground(*corners, corners[0])]}


def square(left: float, top: float, right: float, bottom: float) -> Json:
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def point(right: float, down: float) -> Json:
    return {"type": "Point", "coordinates": on_ground((right, down))[0]}


def collection(*shapes: Json | None, crs: int | None = 32633) -> Json:
    features = [
        {"type": "Feature", "id": f"f{at}", "properties": {"rank": at / 2}, "geometry": shape}
        for at, shape in enumerate(shapes)
    ]
    return {"type": "FeatureCollection", "features": features, **({"crs": crs} if crs else {})}


def sample() -> xr.DataArray:
    return cube(1 + np.arange(4.0 * ROWS * COLUMNS).reshape(2, 2, ROWS, COLUMNS), ("a", "b"))


def witness(made: xr.DataArray, shape: Json) -> NDArray[np.bool_]:
    """Return the pixels that a polygon meets: those whose centres it intersects."""
    area = shapely.make_valid(shapely.geometry.shape(shape))
    parts = shapely.union_all([part for part in shapely.get_parts(area) if part.geom_type.endswith("Polygon")])
    met: NDArray[np.bool_] = shapely.intersects(parts, shapely.points(*np.meshgrid(made["x"].values, made["y"].values)))
    return met


def identity() -> Any:  # noqa: ANN401 - a function
    return callback("add", x=Parameters("data"), y=0)
