"""What is wrong with a notebook before a cell of it runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.notebook.cells import cells_of, magics
from earthcode_platform.engines.notebook.document import finding
from earthcode_platform.engines.notebook.environment import check_environment, check_network
from earthcode_platform.engines.notebook.literals import credentials_in, secret_name
from earthcode_platform.engines.notebook.modules import missing_modules
from earthcode_platform.engines.notebook.names import assigned, read, read_first
from earthcode_platform.engines.notebook.outputs import check_outputs
from earthcode_platform.engines.notebook.parameters import (
    OUTPUT_FOLDER,
    TAG,
    declared_parameters,
    parameters_cells,
    twice_declared,
)
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from earthcode_platform.engines.notebook.cells import Cell
    from earthcode_platform.engines.notebook.document import Document
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput, PinnedWorkflow

__all__ = ["examine"]

_ELSEWHERE: Final = re.compile(
    r"^(?:/(?:home|Users|root|mnt|media|scratch|data|Volumes|content|kaggle|workspaces?|s3)/|~[/\\]|[A-Za-z]:[\\/])"
)
"""Absolute paths that belong to one machine: of Linux, macOS, Windows, and of hosted notebooks."""
_ASKS: Final = frozenset({"input", "getpass", "getpass.getpass"})
_INSTALLERS: Final = re.compile(r"^(?:python\d?(?:\.\d+)? -m )?(?:pip3?|conda|mamba|micromamba|uv|apt|apt-get)\b")


def examine(
    document: Document, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None
) -> list[Finding]:
    """Return everything that is wrong with a notebook.

    Args:
        document: The notebook, read.
        workflow: What it was read from, with the files beside it.
        inputs: The experiment's inputs.
        experiment: What gives it values; None if that is not known.
    """
    findings = list(document.findings)
    if not document.content:
        return findings
    files = {file.name: file.path for file in workflow.files}
    findings += check_environment(document, files)
    if not any(cell.kind == "code" and cell.source.strip() for cell in document.cells):
        findings.append(finding("empty", document.name, "", "it has no code.", "Write what it computes."))
        return findings
    findings += _parameters(document, [entry.name for entry in inputs], experiment)
    findings += check_network(document, inputs)
    beside = _beside(workflow)
    for cell in document.cells:
        findings += _code(cell, document.name, beside) if cell.kind == "code" else ()
        findings += _credentials(cell, document.name)
    findings += _modules(workflow)
    findings += check_outputs(document, experiment)
    return findings


def _beside(workflow: PinnedWorkflow) -> frozenset[str]:
    """Return the modules and packages that lie beside the notebook, from where its kernel imports first."""
    folder = PurePosixPath(workflow.name).parent
    places = (PurePosixPath(file.name) for file in workflow.files)
    near = [place.relative_to(folder) for place in places if place.is_relative_to(folder)]
    return frozenset(place.parts[0].removesuffix(".py") for place in near)


def _parameters(document: Document, inputs: Sequence[str], experiment: Experiment | None) -> Iterator[Finding]:
    name, tagged = document.name, parameters_cells(document.cells)
    if not tagged:
        known = f"with {OUTPUT_FOLDER} and {', '.join(inputs) or 'its inputs'}"
        remedy = f"Tag the cell that assigns its defaults, {known}, in Jupyter's property inspector."
        yield finding("no-parameters", name, "", f"no cell has the tag {TAG!r}.", remedy)
        return
    for extra in tagged[1:]:
        message = f"it has the tag {TAG!r} too, as {tagged[0].place} has; values would go to that one alone."
        yield finding("many-parameters", name, extra.place, message, "Keep one cell with the tag.")
    cell = tagged[0]
    if cell.kind != "code":
        message = f"the tag {TAG!r} is on a cell of the kind {cell.kind!r}."
        yield finding("parameters-not-code", name, cell.place, message, "Put it on the cell with the defaults.")
        return
    for double in twice_declared(cell):
        message = f"the parameter {double!r} is assigned twice."
        yield finding("duplicate-parameter", name, cell.place, message, "Keep one of the two.")
    if cell.tree is not None:
        yield from _uses(document, cell, inputs, experiment)


def _uses(document: Document, cell: Cell, inputs: Sequence[str], experiment: Experiment | None) -> Iterator[Finding]:
    """Yield what the notebook does with its parameters that cannot be meant."""
    name = document.name
    declared = {parameter.name for parameter in declared_parameters(cell)}
    later = [each for each in document.cells if each.number > cell.number]
    if OUTPUT_FOLDER not in declared:
        message = f"the parameter {OUTPUT_FOLDER!r} is missing: where shall the product be written?"
        yield finding("no-output-folder", name, cell.place, message, f"Add a line: {OUTPUT_FOLDER} = 'output'")
    used = set().union(*(read(each) for each in later))
    for unused in [each for each in (*inputs, OUTPUT_FOLDER) if each in declared and each not in used]:
        output = unused == OUTPUT_FOLDER
        message = f"no cell below uses {unused!r}."
        remedy = "Write the product into it." if output else "Take it out of inputs, or read it."
        code, weight = ("unused-output", Severity.ERROR) if output else ("unused-input", Severity.WARNING)
        yield finding(code, name, cell.place, message, remedy, severity=weight)
    given = {*inputs, OUTPUT_FOLDER, *(experiment.configuration if experiment else ())} & declared
    for each in later:
        for lost in sorted(assigned(each, anew=True) & given):
            message = f"it assigns {lost!r} anew, so that the value of the experiment is lost."
            yield finding(
                "parameter-overwritten", name, each.place, message, "Take another name.", severity=Severity.WARNING
            )
    yield from _early(document, cell, declared)


def _early(document: Document, cell: Cell, declared: set[str]) -> Iterator[Finding]:
    """Yield cells above the parameters that use one: there it has no value yet."""
    known: set[str] = set()
    for above in (each for each in document.cells if each.number < cell.number):
        for name in sorted(declared & (read_first(above) - assigned(above) - known)):
            message = f"it uses {name!r}, which gets its value further down, in {cell.place}."
            yield finding("used-too-early", document.name, above.place, message, "Move the parameters to the top.")
        known |= assigned(above)


def _code(cell: Cell, name: str, beside: frozenset[str]) -> Iterator[Finding]:
    if cell.fault is not None:
        line = f" (line {cell.fault.lineno})" if cell.fault.lineno else ""
        message = f"it is no Python: {cell.fault.msg}{line}."
        yield finding("syntax-error", name, cell.place, message, "Run the notebook in Jupyter from top to bottom.")
        return
    for module, needed in missing_modules(cell, beside):
        weight = Severity.ERROR if needed else Severity.WARNING
        message = f"it imports {module!r}, which is not installed here."
        remedy = "Let it be installed on the platform, or name its file in workflow.files."
        yield finding("module-missing", name, cell.place, message, remedy, severity=weight)
    yield from _commands(cell, name)
    for node in ast.walk(cell.tree) if cell.tree else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _ASKS:
            message = f"{ast.unparse(node.func)}() waits for an answer, and nobody is there."
            yield finding("asks", name, cell.place, message, "Make it a parameter.")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _ELSEWHERE.match(node.value):
            message = f"the path {node.value!r} belongs to one machine."
            remedy = "Take the data from an input, and write into the output folder."
            yield finding("foreign-path", name, cell.place, message, remedy, severity=Severity.WARNING)


def _commands(cell: Cell, name: str) -> Iterator[Finding]:
    for magic in magics(cell):
        command = f"{magic.name} {magic.text}".strip()
        if _INSTALLERS.match(command):
            message = f"{command.splitlines()[0]!r} would change the environment while it runs."
            yield finding("installs", name, cell.place, message, "Name the package in a requirements.txt instead.")
        elif magic.foreign:
            message = f"{command.splitlines()[0]!r} is run by a shell: whether it works hangs on the machine."
            remedy = "Write it in Python, for a rerun elsewhere."
            yield finding("shell", name, cell.place, message, remedy, severity=Severity.WARNING)


def _credentials(cell: Cell, name: str) -> Iterator[Finding]:
    for line, what in credentials_in(cell):
        message = f"line {line} holds {what}; a notebook is archived and published."
        yield finding("credential", name, cell.place, message, "Take it out, and withdraw the credential.")
    if TAG in cell.tags:
        for parameter in declared_parameters(cell):
            if secret_name(parameter.name):
                message = f"the parameter {parameter.name!r} would hold a credential, which is archived and published."
                yield finding("credential", name, cell.place, message, "Let the platform read the data: as an input.")


def _modules(workflow: PinnedWorkflow) -> Iterator[Finding]:
    """Yield what is wrong with the modules beside the notebook: they are archived like it."""
    for file in workflow.files:
        if file.name.endswith(".py"):
            text = Path(file.path).read_text(encoding="utf-8", errors="replace")
            (cell,) = cells_of([{"cell_type": "code", "source": text}])
            for line, what in credentials_in(cell):
                message = f"line {line} holds {what}; it is archived and published with the notebook."
                yield finding("credential", file.name, "", message, "Take it out, and withdraw the credential.")
