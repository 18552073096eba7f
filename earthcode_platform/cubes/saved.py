"""A cube that a workflow saves, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from earthcode_platform.models.experiment import ProductFormat

__all__ = ["SavedResult"]


@dataclass(frozen=True, slots=True)
class SavedResult:
    """A cube that a workflow saves, and how."""

    cube: xr.DataArray
    """The cube."""
    format: ProductFormat | None = None
    """The format that the workflow names; None if it names none, which means that of the product."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The options of that format, as the workflow gives them."""
