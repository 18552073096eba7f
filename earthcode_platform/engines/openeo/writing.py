"""Whether what a graph saves can be written, seen before it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.write import require_writable
from earthcode_platform.engines.openeo.outcome import dated
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.engines.openeo.verdicts import Verdict
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from earthcode_platform.models.experiment import ProductFormat

__all__ = ["unwritable"]


def unwritable(result: object, form: ProductFormat | None, place: str) -> list[Verdict]:
    """Return why a result cannot be written: it is no cube, or none that the format holds.

    Args:
        result: What the graph saves.
        form: The format wanted; None if it is not known.
        place: The node that saves it.
    """
    try:
        cube = require_cube(result)
        if form is not None:
            require_writable(dated(cube), form, place)
    except (ExecutionError, InputError) as error:
        return [Verdict("workflow-unwritable", place, f"the result: {error.message}", error.remedy)]
    return []
