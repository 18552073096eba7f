"""Cubes with the dimensions of a result that cannot be computed: what is certain of it nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import xarray as xr

from earthcode_platform.cubes.dimensions import BANDS
from earthcode_platform.cubes.probe import probe
from earthcode_platform.engines.openeo.executor import called
from earthcode_platform.engines.openeo.shapes import require_dimension, temporal_dimension
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.engines.openeo.registry import Process
    from earthcode_platform.engines.openeo.session import Session

__all__ = ["LOADERS", "stand_in", "unreadable"]

LOADERS: Final = {"load_stac": "url", "load_collection": "id"}
"""Processes that read an input, and the argument that names it."""
_SAME: Final = frozenset(
    {
        "aggregate_spatial_window",
        "aggregate_temporal",
        "aggregate_temporal_period",
        "anomaly",
        "apply",
        "climatological_normal",
        "filter_bands",
        "filter_bbox",
        "filter_labels",
        "filter_spatial",
        "filter_temporal",
        "mask",
        "mask_polygon",
        "rename_labels",
        "resample_cube_spatial",
        "resample_cube_temporal",
        "resample_spatial",
        "save_result",
    }
)
"""Processes whose result has the dimensions of their argument `data`."""
_TEMPORAL: Final = frozenset({"aggregate_temporal", "aggregate_temporal_period", "filter_temporal"})


def stand_in(
    process: Process, sound: Mapping[str, object], given: Mapping[str, object], session: Session
) -> xr.DataArray | None:
    """Return a cube with the dimensions of what the process would give; None if they are not certain.

    Args:
        process: The process.
        sound: The arguments that can be used, by name.
        given: All arguments, by name.
        session: What the run would share.

    Raises:
        ExecutionError: A dimension that an argument names is not there.
        InputError: The input cannot be loaded at all.
    """
    if process.id in LOADERS:
        source = LOADERS[process.id]
        loaded = called(process, {source: sound[source]}, session) if source in sound else None
        return loaded if isinstance(loaded, xr.DataArray) else None
    data = sound.get("data")
    if not isinstance(data, xr.DataArray):
        return None
    named = next((sound[name] for name in ("dimension", "name", "source") if isinstance(sound.get(name), str)), None)
    if process.id in _SAME:
        _require(process, data, named)
        return data
    if process.id in ("reduce_dimension", "drop_dimension") and isinstance(named, str):
        require_dimension(data, named)
        return data.isel({named: 0}, drop=True)
    if process.id == "ndvi" and given.get("target_band") is None and BANDS in data.dims:
        return data.isel({BANDS: 0}, drop=True)
    return None


def _require(process: Process, data: xr.DataArray, named: object) -> None:
    if process.id in _TEMPORAL:
        temporal_dimension(data, named if isinstance(named, str) else None)
    elif process.id in ("filter_labels", "rename_labels") and isinstance(named, str):
        require_dimension(data, named)


def unreadable(session: Session, reference: object) -> bool:
    """Tell whether a file of an input cannot be opened: that is the input's fault, and the inputs gate reports it."""
    try:
        pinned = session.input(reference)
    except InputError:
        return False
    try:
        for asset in pinned.assets:
            probe(asset)
    except (InputError, UnavailableError):
        return True
    return False
