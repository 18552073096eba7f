"""Downloaded results as cubes: the back-end's values, to be written in the platform's layout."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.dimensions import BANDS, SPATIAL, TIME, TIME_END, TIME_START
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.errors import ExecutionError, InputError, RefusedError
from earthcode_platform.models.experiment import InputReference

if TYPE_CHECKING:
    import xarray as xr

    from earthcode_platform.engines.remote_openeo.results import Downloaded, Results

__all__ = ["cube_of"]

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of a file without dates of which nobody says when it is; it is not kept."""


def cube_of(one: Downloaded, results: Results) -> xr.DataArray:
    """Return a result as a cube in memory, with the span of time that the back-end gives it where it has no dates.

    Args:
        one: The file.
        results: What the back-end says of all of them.

    Raises:
        ExecutionError: It cannot be read as a cube.
    """
    span = _coverage(results.document, one.wanted.key)
    cube = _read(one, span[0] if span else _UNKNOWN)
    if span is None or TIME in cube.dims:
        return cube
    moments = dict(zip((TIME_START, TIME_END), span, strict=True))
    return cube.assign_coords({name: np.datetime64(at.replace(tzinfo=None), "ns") for name, at in moments.items()})


def _read(one: Downloaded, moment: datetime) -> xr.DataArray:
    """Return the values; a NetCDF file may lay them out by any of the CF conventions."""
    try:
        cube = reopen(one.path)
    except InputError as error:
        if one.wanted.form is not Container.NETCDF:
            raise ExecutionError(error.message, where=f"result {one.wanted.key!r}", remedy=error.remedy) from None
    else:
        if one.wanted.form is not Container.NETCDF or {*cube.dims} <= {TIME, BANDS, *SPATIAL}:
            return cube
    try:
        cube = load(pin_input("result", InputReference(href=_item(one, moment)), one.path.parent)).compute()
    except (InputError, RefusedError) as error:
        raise ExecutionError(
            f"it cannot be read as a cube: {error.message}",
            where=f"result {one.wanted.key!r}",
            remedy="Let the graph save GTiff, or tell the provider.",
        ) from None
    return cube.isel({TIME: 0}, drop=True) if cube.sizes.get(TIME) == 1 else cube


def _item(one: Downloaded, moment: datetime) -> str:
    """Write a STAC item for a file beside it, and return the item's name: what reads inputs reads it then."""
    path = one.path.with_suffix(".json")
    asset = {"href": f"./{one.path.name}", "type": "application/x-netcdf", "roles": ["data"]}
    content: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": one.path.stem,
        "geometry": None,
        "properties": {"datetime": moment.isoformat().replace("+00:00", "Z")},
        "links": [],
        "assets": {"data": asset},
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path.name


def _coverage(document: dict[str, Any], key: str) -> tuple[datetime, datetime] | None:
    """Return the span of time of a result, as its asset, or the job's item or collection, says; None if none does."""
    assets, properties, extent = (document.get(name) for name in ("assets", "properties", "extent"))
    asset = assets.get(key) if isinstance(assets, dict) else None
    for source in (asset, properties):
        found = _span(source) if isinstance(source, dict) else None
        if found:
            return found
    try:
        first, last = extent["temporal"]["interval"][0]  # type: ignore[index] # whatever it is, it is tried
        return _moment(first), _moment(last)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _span(held: dict[str, Any]) -> tuple[datetime, datetime] | None:
    try:
        if held.get("start_datetime") and held.get("end_datetime"):
            return _moment(held["start_datetime"]), _moment(held["end_datetime"])
        return (_moment(held["datetime"]),) * 2
    except (KeyError, TypeError, ValueError):
        return None


def _moment(text: object) -> datetime:
    if not isinstance(text, str):
        raise TypeError(text)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
