"""The raster bands that a cube asks for, found in each item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.access import readable
from earthcode_platform.cubes.assets import BandSource
from earthcode_platform.cubes.header import Header, read_header, require_agreement
from earthcode_platform.cubes.stac import is_remote, mapping
from earthcode_platform.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.models.pinned import PinnedAsset

__all__ = ["WantedBand", "WantedItem", "bands_meant", "raster_names", "wanted_bands"]

_CRS: Final = ("proj:code", "proj:epsg", "proj:wkt2", "proj:projjson")
_GRID: Final = ("proj:shape", "proj:transform")


@dataclass(frozen=True, slots=True)
class WantedBand:
    """A band in one item, with everything that is needed to read it."""

    source: BandSource
    """Where it lies in its file, and what its stored numbers mean."""
    asset: PinnedAsset
    """The file, with the address by which it is read."""
    projection: dict[str, Any]
    """Its grid, in the fields of STAC's projection extension."""


@dataclass(frozen=True, slots=True)
class WantedItem:
    """The wanted bands of one item, in the order asked for; None for a band that it lacks."""

    id: str
    moment: datetime
    footprint: dict[str, Any]
    """`geometry` and `bbox` of the item."""
    bands: tuple[WantedBand | None, ...]


def raster_names(items: Sequence[ResolvedItem]) -> list[str]:
    """Return the labels of all raster bands, in the order in which items name them first."""
    return list(dict.fromkeys(band.label for found in items for band in found.raster_bands()))


def bands_meant(items: Sequence[ResolvedItem], labels: Sequence[str]) -> list[str]:
    """Return the labels with a common name that several bands have replaced by these bands, in the items' order.

    Source: openEO, load_collection, parameter bands.
    """
    known = list(dict.fromkeys(band for found in items for band in found.raster_bands()))
    names = {name for band in known for name in (band.label, band.name, band.asset)}
    meant: list[str] = []
    for label in labels:
        common = dict.fromkeys(band.label for band in known if band.common_name == label)
        meant += list(common) if label not in names and len(common) > 1 else [label]
    return list(dict.fromkeys(meant))


def wanted_bands(items: Sequence[ResolvedItem], labels: Sequence[str]) -> list[WantedItem]:
    """Find each label in each item: as an asset's key, else as a band's name, else as a common name.

    What an item leaves open is read from the file's header: the grid, and scale, offset and no-data where the item
    describes none of them. The header of a local file is always read, and must lie where the item says. A remote file
    is opened only if its item leaves something open.

    Raises:
        UnknownNameError: No item has a band of that name.
        InputError: A name fits several bands, a header cannot be read, has no CRS, or contradicts the item.
        UnavailableError: A remote file did not answer.
    """
    found = [[_find(resolved, label) for label in labels] for resolved in items]
    for label, column in zip(labels, zip(*found, strict=True), strict=True):
        if not any(column):
            raise UnknownNameError.among("band", label, raster_names(items))
    return [
        WantedItem(
            resolved.item.id,
            resolved.item.moment,
            {key: resolved.item.content.get(key) for key in ("geometry", "bbox")},
            tuple(_completed(band) if band else None for band in row),
        )
        for resolved, row in zip(items, found, strict=True)
    ]


def _find(resolved: ResolvedItem, label: str) -> WantedBand | None:
    bands = list(resolved.raster_bands())
    for matches in (
        [band for band in bands if band.label == label],
        [band for band in bands if label in (band.name, band.asset)],
        [band for band in bands if band.common_name == label],
    ):
        if len(matches) > 1:
            names = ", ".join(band.label for band in matches)
            raise InputError(
                f"the band {label!r} may be any of {names}.",
                where=resolved.item.id,
                remedy="Ask for one by that name.",
            )
        if matches:
            key = matches[0].asset
            return WantedBand(matches[0], resolved.assets[key], _projection(resolved, key))
    return None


def _projection(resolved: ResolvedItem, key: str) -> dict[str, Any]:
    shared = mapping(resolved.item.content, "properties")
    own = mapping(mapping(resolved.item.content, "assets"), key)
    return {name: source[name] for source in (shared, own) for name in (*_CRS, *_GRID) if source.get(name) is not None}


def _completed(band: WantedBand) -> WantedBand:
    located = any(name in band.projection for name in _CRS) and all(name in band.projection for name in _GRID)
    if located and band.source.described and band.source.data_type and is_remote(band.asset.href):
        return _with_readable(band)
    header = read_header(band.asset)
    require_agreement(band.projection, header, band.asset)
    projection = band.projection if located else header.projection()
    source = _from_header(band.source, header, band.asset)
    return _with_readable(replace(band, projection=projection, source=source))


def _with_readable(band: WantedBand) -> WantedBand:
    """Return the band with the address by which any worker can read its file, with no right of its own."""
    return replace(band, asset=band.asset.model_copy(update={"href": readable(band.asset.href)}))


def _from_header(source: BandSource, header: Header, asset: PinnedAsset) -> BandSource:
    at = source.index - 1
    if at >= len(header.dtypes):
        raise InputError(
            f"the item describes {source.index} bands, but the file has {len(header.dtypes)}.",
            where=asset.href,
            remedy="Mend the item.",
        )
    if source.described:
        return replace(source, data_type=source.data_type or header.dtypes[at])
    return replace(
        source,
        data_type=header.dtypes[at],
        nodata=header.nodata[at],
        scale=header.scales[at],
        offset=header.offsets[at],
        unit=source.unit or header.units[at],
    )
