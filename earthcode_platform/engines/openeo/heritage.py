"""What the items of a loaded cube say of how their values were made, carried along as scalar coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from earthcode_platform.cubes.stac import Item

__all__ = ["BACKSCATTER", "LEVEL", "POWER", "told_of", "with_heritage", "without_heritage"]

BACKSCATTER: Final = "measurement_type"
"""The backscatter coefficient, by openEO's names."""
POWER: Final = "measurement_convention"
"""Whether backscatter is power or amplitude."""
LEVEL: Final = "processing_level"
"""The processing level."""
_PROPERTIES: Final = {
    BACKSCATTER: "card4l:measurement_type",
    POWER: "card4l:measurement_convention",
    LEVEL: "processing:level",
}
"""STAC extensions card4l and processing."""
_NAMED: Final = {"gamma0": "gamma0-terrain"}
"""CARD4L data are corrected for the terrain."""


def with_heritage(cube: xr.DataArray, items: Iterable[Item]) -> xr.DataArray:
    """Return the cube with what all of its items agree on."""
    properties = [item.content.get("properties") for item in items]
    told = {}
    for name, key in _PROPERTIES.items():
        values = {str(one.get(key)) if isinstance(one, dict) and one.get(key) else "" for one in properties}
        if len(values) == 1 and (value := values.pop()):
            told[name] = _NAMED.get(value, value)
    return cube.assign_coords(told)


def told_of(cube: xr.DataArray, name: str) -> str | None:
    """Return what the items say; None if they say nothing, or not the same."""
    return str(cube.coords[name].item()) if name in cube.coords and not cube.coords[name].ndim else None


def without_heritage(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube without these coordinates."""
    return cube.drop_vars(list(_PROPERTIES), errors="ignore")
