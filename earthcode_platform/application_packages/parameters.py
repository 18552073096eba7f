"""What a package takes: its workflow's inputs as parameters of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.application_packages.document import named
from earthcode_platform.application_packages.finding import found
from earthcode_platform.application_packages.types import is_optional, json_schema, shape_of
from earthcode_platform.models.workflow import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue

    from earthcode_platform.application_packages.document import Mapping, Package
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["WINDOW", "accepts_window", "check_values", "files_in", "parameters_of"]

WINDOW: Final = "https://earthcode.esa.int/cwl#acceptsWindow"
"""Field of a workflow's input: with `true`, its rasters may be cut to the box that the experiment asks for."""


def parameters_of(package: Package) -> tuple[Parameter, ...]:
    """Return the inputs of the package's main process; empty if it cannot be read."""
    if package.main is None:
        return ()
    return tuple(_parameter(name, stated) for name, stated in package.main.inputs.items())


def _parameter(name: str, stated: Mapping) -> Parameter:
    words = [" ".join(str(part).split()) for key in ("label", "doc") for part in _listed(stated.get(key))]
    return Parameter(
        name=name,
        description=". ".join(dict.fromkeys(word.rstrip(".") for word in words if word)),
        json_schema=json_schema(stated.get("type")),
        required="default" not in stated and not is_optional(stated.get("type")),
        default=stated.get("default"),
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def accepts_window(package: Package, name: str) -> bool:
    """Tell whether the input says that its rasters may be cut to a box (`WINDOW`), under whichever prefix."""
    if package.main is None:
        return False
    prefixes = named(package.metadata.get("$namespaces"), "")
    spaces = package.metadata.get("$namespaces")
    stated = package.main.inputs.get(name, {})
    names = {WINDOW} | {
        f"{prefix}:{WINDOW.removeprefix(str(spaces[prefix]))}"
        for prefix in prefixes
        if isinstance(spaces, dict) and WINDOW.startswith(str(spaces[prefix]))
    }
    return any(stated.get(key) is True for key in names)


def check_values(package: Package, inputs: Sequence[PinnedInput], experiment: Experiment | None) -> Iterator[Finding]:
    """Yield inputs that the workflow cannot take STAC data by, and files that nobody declared."""
    known = package.main.inputs if package.main else {}
    for pinned in inputs:
        stated = known.get(pinned.name)
        if stated is None:
            continue
        where, shape = f"experiment.yaml: inputs.{pinned.name}", shape_of(stated.get("type"))
        if shape is None:
            message = f"the workflow takes {pinned.name!r} as {stated.get('type')!r}, which STAC data cannot be."
            remedy = "Make it a Directory or an array of them, or give it a value in 'configuration'."
            yield found("input-type", where, message, remedy)
        count = len({asset.item for asset in pinned.assets})
        if shape == "string" and count > 1:
            message = f"the workflow takes one item as {pinned.name!r}, and the input has {count}."
            yield found("several-items", where, message, "Narrow the input, or make the workflow's a string[].")
    if experiment is not None:
        for name, value in experiment.configuration.items():
            yield from _files(package, name, value)


def _files(package: Package, name: str, value: JsonValue) -> Iterator[Finding]:
    for path in files_in(value):
        target = (package.folder / path).resolve()
        if not target.is_relative_to(package.folder) or not target.exists():
            where = f"experiment.yaml: configuration.{name}"
            message = f"there is no {path!r} among the workflow's files."
            yield found("unknown-file", where, message, "Name it, or its folder, in `workflow: files:`.")


def files_in(value: JsonValue) -> Iterator[str]:
    """Yield the paths of files and folders in a value of the configuration."""
    if isinstance(value, list):
        for one in value:
            yield from files_in(one)
    elif isinstance(value, dict):
        if value.get("class") in ("File", "Directory"):
            yield str(value.get("path", ""))
        else:
            for one in value.values():
                yield from files_in(one)
