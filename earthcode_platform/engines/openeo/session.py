"""What one run of a graph shares: the inputs it may read, and the results it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from earthcode_platform import checksums
from earthcode_platform.cubes.saved import SavedResult
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedInput
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from earthcode_platform.models.pinned import PinnedFile

__all__ = ["NotYetKnownError", "Session", "input_named"]


class NotYetKnownError(Exception):
    """What a process would give hangs on values, or on code of the workflow, and is known in the run alone."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a graph."""

    inputs: Mapping[str, PinnedInput]
    """The experiment's inputs, by name."""
    format: ProductFormat | None
    """The format of the product; None if it is not known yet."""
    results: list[SavedResult] = field(default_factory=list)
    """What was saved, in order."""
    files: Sequence[PinnedFile] = ()
    """Further files of the workflow."""
    rehearsing: bool = False
    """Whether this is a rehearsal, in which no value is computed and no code of the workflow runs."""

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
        found = input_named(reference, self.inputs)
        if found is None:
            raise UnknownNameError.among("input", str(reference), self.inputs)
        return found

    def file(self, reference: str) -> Path:
        """Return the file of the workflow that a graph refers to by its name or by an address, unchanged since pinned.

        Raises:
            UnknownNameError: There is none.
            IntegrityError: It is not what was pinned.
        """
        known = {name: file for file in self.files for name in (file.name, *file.addresses)}
        if reference not in known:
            error = UnknownNameError.among("file of the workflow", public(reference), map(public, known))
            hint = "Keep it in the experiment's folder and name it under workflow.files, or workflow.copies for a URL."
            raise UnknownNameError(error.message, remedy=error.remedy if "mean" in error.remedy else hint)
        path = Path(known[reference].path)
        checksums.require(path, known[reference].checksum)
        return path


def input_named(reference: object, inputs: Mapping[str, PinnedInput]) -> PinnedInput | None:
    """Return the input that a graph calls so: itself, by name, by what it stands for, or by href; None if none is."""
    if isinstance(reference, PinnedInput):
        return reference
    if not isinstance(reference, str):
        return None
    alias = next((one for one in inputs.values() if reference in (one.stands_for, one.href)), None)
    return inputs.get(reference) or alias
