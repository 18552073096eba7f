"""`earthcode-platform openeo`: what the engine for openEO process graphs can do.

`processes` exits with 0, or with 2 if a process is asked for that is not there. `capabilities` exits with 0, or with 2
if the address is none or the folder cannot be written.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from pydantic import JsonValue

from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError, UnknownNameError

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
def capabilities(
    *, url: str, output: Path | None = None, production: Annotated[bool, Parameter(negative="")] = False
) -> int:
    """Write the documents by which an openEO back-end says what it can do (openEO API 1.2), true of this platform.

    Args:
        url: Address at which the back-end will stand, such as https://openeo.example.org.
        output: Folder for one file a document, named by its path, `index.json` in it; all are printed if left out.
        production: Say that the back-end is ready for production.
    """
    from earthcode_platform.engines.openeo.capabilities import documents

    screen = Screen(as_json=output is None)
    try:
        found = documents(url, production=production)
        if output is None:
            told: dict[str, JsonValue] = {**found}
            screen.data(told)
        else:
            for path, document in found.items():
                screen.line(str(_written(document, output, path)))
    except EarthCodeError as error:
        screen.error(error)
        return _USAGE
    return 0


def _written(document: dict[str, Any], folder: Path, path: str) -> Path:
    """Write the document that is served at `path` as an index of a folder, as servers of files serve it."""
    target = folder / path.strip("/") / "index.json"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"it cannot be written: {error.strerror}.", where=str(target), remedy="Name a folder that you may write to."
        ) from error
    return target


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
