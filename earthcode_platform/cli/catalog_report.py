"""`earthcode-platform catalog report`: can the workflows and experiments of a catalog be executed here?

It exits with 0 once it has an answer, whatever it is, and with 2 if it was called in a way it does not understand:
there is no such catalog, no such record, or an option is unknown.

The JSON object has the keys `catalog`, `basis` (what the answer rests on), `verdicts` (what each means), `counts` (how
many there are of each), `engines` (kinds that run here), `records`, each as models.executability.Executability, and
`unread` (entries that were passed over because they cannot be read, with the reason).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from pydantic import JsonValue

from earthcode_platform.cli.paragraphs import paragraph
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError
from earthcode_platform.models.catalog_code import CodeForm, Pin
from earthcode_platform.models.executability import (
    MEANINGS,
    EntryPoint,
    Executability,
    ExecutabilityReport,
    Runtime,
    Verdict,
)

__all__ = ["ReportOptions", "report"]

_USAGE: Final = 2
_BASIS: Final = "Judged by the catalog's own files alone; nothing was fetched."
_STYLES: Final = {
    Verdict.RUNNABLE: "green",
    Verdict.AFTER_MENDING: "yellow",
    Verdict.NO_ENGINE: "",
    Verdict.NOT_EXECUTABLE: "dim",
}


@Parameter(name="*")
@dataclass(frozen=True)
class ReportOptions:
    """How the answer is told."""

    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Print one JSON object, for machines."""


_NO_OPTIONS = ReportOptions()


def report(path: Path, /, *ids: str, options: ReportOptions = _NO_OPTIONS) -> int:
    """Say of workflows and experiments whether they can be executed here, from their metadata alone.

    Nothing is fetched. Without an ID all of them are told in a table; those that are named are told in full.

    Args:
        path: Folder of the catalog, or its bare git repository.
        ids: Workflows and experiments, by id, path in the catalog, or address; an id that both have means both.
        options: How to tell it.
    """
    from earthcode_platform.catalog.checkout import read_catalog
    from earthcode_platform.catalog.records.executability import report as reported
    from earthcode_platform.engines.registry import available

    screen = Screen(as_json=options.as_json)
    try:
        found = reported(read_catalog(path), available().keys(), ids)
    except EarthCodeError as error:
        screen.error(error)
        return _USAGE
    if options.as_json:
        screen.data(_data(str(path), found))
    elif ids:
        for one in found.records:
            _details(screen, one)
        _say(screen, _BASIS)
    else:
        _table(screen, str(path), found)
    if not options.as_json:
        screen.unread(found.unread)
    return 0


def _data(catalog: str, found: ExecutabilityReport) -> dict[str, JsonValue]:
    """Return the report as data: what it rests on, what the verdicts mean, how many there are, and the records."""
    return {
        "catalog": catalog,
        "basis": _BASIS,
        "verdicts": {verdict.value: meaning for verdict, meaning in MEANINGS.items()},
        "counts": {verdict.value: count for verdict, count in found.counts.items()},
        **found.model_dump(mode="json"),
    }


def _table(screen: Screen, catalog: str, found: ExecutabilityReport) -> None:
    headers = ("id", "record", "kind", "pinned by", "inputs", "verdict")
    screen.table(headers, ((_cells(one), _STYLES[one.verdict]) for one in found.records))
    screen.line("")
    for verdict, count in found.counts.items():
        _say(screen, f"{count:3}  {verdict.value:<15} {MEANINGS[verdict]}", indent=21)
    engines = ", ".join(found.engines) or "none"
    _say(screen, f"{catalog}: {len(found.records)} workflows and experiments; engines here: {engines}. {_BASIS}")
    _say(screen, "Name an ID to see its entry point, runtime, parameters, inputs, credentials and what is missing.")


def _cells(one: Executability) -> tuple[str, ...]:
    inputs = ", ".join(dict.fromkeys(given.form.value for given in one.inputs)) or "-"
    pin = one.entry.pin.value if one.entry.href else "-"
    return (one.id, one.record.value, one.kind.value, pin, inputs, one.verdict.value)


def _details(screen: Screen, one: Executability) -> None:
    screen.line(f"{one.id} ({one.record.value}): {one.verdict.value}", style=_STYLES[one.verdict] or "bold")
    _say(screen, f"{one.title}. This means: {MEANINGS[one.verdict]}.", indent=2, first="  ")
    for name, lines in _facts(one):
        for at, line in enumerate(lines):
            _say(screen, line, indent=15, first=f"  {'' if at else name:<13}")
    screen.line("")


def _facts(one: Executability) -> Iterator[tuple[str, list[str]]]:
    yield "kind", [one.kind.value]
    yield "entry point", [_entry(one.entry)]
    yield "runtime", list(_runtime(one.runtime)) or ["nothing is said of it"]
    yield "parameters", [_parameters(one)]
    yield "inputs", [f"{given.name}: {given.href} ({given.form.value})" for given in one.inputs] or ["none named"]
    yield "credentials", list(one.credentials) or ["none that the record tells of"]
    yield "missing", [f"{at}. {sentence}" for at, sentence in enumerate(one.missing, start=1)] or ["nothing"]
    if one.quirks:
        yield "read as", list(one.quirks)


def _entry(entry: EntryPoint) -> str:
    if not entry.href:
        return "none named"
    fixed = f"pinned by {entry.pin.value} {entry.reference}".rstrip() if entry.pin is not Pin.NOTHING else "not pinned"
    named = "; its workflow names it" if entry.named_by else ""
    form = entry.form.value if entry.form else "page"
    what = f"{form} {entry.path}" if entry.form is CodeForm.FOLDER else form
    return f"{entry.href} ({what}, {fixed}{named})"


def _parameters(one: Executability) -> str:
    told = [
        parameter.name
        + (" = given" if parameter.has_value else " (no value)")
        + (" (schema)" if parameter.has_schema else "")
        for parameter in one.parameters
    ]
    return ", ".join(told) or "none named"


def _runtime(runtime: Runtime) -> Iterator[str]:
    for image in runtime.images:
        yield f"container image {image}"
    if runtime.container and not runtime.images:
        yield "a container, of which no image is named"
    if runtime.environment:
        form = runtime.environment_form.value if runtime.environment_form else "file"
        yield f"environment {runtime.environment} ({form})"
    for what, said in (
        ("Python", runtime.python_version),
        ("kernel", runtime.kernel),
        ("language", ", ".join(runtime.languages)),
        ("openEO back-end", ", ".join(runtime.backends)),
        ("made on", ", ".join(runtime.platforms)),
    ):
        if said:
            yield f"{what} {said}"


def _say(screen: Screen, text: str, *, indent: int = 0, first: str = "") -> None:
    for line in paragraph(text, indent=indent, first=first):
        screen.line(line)
