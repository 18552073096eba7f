"""The rules of OGC 20-089r1 (EO application packages) that a package can be held against without running it.

Each is a warning: CWL that breaks them still runs here, and other platforms may refuse it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.application_packages.finding import found
from earthcode_platform.application_packages.types import Shape, shape_of
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.application_packages.document import Package, Process
    from earthcode_platform.models.finding import Finding

__all__ = ["check_best_practice"]

_VERSION: Final = (
    "s:softwareVersion",
    "s:version",
    "https://schema.org/softwareVersion",
    "http://schema.org/softwareVersion",
)
_WORDS: Final = {"id": "identifier", "label": "title", "doc": "abstract"}


def check_best_practice(package: Package) -> Iterator[Finding]:
    """Yield what breaks requirements 7 to 14: codes `workflow-ogc-7` to `workflow-ogc-14`."""
    main = package.main
    if main is None:
        return
    tools = [process for process in _all(package) if process.kind == "CommandLineTool"]
    yield from _classes(main, tools)
    for tool in tools:
        yield from _tool(tool)
    if main.kind == "Workflow":
        yield from _described(main)
        yield from _inputs(main)
    yield from _version(package, main)
    yield from _directories(main, tools)


def _all(package: Package) -> Iterator[Process]:
    for process in package.processes.values():
        yield process
        for step in process.steps.values():
            if isinstance(step.get("run"), dict) and (tool := package.run_of(process, step)) is not None:
                yield tool


def _warned(number: int, where: str, message: str, remedy: str) -> Finding:
    remedy = f"{remedy} (OGC 20-089r1, requirement {number})"
    return found(f"ogc-{number}", where, message, remedy, Severity.WARNING)


def _classes(main: Process, tools: list[Process]) -> Iterator[Finding]:
    if main.kind != "Workflow":
        yield _warned(
            7, main.label, f"it is a {main.kind}, and no Workflow.", "Put it into a Workflow as its only step."
        )
    if not tools:
        yield _warned(7, main.label, "no step of it runs a CommandLineTool.", "Let a tool do the work.")


def _tool(tool: Process) -> Iterator[Finding]:
    missing = [key for key in ("id", "baseCommand", "inputs", "requirements") if tool.content.get(key) in (None, "")]
    if missing:
        yield _warned(8, tool.label, f"the tool has no {', '.join(missing)}.", "Add it.")
    image = tool.requirement("DockerRequirement")
    if image is None or not image.get("dockerPull"):
        message = "the tool names no container image."
        yield _warned(8, tool.label, message, "Add it: DockerRequirement: {dockerPull: registry/image:tag}.")


def _described(main: Process) -> Iterator[Finding]:
    missing = [f"{key} ({what})" for key, what in _WORDS.items() if not main.content.get(key)]
    if missing:
        yield _warned(9, main.label, f"the workflow has no {', '.join(missing)}.", "Add it.")


def _inputs(main: Process) -> Iterator[Finding]:
    for name, stated in main.inputs.items():
        missing = [f"{key} ({_WORDS[key]})" for key in ("label", "doc") if not stated.get(key)]
        if missing:
            yield _warned(10, f"{main.label}: input {name!r}", f"it has no {', '.join(missing)}.", "Add it.")


def _version(package: Package, main: Process) -> Iterator[Finding]:
    places = (package.metadata, main.content)
    if not any(place.get(key) for place in places for key in _VERSION):
        message = "it does not say the version of the software."
        yield _warned(
            11, main.label, message, "Add $namespaces: {s: https://schema.org/} and s:softwareVersion: 1.0.0."
        )


def _directories(main: Process, tools: list[Process]) -> Iterator[Finding]:
    folders = (Shape.DIRECTORY, Shape.DIRECTORIES)
    staged = [name for name, stated in main.inputs.items() if shape_of(stated.get("type")) in folders]
    if staged and not any(shape_of(one.get("type")) in folders for tool in tools for one in tool.inputs.values()):
        message = f"the workflow stages {', '.join(map(repr, staged))}, and no tool takes a Directory."
        yield _warned(12, main.label, message, "Let the tools take them as Directory.")
    if not staged:
        message = "no input of the workflow is a Directory, as which products are staged."
        yield _warned(13, main.label, message, "Take them as Directory or Directory[].")
    if not any(shape_of(stated.get("type")) in folders for stated in main.outputs.values()):
        message = "no output of the workflow is a Directory, as which a STAC catalog is handed back."
        yield _warned(14, main.label, message, "Hand back a Directory with a catalog.json.")
