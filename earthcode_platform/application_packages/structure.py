"""What is wrong with the steps of a package: names that lead nowhere, missing parts, cycles (CWL v1.2, Workflow)."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

from earthcode_platform.application_packages.document import CLASSES, named, short
from earthcode_platform.application_packages.finding import found
from earthcode_platform.application_packages.types import is_array, is_optional
from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from earthcode_platform.application_packages.document import Mapping, Package, Process
    from earthcode_platform.models.finding import Finding

__all__ = ["check_structure", "unused"]

_METHODS: Final = ("dotproduct", "nested_crossproduct", "flat_crossproduct")
_USES_INPUT: Final = r"\binputs\s*(?:\.\s*{0}\b|\[\s*['\"]{0}['\"]\s*\])"


def check_structure(package: Package) -> Iterator[Finding]:
    """Yield what is wrong with the package's processes, each finding with the step, the tool or the input."""
    for process in package.processes.values():
        if process.kind not in CLASSES:
            message = f"its class is {process.kind!r}." if process.kind else "it does not say its class."
            yield found("class", process.label, message, f"Take one of: {', '.join(CLASSES)}.")
        elif process.kind == "Operation":
            message = "it is an Operation, which says what is to be done and not how."
            yield found("operation", process.label, message, "Put a CommandLineTool in its place.")
        elif process.kind == "Workflow":
            yield from _workflow(package, process)


def _workflow(package: Package, process: Process) -> Iterator[Finding]:
    steps = process.steps
    if not steps:
        yield found(
            "no-steps", process.label, "the workflow has no steps.", "Add one: steps: {crop: {run: crop.cwl, …}}"
        )
    sources = {*process.inputs, *(f"{name}/{made}" for name, step in steps.items() for made in _made(step))}
    for name, step in steps.items():
        yield from _step(package, process, name, step, sources)
    yield from _results(process, sources)
    yield from _cycle(process, steps)


def _step(package: Package, process: Process, name: str, step: Mapping, sources: set[str]) -> Iterator[Finding]:
    where = f"{process.label}: step {name!r}"
    tool = package.run_of(process, step)
    given = named(step.get("in"), "source")
    for key, value in given.items():
        for source in _listed(value.get("source")):
            yield from _source(f"{where}, input {key!r}", _local(source, process), sources)
    yield from _scatter(process, where, step, given)
    if tool is not None:
        yield from _fits(where, step, given, tool)
    yield from _requirements(package, process, name, step)


def _source(where: str, source: str, sources: set[str]) -> Iterator[Finding]:
    if source in sources:
        return
    close = nearest(source, sources)
    remedy = f"Did you mean {close!r}?" if close else f"It can come from: {', '.join(sorted(sources)) or 'nothing'}."
    yield found("unknown-source", where, f"there is no input or output {source!r} it could come from.", remedy)


def _fits(where: str, step: Mapping, given: dict[str, Mapping], tool: Process) -> Iterator[Finding]:
    wanted = tool.inputs
    for key in given:
        if key not in wanted and not _used(key, step):
            close = nearest(key, wanted)
            remedy = f"Did you mean {close!r}?" if close else f"It takes: {', '.join(wanted) or 'nothing'}."
            message = f"{tool.label} takes no input {key!r}."
            yield found("unknown-step-input", f"{where}, input {key!r}", message, remedy)
    for key, described in wanted.items():
        if key not in given and "default" not in described and not is_optional(described.get("type")):
            message = f"{tool.label} needs {key!r}, which the step does not give it."
            yield found("missing-step-input", f"{where}, input {key!r}", message, "Add it to the step's 'in'.")
    outputs = tool.outputs
    for made in _made(step):
        if made not in outputs:
            close = nearest(made, outputs)
            remedy = f"Did you mean {close!r}?" if close else f"It makes: {', '.join(outputs) or 'nothing'}."
            message = f"{tool.label} makes no output {made!r}."
            yield found("unknown-output", f"{where}, output {made!r}", message, remedy)


def _used(key: str, step: Mapping) -> bool:
    """Tell whether an expression of the step reads the input: then the tool need not take it (CWL v1.2, `when`)."""
    texts = [
        str(step.get("when", "")),
        *(str(value.get("valueFrom", "")) for value in named(step.get("in"), "").values()),
    ]
    return any(re.search(_USES_INPUT.format(re.escape(key)), text) for text in texts)


def _scatter(process: Process, where: str, step: Mapping, given: dict[str, Mapping]) -> Iterator[Finding]:
    over = [short(name) for name in _listed(step.get("scatter"))]
    for name in over:
        if name not in given:
            close = nearest(name, given)
            remedy = f"Did you mean {close!r}?" if close else f"The step has: {', '.join(given) or 'none'}."
            yield found("unknown-scatter", where, f"it scatters over {name!r}, which is no input of the step.", remedy)
            continue
        source = _listed(given[name].get("source"))
        stated = process.inputs.get(_local(source[0], process)) if len(source) == 1 else None
        if stated is not None and "valueFrom" not in given[name] and not is_array(stated.get("type")):
            message = f"it scatters over {name!r}, and {source[0]!r} is no array."
            yield found("scatter-no-array", where, message, "Make it one, such as 'type: Directory[]'.")
    method = step.get("scatterMethod")
    if len(over) > 1 and method is None:
        message = "it scatters over several inputs and does not say how."
        yield found("scatter-method", where, message, f"Add scatterMethod: {', '.join(_METHODS)}.")
    elif method is not None and method not in _METHODS:
        yield found("scatter-method", where, f"there is no scatterMethod {method!r}.", f"Take: {', '.join(_METHODS)}.")


def _requirements(package: Package, process: Process, name: str, step: Mapping) -> Iterator[Finding]:
    tool, given = package.run_of(process, step), named(step.get("in"), "source").values()
    several = any(len(_listed(value.get("source"))) > 1 for value in given)
    needed = (
        ("ScatterFeatureRequirement", bool(step.get("scatter")), "it scatters"),
        ("SubworkflowFeatureRequirement", tool is not None and tool.kind == "Workflow", "it runs a workflow"),
        ("MultipleInputFeatureRequirement", several, "an input of it has several sources"),
        (
            "StepInputExpressionRequirement",
            any("valueFrom" in value for value in given),
            "an input of it has a valueFrom",
        ),
    )
    stated = {"requirements": process.content.get("requirements"), "hints": process.content.get("hints")}
    own = {*named(step.get("requirements"), "", key="class"), *named(step.get("hints"), "", key="class")}
    above = own.union(*(named(section, "", key="class") for section in stated.values()), _inherited(package, process))
    for requirement, wanted, why in needed:
        if wanted and requirement not in above:
            message = f"{why}, which {process.label} does not require."
            remedy = f"Add it to the workflow: requirements: {{{requirement}: {{}}}}"
            yield found("missing-requirement", f"{process.label}: step {name!r}", message, remedy)


def _inherited(package: Package, process: Process) -> set[str]:
    """Return what the workflows above require: requirements hold for everything below (CWL v1.2, section 5.2)."""
    if package.main is None or process.label == package.main.label:
        return set()
    return {*named(package.main.content.get("requirements"), "", key="class")}


def _results(process: Process, sources: set[str]) -> Iterator[Finding]:
    for name, output in process.outputs.items():
        where = f"{process.label}: output {name!r}"
        listed = _listed(output.get("outputSource"))
        if not listed:
            yield found("no-source", where, "it does not say where it comes from.", "Add outputSource: STEP/OUTPUT.")
        for source in listed:
            yield from _source(where, _local(source, process), sources)


def _cycle(process: Process, steps: dict[str, Mapping]) -> Iterator[Finding]:
    before = {
        name: {
            _local(source, process).partition("/")[0]
            for value in named(step.get("in"), "source").values()
            for source in _listed(value.get("source"))
            if "/" in _local(source, process)
        }
        for name, step in steps.items()
    }
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        around = " needs ".join(repr(name) for name in reversed(error.args[1]))
        where = f"{process.label}: step {error.args[1][0]!r}"
        yield found("cycle", where, f"its steps wait for each other: {around}.", "Take one of these inputs away.")


def _made(step: Mapping) -> list[str]:
    return [short(one.get("id", "")) if isinstance(one, dict) else short(one) for one in _listed(step.get("out"))]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _local(source: object, process: Process) -> str:
    """Return a source as names inside its workflow: `#main/crop/raster` is `crop/raster` there."""
    text = str(source).rpartition("#")[2]
    own = short(process.content.get("id", "")) or "main"
    return text.removeprefix(f"{own}/") if "#" in str(source) else text


def unused(package: Package) -> Iterable[Finding]:
    """Yield a note for each input of the workflow that no step uses."""
    main = package.main
    if main is None or main.kind != "Workflow":
        return
    used = {
        _local(source, main)
        for step in main.steps.values()
        for value in named(step.get("in"), "source").values()
        for source in _listed(value.get("source"))
    } | {_local(source, main) for output in main.outputs.values() for source in _listed(output.get("outputSource"))}
    for name in main.inputs:
        if name not in used:
            where = f"{main.label}: input {name!r}"
            yield found("unused-parameter", where, "no step uses it.", "Take it out, or use it.", Severity.WARNING)
