"""Do the pixels of a product lie where its description and its inputs say?"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.axes import axis_of
from earthcode_platform.cubes.band_blocks import opened_raster
from earthcode_platform.cubes.crs import crs_from_grid_mapping, crs_name, is_geographic
from earthcode_platform.cubes.dimensions import X, Y
from earthcode_platform.cubes.extent import intersects
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.gates.product.finding import finding
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.run import Grid, ProducedFile
from earthcode_platform.models.window import BBox

__all__ = ["check_ground", "check_place"]

_TOLERANCE: Final = 1e-3
"""Part of a pixel by which corners may differ."""
_POLE: Final = 90.0
_MEND: Final = "Look at the CRS and the order of axes in the step that wrote it."


def check_ground(produced: ProducedFile, inputs: Sequence[BBox], where: str) -> Iterator[Finding]:
    """Yield a finding if a product on a grid lies where none of the inputs does: its CRS or its axes are wrong.

    Args:
        produced: The file, as it was described.
        inputs: Boxes of the inputs in degrees; without any nothing is compared.
        where: What findings name.
    """
    if produced.grid is None or not inputs or any(intersects(produced.bbox, box) for box in inputs):
        return
    shown = ", ".join(str([round(edge, 4) for edge in box]) for box in inputs[:3])
    message = f"it lies at {[round(edge, 4) for edge in produced.bbox]} degrees, and the inputs at {shown}."
    yield finding("elsewhere", where, message, _MEND)


def check_place(produced: ProducedFile, where: str) -> Iterator[Finding]:
    """Yield how CRS, shape and transform of a file differ from those it was described with.

    Raises:
        InputError: The file cannot be opened.
    """
    if produced.grid is None:
        return
    form = container(produced.path, None)
    found = _of_raster(Path(produced.path)) if form is Container.RASTER else _of_arrays(produced, form)
    if found is None:
        message = f"none of its variables lies on a grid of x and y, but it was described with {produced.grid.shape}."
        yield finding("grid-differs", where, message, _MEND)
        return
    crs, shape, transform = found
    if crs != produced.grid.crs:
        message = f"its CRS is {crs[:80] or 'missing'}, but {produced.grid.crs[:80]} was recorded."
        yield finding("crs-differs", where, message, _MEND)
    if shape != produced.grid.shape:
        message = f"it has {shape[0]} rows and {shape[1]} columns, but {list(produced.grid.shape)} was recorded."
        yield finding("grid-differs", where, message, _MEND)
    elif not _same(transform, produced.grid):
        message = f"its transform is {list(transform)}, but {list(produced.grid.transform)} was recorded."
        yield finding("grid-differs", where, message, _MEND)
    if crs and is_geographic(crs):
        south, north = sorted((transform[5], transform[5] + transform[4] * shape[0]))
        if south < -_POLE - abs(transform[4]) or north > _POLE + abs(transform[4]):
            message = f"its latitudes run from {south:g} to {north:g} degrees: they are longitudes."
            yield finding("axes-swapped", where, message, _MEND)


_Place = tuple[str, tuple[int, int], tuple[float, ...]]
"""CRS, shape and transform; the CRS is empty if there is none."""


def _of_raster(path: Path) -> _Place:
    with opened_raster(str(path)) as opened:
        crs = crs_name(opened.crs.to_wkt()) if opened.crs else ""
        return crs, opened.shape, tuple(opened.transform)[:6]


def _of_arrays(produced: ProducedFile, form: Container | None) -> _Place | None:
    """Return the place of the first variable on a grid, from the coordinates of its dimensions as they stand."""
    with open_gridded(produced.path, form or Container.NETCDF) as opened:
        for name, variable in opened.data_vars.items():
            if str(name) not in produced.bands:
                continue
            axes = {axis_of(str(dim), opened.coords.get(dim)): str(dim) for dim in variable.dims}
            if not {X, Y} <= axes.keys():
                continue
            x, y = (opened.coords[axes[part]].values.astype("float64") for part in (X, Y))
            mapping = opened.coords.get(str(variable.encoding.get("grid_mapping", "")))
            crs = crs_from_grid_mapping(mapping.attrs) if mapping is not None else ""
            steps = [float(one[-1] - one[0]) / (one.size - 1) if one.size > 1 else None for one in (x, y)]
            known = produced.grid.transform if produced.grid else (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
            dx, dy = steps[0] or known[0], steps[1] or known[4]
            return crs, (y.size, x.size), (dx, 0.0, float(x[0]) - dx / 2, 0.0, dy, float(y[0]) - dy / 2)
    return None


def _same(transform: Sequence[float], grid: Grid) -> bool:
    """Tell whether two transforms put the corners of the raster at the same places, rows and columns either way up."""
    rows, columns = grid.shape
    found = _edges(transform, rows, columns)
    known = _edges(grid.transform, rows, columns)
    slack = [_TOLERANCE * abs(grid.transform[at]) for at in (0, 0, 4, 4)]
    return all(abs(one - other) <= near for one, other, near in zip(found, known, slack, strict=True))


def _edges(transform: Sequence[float], rows: int, columns: int) -> list[float]:
    across = (transform[2], transform[2] + transform[0] * columns)
    down = (transform[5], transform[5] + transform[4] * rows)
    return [min(across), max(across), min(down), max(down)]
