"""`earthcode-platform data search`: data in STAC APIs, static STAC catalogs, OGC API Records and CSW.

What is found is shown with lines that paste into the `inputs:` of experiment.yaml. It exits with 0 once it has looked,
whatever it found, with 1 if the service did not answer, and with 2 if it was called in a way it does not understand.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from cyclopts import App, Parameter
from pydantic import ValidationError

from earthcode_platform.cli.paragraphs import paragraph, shortened
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError
from earthcode_platform.models.found_data import DataQuery, FoundData, SearchedData, Service

__all__ = ["DataOptions", "app"]

app = App(name="data", help="Look for data that experiments can take as inputs.")
"""The command with its sub-commands."""

_UNANSWERED: Final = 1
_USAGE: Final = 2
_SUMMARY: Final = 180


@Parameter(name="*")
@dataclass(frozen=True)
class DataOptions:
    """What is looked for besides words; all of it must hold."""

    collection: Annotated[str | None, Parameter(name="--collection")] = None
    """Id of a collection, whose items are listed instead."""
    bbox: Annotated[str | None, Parameter(name="--bbox", allow_leading_hyphen=True)] = None
    """W,S,E,N in degrees: a box that must be met. West above east crosses the antimeridian."""
    datetime: Annotated[str | None, Parameter(name="--datetime", allow_leading_hyphen=True)] = None
    """START/END: a time that must be met; `..` leaves an end open, and a date alone means the whole day."""
    limit: Annotated[int, Parameter(name="--limit")] = 20
    """How many are shown."""
    service: Annotated[Service | None, Parameter(name="--service")] = None
    """What the address is; it is found out if left out."""
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Print one JSON object, for machines."""


_NO_OPTIONS = DataOptions()


@app.command
def search(url: str, /, *text: str, options: DataOptions = _NO_OPTIONS) -> int:
    """List data of a service, with lines that paste into the inputs of an experiment.

    The service's own host may lie anywhere; whatever it leads to must be on the public internet.

    Args:
        url: Address of a STAC API, a static STAC catalog, an OGC API Records or a CSW.
        text: Words, each of which must be found.
        options: What else to look for, and how to tell it.
    """
    from earthcode_platform.discovery.searching import search_data

    screen = Screen(as_json=options.as_json)
    try:
        query = _query(text, options)
        found = search_data(url, query, options.service)
    except EarthCodeError as error:
        screen.error(error)
        return _UNANSWERED if isinstance(error, UnavailableError) else _USAGE
    if options.as_json:
        screen.data({"url": url, "query": query.model_dump(mode="json"), **found.model_dump(mode="json")})
    else:
        _show(screen, found, query)
    return 0


def _query(text: tuple[str, ...], options: DataOptions) -> DataQuery:
    from earthcode_platform.catalog.records.asking import read_box
    from earthcode_platform.models.window import TimeWindow

    if options.limit < 1:
        raise InputError(f"{options.limit} is no number of hits.", where="--limit", remedy="Give one above 0.")
    try:
        return DataQuery(
            text=text,
            collection=options.collection,
            bbox=None if options.bbox is None else tuple(read_box(options.bbox)),
            datetime=None if options.datetime is None else TimeWindow.parse(options.datetime),
            limit=options.limit,
        )
    except ValidationError as error:
        first = error.errors()[0]
        message = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(f"{message}.", where=f"--{first['loc'][0]}", remedy="Mend the option.") from None
    except ValueError as error:
        raise InputError(f"{error}.", where="--datetime", remedy="Write it as 2024-06-01/2024-08-31.") from None


def _show(screen: Screen, found: SearchedData, query: DataQuery) -> None:
    from earthcode_platform.discovery.pasting import pasted

    for one in found.found:
        screen.line(f"{one.kind:<11}{one.id}", style="bold")
        for text in (one.title if one.title != one.id else "", _placed(one), shortened(one.description, _SUMMARY)):
            for line in paragraph(text, indent=11, first=" " * 11) if text else ():
                screen.line(line)
        lines = pasted(one, query)
        for line in lines.splitlines():
            screen.line(line, style="green")
        if not lines:
            screen.line(f"  no STAC document is linked{': ' + one.elsewhere[0] if one.elsewhere else ''}", style="dim")
    count = len(found.found)
    told = f"{count} shown, and there is more; --limit {2 * count} shows more." if found.more else f"{count} found."
    screen.line(told if count else "Nothing was found.")
    for note in found.notes:
        screen.line(f"note: {note}", style="yellow")


def _placed(one: FoundData) -> str:
    """Return where and when something is, and under which licence."""
    box = "box " + " ".join(f"{edge:g}" for edge in one.bbox) if one.bbox else ""
    time = f"{one.start[:10] or '…'} to {one.end[:10] or '…'}" if one.start or one.end else ""
    return "; ".join(filter(None, (time, box, one.license)))
