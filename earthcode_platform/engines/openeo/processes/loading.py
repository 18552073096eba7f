"""Inputs as cubes. A graph reads the experiment's inputs and nothing else: what is not pinned cannot be repeated."""

from collections.abc import Sequence

import numpy as np

from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.stac import Item, mapping
from earthcode_platform.cubes.window import in_box
from earthcode_platform.engines.openeo.allowed import Interval
from earthcode_platform.engines.openeo.along import Cube, Value
from earthcode_platform.engines.openeo.callbacks import LabelCondition
from earthcode_platform.engines.openeo.extents import box_of, interval
from earthcode_platform.engines.openeo.geometries import Geometries
from earthcode_platform.engines.openeo.heritage import with_heritage
from earthcode_platform.engines.openeo.missing import require_dates
from earthcode_platform.engines.openeo.processes.filters import filter_temporal
from earthcode_platform.engines.openeo.processes.vectors import filter_spatial
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.engines.openeo.spatial_extents import Extent, is_geojson
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.pinned import PinnedInput

__all__ = ["load_collection", "load_result", "load_stac", "load_uploaded_files"]


def load_stac(
    session: Session,
    url: str | PinnedInput,
    spatial_extent: Extent | None = None,
    temporal_extent: Interval | None = None,
    bands: Sequence[str] | None = None,
    properties: dict[str, LabelCondition] | None = None,
) -> Cube:
    """Return an input of the experiment as a cube: `url` is a parameter that names it, or its href.

    Scale and offset of the items are applied; no-data is NaN. The spatial extent is a bounding box, also across the
    antimeridian, or polygons: pixels whose centres lie in none of them are no-data. The end of the temporal extent is
    no part of it. Bands are named by their own names or common names; a common name stands for every band that has it.
    Conditions on properties choose whole items.

    Raises:
        UnknownNameError: It is no input of the experiment, or there is no such band.
        ExecutionError: An extent is no extent, or nothing lies in it.
        InputError: The files do not make one cube.
    """
    conditions = properties or {}

    def keep(item: Item) -> bool:
        values = mapping(item.content, "properties")
        return all(condition(value=values.get(name), context=None) is True for name, condition in conditions.items())

    window = interval(temporal_extent) if temporal_extent is not None else None

    def wanted(item: Item) -> bool:
        return keep(item) and (window is None or _meets(item, window))

    items: list[Item] = []

    def kept(item: Item) -> bool:
        chosen = wanted(item)
        items.extend([item] if chosen else [])
        return chosen

    cube = load(session.input(url), None if bands is None else list(bands), keep=kept)
    cube = with_heritage(cube, items)
    if temporal_extent is not None:
        inside = filter_temporal(cube, temporal_extent)
        require_dates(cube, inside, temporal_extent)
        cube = inside
    return cube if spatial_extent is None else _inside(cube, spatial_extent)


def _inside(cube: Cube, extent: dict[str, object] | Geometries | Cube) -> Cube:
    if not is_geojson(extent):
        return in_box(cube, *box_of(extent))
    part = filter_spatial(cube, extent)
    if not part.size:
        raise ExecutionError(
            "NoDataAvailable: no pixel of the data lies in the polygons of the spatial extent.",
            remedy="Choose polygons that meet the data; GeoJSON is in longitudes and latitudes.",
        )
    return part


def load_collection(
    session: Session,
    id_: str | PinnedInput,
    spatial_extent: Extent | None = None,
    temporal_extent: Interval | None = None,
    bands: Sequence[str] | None = None,
    properties: dict[str, LabelCondition] | None = None,
) -> Cube:
    """Return an input of the experiment as a cube: `id` is its name in `experiment.yaml`. Otherwise as `load_stac`.

    Raises:
        UnknownNameError: It is no input of the experiment, or there is no such band.
        ExecutionError: An extent is no extent, or nothing lies in it.
        InputError: The files do not make one cube.
    """
    return load_stac(session, id_, spatial_extent, temporal_extent, bands, properties)


def load_uploaded_files(paths: Sequence[str], format_: str, options: dict[str, Value] | None = None) -> Cube:
    """Refuse files of a user's space: there is none here, and what is not pinned cannot be repeated.

    Raises:
        ExecutionError: Always (FileNotFound).
    """
    _ = format_, options
    named = ", ".join(map(repr, paths)) or "they"
    raise ExecutionError(
        f"FileNotFound: {named} cannot be loaded, for nothing is uploaded to this platform.",
        remedy="Describe the files by a STAC item, declare it under inputs in experiment.yaml, and use load_stac.",
    )


def load_result(
    id_: str,
    spatial_extent: Extent | None = None,
    temporal_extent: Interval | None = None,
    bands: Sequence[str] | None = None,
) -> Cube:
    """Refuse the result of another job: there are none here.

    Raises:
        ExecutionError: Always (JobNotFound).
    """
    _ = spatial_extent, temporal_extent, bands
    raise ExecutionError(
        f"JobNotFound: the result {id_!r} cannot be loaded, for this platform keeps products, not jobs.",
        remedy="Declare the STAC item or collection of the product under inputs in experiment.yaml, and use load_stac.",
    )


def _meets(item: Item, window: tuple[np.datetime64 | None, np.datetime64 | None]) -> bool:
    """Tell whether an item may hold a date of the window; the exact choice is made on the dates themselves."""
    start, end = (np.datetime64(moment.replace(tzinfo=None), "ns") for moment in (item.start, item.end))
    return bool((window[1] is None or start < window[1]) and (window[0] is None or end >= window[0]))
