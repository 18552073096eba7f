"""The names by which the bands of a pinned input may be asked for, read from its items alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.assets import GRIDDED
from earthcode_platform.cubes.gridded import variable_names
from earthcode_platform.cubes.resolved import ResolvedItem, resolved_items
from earthcode_platform.cubes.stac import is_remote, mapping
from earthcode_platform.errors import EarthCodeError

if TYPE_CHECKING:
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["band_names"]

_ITEMS_READ: Final = 3
"""Items whose bands are looked at: items of one input are alike."""


def band_names(pinned: PinnedInput) -> frozenset[str] | None:
    """Return every name of a band of the input: asset keys, band names, common names, variables of arrays.

    None if the documents are remote or cannot be read now: then nothing is known, which is no fault of the workflow.
    """
    remote = not pinned.local or any(is_remote(entry.href) for entry in pinned.documents)
    if remote and not pinned.found:
        return None
    try:
        return frozenset(name for found in resolved_items(pinned, _ITEMS_READ)[:_ITEMS_READ] for name in _names(found))
    except (EarthCodeError, OSError):
        return None


def _names(found: ResolvedItem) -> set[str]:
    names: set[str] = set()
    for band in found.raster_bands():
        names |= {band.label, band.asset, band.name, band.common_name} - {""}
    for form in GRIDDED:
        assets = found.containing(form)
        names |= set(assets)
        variables = mapping(mapping(found.item.content, "properties"), "cube:variables")
        if assets and variables:
            names |= set(variables)
        elif assets:
            names |= {name for asset in assets.values() for name in variable_names(asset.href, form)}
    return names
