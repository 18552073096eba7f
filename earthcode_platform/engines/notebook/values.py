"""The values of an experiment held against the parameters of its notebook, once more before a cell runs.

The configuration gate says the same of an experiment that comes through the gates; an engine can be called without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.engines.notebook.document import finding
from earthcode_platform.engines.notebook.parameters import parameters_cells
from earthcode_platform.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import JsonValue

    from earthcode_platform.engines.notebook.document import Document
    from earthcode_platform.models.finding import Finding

__all__ = ["unfit"]


def unfit(document: Document, inputs: Sequence[str], values: Mapping[str, JsonValue]) -> Iterator[Finding]:
    """Yield names that the notebook does not take, values of another type, and what it needs and is not given.

    Papermill itself would run the notebook with an unknown parameter, and say so in its log.
    """
    from jsonschema import Draft202012Validator

    tagged = parameters_cells(document.cells)
    place = tagged[0].place if tagged else ""
    known = {parameter.name: parameter for parameter in document.parameters}
    for name in [*inputs, *values]:
        if name not in known:
            close = nearest(name, known)
            hint = f"Did you mean {close!r}?" if close else f"It takes: {', '.join(known) or 'nothing'}."
            yield finding("unknown-parameter", document.name, place, f"it assigns no {name!r}.", hint)
    for name, parameter in known.items():
        if name in values:
            for error in Draft202012Validator(parameter.json_schema).iter_errors(values[name]):
                message = f"the value of {name!r}: {error.message}."
                yield finding("bad-value", document.name, place, message, "Mend it in the configuration.")
        elif parameter.required and name not in inputs:
            message = f"it needs {name!r}, which is given neither as an input nor as a value."
            yield finding("missing-value", document.name, place, message, "Give it.")
