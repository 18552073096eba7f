"""Downloaded results as the files of the product: the back-end's values in the platform's layout."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.write import MEDIA_TYPES, SUFFIXES, write
from earthcode_platform.errors import ExecutionError, InputError, RefusedError
from earthcode_platform.models.experiment import InputReference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.engines.remote_openeo.results import Downloaded, Results
    from earthcode_platform.models.pinned import PinnedExperiment
    from earthcode_platform.models.run import ProducedFile

__all__ = ["write_product"]


def write_product(
    downloaded: Sequence[Downloaded], results: Results, pinned: PinnedExperiment, folder: Path
) -> tuple[ProducedFile, ...]:
    """Write each result below `folder` in the format of the product, and return the descriptions of these files.

    Values, bands, units and grid are the back-end's; layout and compression are those of a product made here, so that
    the two can be compared. The first file is named by the product's id; further ones have their number behind it.

    Raises:
        ExecutionError: A result cannot be read as a cube, does not fit the product's format, or holds no valid pixel.
    """
    product = pinned.experiment.product
    produced = []
    for number, one in enumerate(downloaded, start=1):
        start, end = _coverage(results.document, one.wanted.key, pinned)
        cube = _cube(one, start)
        if not np.isfinite(cube.values).any():
            raise ExecutionError(
                "the result holds no valid pixel.",
                where=f"result {one.wanted.key!r}",
                remedy="Look at the masks and windows of the workflow: everything was taken for no-data.",
            )
        name = product.id if number == 1 else f"{product.id}-{number}"
        path = folder / f"{name}{SUFFIXES[product.format]}"
        try:
            write(cube, path, product.format, product.title)
        except InputError as error:
            raise ExecutionError(error.message, where=f"result {one.wanted.key!r}", remedy=error.remedy) from None
        title = product.title if len(downloaded) == 1 else f"{product.title}, part {number}"
        produced.append(describe(path, title, MEDIA_TYPES[product.format], start, end))
    return tuple(produced)


def _cube(one: Downloaded, moment: datetime) -> xr.DataArray:
    """Return a result as a cube in memory; a NetCDF file may lay it out by any of the CF conventions."""
    try:
        return reopen(one.path)
    except InputError as error:
        if one.wanted.form is not Container.NETCDF:
            raise ExecutionError(error.message, where=f"result {one.wanted.key!r}", remedy=error.remedy) from None
    try:
        cube = load(pin_input("result", InputReference(href=_item(one, moment)), one.path.parent)).compute()
    except (InputError, RefusedError) as error:
        raise ExecutionError(
            f"it cannot be read as a cube: {error.message}",
            where=f"result {one.wanted.key!r}",
            remedy="Let the graph save GTiff, or tell the provider.",
        ) from None
    return cube.isel({TIME: 0}) if cube.sizes.get(TIME) == 1 else cube


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


def _coverage(document: dict[str, Any], key: str, pinned: PinnedExperiment) -> tuple[datetime, datetime]:
    """Return the span of time of a result: as its asset, or the job's item or collection, or the inputs say."""
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
        pass
    items = [found.item for entry in pinned.inputs for found in resolved_items(entry)]
    return min(item.start for item in items), max(item.end for item in items)


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
