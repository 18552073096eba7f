"""`earthcode-platform openeo`: what the engine for openEO process graphs can do.

Both commands exit with 0, or with 2 if a process or a format is asked for that is not there.
"""

import json
from typing import Annotated, Any

from cyclopts import App, Parameter
from pydantic import JsonValue

from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import UnknownNameError

__all__ = ["app"]

app = App(name="openeo", help="Say what the engine for openEO process graphs can do.")
"""The command with its sub-commands."""

_USAGE = 2


@app.command
def processes(
    name: str | None = None, /, *, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False
) -> int:
    """List the processes that graphs may use here.

    Args:
        name: One process, to see what it takes.
        as_json: Print one JSON object, as an openEO back-end answers GET /processes.
    """
    from earthcode_platform.engines.openeo.describing import described

    screen = Screen(as_json=as_json)
    every = described()
    known = {process["id"]: process for process in every["processes"]}
    if name is not None and name not in known:
        screen.error(UnknownNameError.among("process", name, known))
        return _USAGE
    chosen = [known[name]] if name is not None else list(known.values())
    if as_json:
        listed: dict[str, JsonValue] = {**every, "processes": chosen}
        screen.data(listed)
    elif name is None:
        width = max(map(len, known)) + 2
        for process in chosen:
            screen.line(f"{process['id']:<{width}}{process['summary']}")
    else:
        _show(screen, known[name])
    return 0


@app.command
def formats(
    name: str | None = None, /, *, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False
) -> int:
    """List the formats of results, with the options that save_result takes for each.

    Args:
        name: One format, such as NetCDF.
        as_json: Print one JSON object, as an openEO back-end answers GET /file_formats.
    """
    from earthcode_platform.engines.openeo.formats import file_formats

    screen = Screen(as_json=as_json)
    every = file_formats()
    known = {form.lower(): form for form in every["output"]}
    if name is not None and name.lower() not in known:
        screen.error(UnknownNameError.among("format", name, known.values()))
        return _USAGE
    chosen = list(known.values()) if name is None else [known[name.lower()]]
    written = {form: every["output"][form] for form in chosen}
    if as_json:
        screen.data({**every, "output": written})
        return 0
    for form, described in written.items():
        screen.line(f"{form}: {described['title']}", style="bold")
        screen.line(f"{described['description']}\n")
        rows = [
            ((option, told["description"], _in_short(told.get("anyOf", told)), json.dumps(told["default"])), "")
            for option, told in described["parameters"].items()
        ]
        screen.table(["option", "what it is", "takes", "unless given"], rows)
        screen.line("")
    return 0


def _show(screen: Screen, process: dict[str, Any]) -> None:
    """Print what a process does, and a table of what it takes."""
    screen.line(process["id"], style="bold")
    screen.line(f"{process['description']}\n")
    rows = [
        ((argument["name"], _in_short(argument["schema"]), _unless_given(argument)), "")
        for argument in process["parameters"]
    ]
    screen.table(["argument", "takes", "unless given"], rows)


def _in_short(schema: dict[str, Any] | list[dict[str, Any]]) -> str:
    alternatives = schema if isinstance(schema, list) else [schema]
    return " or ".join(
        "|".join(one["enum"]) if "enum" in one else str(one.get("subtype") or one.get("type") or "anything")
        for one in alternatives
    )


def _unless_given(argument: dict[str, Any]) -> str:
    return json.dumps(argument["default"]) if argument.get("optional") else "required"
