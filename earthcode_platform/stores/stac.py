"""The STAC side of a delivery: one self-contained collection with one item, as the results repository takes it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pystac

from earthcode_platform import __version__, checksums
from earthcode_platform.models.experiment import Contact, Experiment
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import Grid, ModelUsed, ProducedFile, RunResult, TableShape
from earthcode_platform.models.window import BBox

__all__ = ["write_stac"]

_FILE: Final = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
_PROJECTION: Final = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
_RASTER: Final = "https://stac-extensions.github.io/raster/v2.0.0/schema.json"
_DATACUBE: Final = "https://stac-extensions.github.io/datacube/v2.2.0/schema.json"
_TABLE: Final = "https://stac-extensions.github.io/table/v1.2.0/schema.json"
_MLM: Final = "https://stac-extensions.github.io/mlm/v1.5.2/schema.json"
_RASTER_BANDS: Final = "https://stac-extensions.github.io/raster/v1.1.0/schema.json"
_PROCESSING: Final = "https://stac-extensions.github.io/processing/v1.2.0/schema.json"

_LICENSES: Final = {"various": "other", "proprietary": "other"}
"""STAC 1.1 replaced both words by `other` (collection specification, license); the OSC keeps them."""


def write_stac(pinned: PinnedExperiment, run: RunResult, folder: Path, others: Mapping[str, str]) -> tuple[str, str]:
    """Write `collection.json` and the item beside the data files below `folder`; return their keys.

    Args:
        pinned: What ran.
        run: What it produced.
        folder: The delivery; the item's files lie in `<product id>/` already.
        others: Collection assets by key: paths relative to `folder`, with their media type inferred from the suffix.
    """
    experiment, created = pinned.experiment, run.finished.replace(microsecond=0)
    collection = _collection(experiment, run, created)
    item = _item(experiment, run, folder / experiment.product.id, created)
    if run.model is not None:
        _add_model(item, run.model, folder / others["workflow"], f"../{others['workflow']}")
    collection.add_item(item)
    for key, path in others.items():
        collection.add_asset(key, _asset(folder / path, f"./{path}", _TITLES[key], ["metadata"]))
    collection.normalize_and_save(str(folder), pystac.CatalogType.SELF_CONTAINED)
    return "collection.json", f"{item.id}/{item.id}.json"


_TITLES: Final = {
    "experiment": "The experiment as it ran",
    "workflow": "The workflow as it ran",
    "provenance": "What ran, on what, with what",
}
_MEDIA_TYPES: Final = {
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".png": "image/png",
    ".cwl": "application/cwl+yaml",
    ".ipynb": "application/x-ipynb+json",
}


def _collection(experiment: Experiment, run: RunResult, created: datetime) -> pystac.Collection:
    product = experiment.product
    boxes = [produced.bbox for produced in run.files]
    start, end = min(made.start for made in run.files), max(made.end for made in run.files)
    collection = pystac.Collection(
        id=product.id,
        title=product.title,
        description=product.description or experiment.description,
        license=_LICENSES.get(experiment.license, experiment.license),
        extent=pystac.Extent(pystac.SpatialExtent([list(box) for box in boxes]), pystac.TemporalExtent([[start, end]])),
        providers=[_provider(contact) for contact in experiment.contacts],
        keywords=[*experiment.osc.themes, *experiment.osc.variables, *experiment.osc.missions],
        stac_extensions=[_FILE],
        extra_fields={"version": experiment.version, "created": _stamp(created), "updated": _stamp(created)},
    )
    collection.stac_extensions.append("https://stac-extensions.github.io/version/v1.2.0/schema.json")
    return collection


def _provider(contact: Contact) -> pystac.Provider:
    name = f"{contact.name} ({contact.organization})" if contact.organization else contact.name
    return pystac.Provider(name, roles=[pystac.ProviderRole.PRODUCER])


def _item(experiment: Experiment, run: RunResult, folder: Path, created: datetime) -> pystac.Item:
    first = run.files[0]
    item = pystac.Item(
        id=experiment.product.id,
        geometry=_footprint(first.bbox),
        bbox=list(first.bbox),
        datetime=None,
        start_datetime=min(made.start for made in run.files),
        end_datetime=max(made.end for made in run.files),
        properties={
            "title": experiment.product.title,
            "created": _stamp(created),
            "updated": _stamp(created),
            "processing:software": {
                "earthcode-platform": __version__,
                run.engine.name: run.engine.version,
                **run.engine.libraries,
            },
            "processing:lineage": f"Workflow {experiment.workflow_id} of experiment {experiment.id}",
        },
        stac_extensions=[_FILE, _PROCESSING, *_extensions(run)],
    )
    tables = [produced.table for produced in run.files if produced.table is not None]
    # The extension asks for the columns of an item; where there are several tables, each asset tells its own.
    item.properties |= _table(tables[0]) if tables else {}
    for key, produced in run.assets.items():
        item.add_asset(key, _data_asset(folder, produced))
    for attached in run.attached:
        name = Path(attached.path).name
        facts = (attached.title, list(attached.roles), attached.media_type, attached.checksum)
        item.add_asset(attached.key, _asset(folder / name, f"./{name}", *facts))
    quicklook = Path(run.quicklook).name
    smaller = any("thumbnail" in attached.roles for attached in run.attached)
    roles = ["overview"] if smaller else ["thumbnail", "overview"]
    item.add_asset("quicklook", _asset(folder / quicklook, f"./{quicklook}", "Quicklook", roles))
    return item


def _extensions(run: RunResult) -> list[str]:
    """Return the extensions whose fields the data assets have."""
    used = {
        _PROJECTION: any(produced.grid or (produced.table and produced.table.crs) for produced in run.files),
        _RASTER: any((produced.scale, produced.offset) != (1.0, 0.0) for produced in run.files),
        _DATACUBE: any(produced.dimensions for produced in run.files),
        _TABLE: any(produced.table for produced in run.files),
    }
    return [extension for extension, there in used.items() if there]


def _add_model(item: pystac.Item, model: ModelUsed, path: Path, href: str) -> None:
    """Describe the model that made the product, which the archived experiment holds (STAC MLM extension 1.5.2).

    The bands it takes stand with its own asset: those of the product are others.
    """
    item.stac_extensions += [_MLM, _RASTER_BANDS]
    item.properties |= model.properties
    asset = _asset(path, href, "The model as it ran", ["mlm:model"], model.media_type)
    asset.extra_fields |= {
        "mlm:artifact_type": model.artifact_type,
        "raster:bands": [{"name": band} for band in model.bands],
    }
    item.add_asset("model", asset)


def _data_asset(folder: Path, produced: ProducedFile) -> pystac.Asset:
    name = Path(produced.path).name
    facts = (produced.title, ["data"], produced.media_type, produced.checksum)
    asset = _asset(folder / name, f"./{name}", *facts)
    asset.extra_fields |= {**_projection(produced.grid), "bands": _bands(produced), "statistics": produced.statistics}
    if produced.table is not None:
        asset.extra_fields |= _table(produced.table)
    if produced.data_type is not None:
        asset.extra_fields["data_type"] = produced.data_type
    if produced.nodata is not None:
        asset.extra_fields["nodata"] = produced.nodata
    if (produced.scale, produced.offset) != (1.0, 0.0):
        asset.extra_fields |= {"raster:scale": produced.scale, "raster:offset": produced.offset}
    if produced.dimensions:
        asset.extra_fields["cube:dimensions"] = produced.dimensions
        asset.extra_fields |= {} if "bands" in produced.dimensions else {"cube:variables": _variables(produced)}
    return asset


def _projection(grid: Grid | None) -> dict[str, Any]:
    if grid is None:
        return {}
    return {
        **({"proj:code": grid.crs} if grid.crs.startswith("EPSG:") else {"proj:code": None, "proj:wkt2": grid.crs}),
        "proj:shape": list(grid.shape),
        "proj:transform": list(grid.transform),
        "proj:bbox": list(grid.bbox),
    }


def _table(table: TableShape) -> dict[str, Any]:
    """Return a table as STAC's table extension 1.2 describes it; its reference system is that of the geometries."""
    crs = table.crs or ""
    code = {"proj:code": crs} if crs.startswith("EPSG:") else {"proj:code": None, "proj:wkt2": crs}
    return {
        "table:columns": [column.model_dump(exclude_defaults=True) for column in table.columns],
        "table:row_count": table.rows,
        **({"table:primary_geometry": table.primary_geometry} if table.primary_geometry else {}),
        **(code if crs else {}),
    }


def _bands(produced: ProducedFile) -> list[dict[str, Any]]:
    units = produced.units or (None,) * len(produced.bands)
    figures = produced.band_statistics or ({},) * len(produced.bands)
    return [
        {"name": band} | ({"unit": unit} if unit else {}) | ({"statistics": each} if each else {})
        for band, unit, each in zip(produced.bands, units, figures, strict=True)
    ]


def _variables(produced: ProducedFile) -> dict[str, Any]:
    """Return the variables of NetCDF and Zarr, one for each band (STAC datacube extension, `cube:variables`)."""
    units = produced.units or (None,) * len(produced.bands)
    return {
        band: {"dimensions": list(produced.dimensions), "type": "data"} | ({"unit": unit} if unit else {})
        for band, unit in zip(produced.bands, units, strict=True)
    }


def _asset(
    path: Path, href: str, title: str, roles: list[str], media_type: str | None = None, recorded: str = ""
) -> pystac.Asset:
    """Describe a file; it is read for its checksum only if none was recorded when it was made."""
    media_type = media_type or _MEDIA_TYPES.get(PurePosixPath(href).suffix, "application/octet-stream")
    described: dict[str, Any] = {}
    if path.is_file():
        described = {"file:size": path.stat().st_size, "file:checksum": recorded or checksums.of_file(path)}
    return pystac.Asset(href, title=title, media_type=media_type, roles=roles, extra_fields=described)


def _footprint(bbox: BBox) -> dict[str, Any]:
    """Return the box as GeoJSON, cut in two at the antimeridian (RFC 7946, section 3.1.9)."""
    west, south, east, north = bbox
    parts = [(west, east)] if west < east else [(west, 180.0), (-180.0, east)]
    rings = [[[left, south], [right, south], [right, north], [left, north], [left, south]] for left, right in parts]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
