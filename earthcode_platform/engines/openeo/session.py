"""What one run of a graph shares: the inputs it may read, and the results it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

__all__ = ["Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a graph."""

    inputs: Mapping[str, PinnedInput]
    """The experiment's inputs, by name."""
    format: ProductFormat | None
    """The format of the product; None if it is not known yet."""
    results: list[xr.DataArray] = field(default_factory=list)
    """The cubes that were saved, in order."""

    def input(self, reference: object) -> PinnedInput:
        """Return the input that a graph refers to: itself, by name, or by href.

        Raises:
            UnknownNameError: It is no input of the experiment.
        """
        if isinstance(reference, PinnedInput):
            return reference
        name = str(reference)
        if name in self.inputs:
            return self.inputs[name]
        found = next((pinned for pinned in self.inputs.values() if pinned.href == name), None)
        if found is None:
            raise UnknownNameError.among("input", name, self.inputs)
        return found
