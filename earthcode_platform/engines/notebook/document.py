"""A notebook as it lies in its file: its cells, its parameters, and what is wrong with its form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from earthcode_platform.engines.notebook.cells import Cell, cells_of
from earthcode_platform.engines.notebook.declared import Declared
from earthcode_platform.engines.notebook.parameters import OUTPUT_FOLDER, declared_parameters, parameters_cells
from earthcode_platform.models.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import jsonschema

    from earthcode_platform.models.workflow import Parameter

__all__ = ["LARGEST", "Document", "finding", "read_document"]

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of the largest notebook that is read; larger ones carry outputs that belong into files."""
_MAJOR: Final = 4
"""The major version of nbformat that papermill runs."""
_SHOWN: Final = 160
_KINDS: Final = ("cell_type", "output_type")
"""The keys by which nbformat tells kinds of cells and outputs apart."""


@dataclass(frozen=True, slots=True)
class Document:
    """A notebook, read."""

    name: str
    """Its file name, for findings."""
    content: dict[str, Any] = field(default_factory=dict)
    """The notebook as JSON; empty if it cannot be used."""
    cells: tuple[Cell, ...] = ()
    """Its cells; none if it cannot be used."""
    declared: Declared = field(default_factory=Declared)
    """What its metadata say under `earthcode`."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with its form."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes, but for `output_folder`, which the platform gives."""
        tagged = parameters_cells(self.cells)
        found = declared_parameters(tagged[0]) if tagged else ()
        return tuple(parameter for parameter in found if parameter.name != OUTPUT_FOLDER)

    @property
    def metadata(self) -> dict[str, Any]:
        """Its metadata (nbformat 4, `metadata`)."""
        found = self.content.get("metadata", {})
        return found if isinstance(found, dict) else {}


def finding(
    code: str, name: str, place: str, message: str, remedy: str, severity: Severity = Severity.ERROR
) -> Finding:
    """Return a finding about a place in the notebook called `name`; about the whole of it if `place` is empty."""
    where = f"{name}, {place}" if place else name
    return Finding(code=f"workflow-{code}", severity=severity, where=where, message=message, remedy=remedy)


def read_document(path: Path) -> Document:
    """Read the notebook at `path`. What is wrong with its form is among the findings; nothing is raised."""
    try:
        content = _content(path)
    except _UnusableError as error:
        return Document(path.name, findings=(error.finding,))
    findings = [*_invalid(content, path.name), *_doubles(content, path.name)]
    if findings:
        return Document(path.name, findings=tuple(findings))
    declared, unclear = _declared(content, path.name)
    return Document(path.name, content, cells_of(content["cells"]), declared, tuple(unclear))


class _UnusableError(Exception):
    def __init__(self, found: Finding) -> None:
        super().__init__(str(found))
        self.finding = found


def _content(path: Path) -> dict[str, Any]:
    def unusable(code: str, message: str, remedy: str) -> _UnusableError:
        return _UnusableError(finding(code, path.name, "", message, remedy))

    try:
        size = path.stat().st_size
        if size > LARGEST:
            message = f"it has {size:,} bytes, more than {LARGEST:,}."
            raise unusable("too-large", message, "Clear its outputs; put data into files.")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unusable("not-readable", f"it cannot be read: {error.strerror}.", "Check the file.") from None
    except UnicodeDecodeError as error:
        raise unusable("not-readable", f"byte {error.start} is no UTF-8.", "Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        message = f"it is no JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise unusable("not-json", message, "Save it with Jupyter.") from None
    except RecursionError:
        raise unusable("not-json", "its JSON is nested too deeply.", "Save it with Jupyter.") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise unusable("not-a-notebook", "it has no list of cells.", "Name a notebook that Jupyter wrote (.ipynb).")
    version = content.get("nbformat")
    if version != _MAJOR:
        message = f"its nbformat is {version!r}; notebooks of nbformat {_MAJOR} run here."
        raise unusable("old-notebook", message, "Open and save it with a current Jupyter.")
    return content


def _invalid(content: dict[str, Any], name: str) -> Iterator[Finding]:
    """Yield how the notebook breaks the JSON Schema of its nbformat version, cell by cell."""
    from nbformat.validator import get_validator

    minor = content.get("nbformat_minor")
    validator = get_validator(_MAJOR, minor if isinstance(minor, int) else 0, name="jsonschema")
    for error in validator.iter_errors(content):
        told = _meant(error)
        path = list(error.absolute_path)
        inner = ".".join(map(str, list(told.absolute_path)[len(path) :]))
        message = told.message if len(told.message) <= _SHOWN else f"…{told.message[-_SHOWN:]}"
        detail = f"{inner}: {message}" if inner else message
        yield finding(
            "not-a-notebook", name, _place(content, path), f"{detail}.", "Mend it with Jupyter, and save it again."
        )


def _meant(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Return what an error of a choice is about: of the schemas of all kinds of cell, that of the kind it is."""
    choices: dict[object, list[jsonschema.ValidationError]] = {}
    for inner in error.context or ():
        choices.setdefault(inner.schema_path[0], []).append(inner)
    for faults in choices.values():
        if not any(fault.path and fault.path[-1] in _KINDS for fault in faults):
            return _meant(faults[0])
    kinds = [fault for faults in choices.values() for fault in faults if fault.path and fault.path[-1] in _KINDS]
    return kinds[0] if kinds else error


def _place(content: dict[str, Any], path: list[str | int]) -> str:
    if len(path) > 1 and path[0] == "cells" and isinstance(path[1], int):
        above = content["cells"][: path[1]]
        cells = cells_of([*(each for each in above if isinstance(each, dict)), {"cell_type": "raw"}])
        return Cell(path[1] + 1, "raw", cells[-1].heading, "", frozenset()).place
    return ".".join(map(str, path))


def _doubles(content: dict[str, Any], name: str) -> Iterator[Finding]:
    """Yield cells whose id another one has (nbformat 4.5, unique cell ids)."""
    first: dict[str, int] = {}
    for number, cell in enumerate(content["cells"], start=1):
        identifier = cell.get("id") if isinstance(cell, dict) else None
        if not isinstance(identifier, str):
            continue
        if identifier in first:
            message = f"it has the id {identifier!r}, as cell {first[identifier]} has."
            place = _place(content, ["cells", number - 1])
            yield finding("duplicate-cell-id", name, place, message, "Open and save it with Jupyter.")
        first.setdefault(identifier, number)


def _declared(content: dict[str, Any], name: str) -> tuple[Declared, list[Finding]]:
    metadata = content.get("metadata")
    said = metadata.get("earthcode", {}) if isinstance(metadata, dict) else {}
    try:
        return Declared.model_validate(said), []
    except ValidationError as error:
        return Declared(), [
            finding(
                "bad-metadata",
                name,
                ".".join(["metadata", "earthcode", *map(str, each["loc"])]),
                f"{each['msg']}: {str(each['input'])[:_SHOWN]!r}.",
                "See the guide for scientists, 'Notebooks'.",
            )
            for each in error.errors(include_url=False)
        ]
