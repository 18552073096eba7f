"""What one run of a graph shares: the inputs it may read, and the results it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earthcode_platform.cubes.saved import SavedResult
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedInput

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a graph."""

    inputs: Mapping[str, PinnedInput]
    """The experiment's inputs, by name."""
    format: ProductFormat | None
    """The format of the product; None if it is not known yet."""
    results: list[SavedResult] = field(default_factory=list)
    """What was saved, in order."""

    def saved(self, cube: object) -> SavedResult:
        """Return how a cube was saved; one that `save_result` has not seen goes as the product wants it.

        Raises:
            ExecutionError: It is no cube.
        """
        found = next((result for result in self.results if result.cube is cube), None)
        return found or SavedResult(require_cube(cube))

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
