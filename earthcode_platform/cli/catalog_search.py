"""`earthcode-platform catalog search`: products, experiments, workflows and projects of a catalog.

It exits with 0 once it has looked, whatever it found, and with 2 if it was called in a way it does not understand:
there is no such catalog, theme, variable, mission or project, or a box or a time cannot be read.

The JSON object has the keys `catalog`, `query` (as it was understood), `matched` (how many were found), `hits`, each as
models.catalog_search.Hit, and `unread` (entries that were passed over because they cannot be read, with the reason).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from pydantic import ValidationError

from earthcode_platform.cli.paragraphs import paragraph, shortened
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError
from earthcode_platform.models.catalog_record import Interval, RecordKind
from earthcode_platform.models.catalog_search import Hit, Query
from earthcode_platform.uncollected import uncollected

__all__ = ["SearchOptions", "search"]

_USAGE: Final = 2
_SHOWN: Final = 20
_SUMMARY: Final = 180


@Parameter(name="*")
@dataclass(frozen=True)
class SearchOptions:
    """What is looked for besides words; all of it must hold. A repeated option asks for one of its values."""

    kinds: Annotated[tuple[RecordKind, ...], Parameter(name="--kind", negative="", show_default=False)] = ()
    """Kind of entry. May be given several times."""
    themes: Annotated[tuple[str, ...], Parameter(name="--theme", negative="", show_default=False)] = ()
    """Theme, by id or title. May be given several times."""
    variables: Annotated[tuple[str, ...], Parameter(name="--variable", negative="", show_default=False)] = ()
    """Variable, by id or title. May be given several times."""
    missions: Annotated[tuple[str, ...], Parameter(name="--mission", negative="", show_default=False)] = ()
    """EO mission, by id or title. May be given several times."""
    projects: Annotated[tuple[str, ...], Parameter(name="--project", negative="", show_default=False)] = ()
    """Project, by id or title. May be given several times."""
    bbox: Annotated[str | None, Parameter(name="--bbox", allow_leading_hyphen=True)] = None
    """W,S,E,N in degrees: a box that must be met. West above east crosses the antimeridian."""
    datetime: Annotated[str | None, Parameter(name="--datetime", allow_leading_hyphen=True)] = None
    """START/END: a time that must be met; `..` leaves an end open, and a date alone means the whole day."""
    limit: Annotated[int, Parameter(name="--limit")] = _SHOWN
    """How many hits are shown."""
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Print one JSON object, for machines."""


_NO_OPTIONS = SearchOptions()


def search(path: Path, /, *text: str, options: SearchOptions = _NO_OPTIONS) -> int:
    """Find products, experiments, workflows and projects, the best first.

    A record without a box is never found by --bbox, and one without a time never by --datetime. Experiments, workflows
    and projects without a box, a time, variables or missions of their own have those of their products.

    Args:
        path: Folder of the catalog, or its bare git repository.
        text: Words, each of which must begin a word of the title, the id, a keyword or the description.
        options: What else to look for, and how to tell it.
    """
    from earthcode_platform.catalog.checkout import read_catalog
    from earthcode_platform.catalog.records.search import look

    screen = Screen(as_json=options.as_json)
    try:
        with uncollected():
            query = _query(text, options)
            matched, hits, unread = look(read_catalog(path), query)
    except EarthCodeError as error:
        screen.error(error)
        return _USAGE
    if options.as_json:
        screen.data(
            {
                "catalog": str(path),
                "query": query.model_dump(mode="json"),
                "matched": matched,
                "hits": [hit.model_dump(mode="json") for hit in hits],
                "unread": [*unread],
            }
        )
    else:
        _show(screen, hits, matched)
        screen.unread(unread)
    return 0


def _query(text: tuple[str, ...], options: SearchOptions) -> Query:
    from earthcode_platform.catalog.records.asking import read_box, read_interval

    try:
        return Query(
            text=text,
            kinds=options.kinds,
            themes=options.themes,
            variables=options.variables,
            missions=options.missions,
            projects=options.projects,
            bbox=None if options.bbox is None else read_box(options.bbox),
            datetime=None if options.datetime is None else read_interval(options.datetime),
            limit=options.limit,
        )
    except ValidationError as error:
        first = error.errors()[0]
        message = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(f"{message}.", where=str(first["loc"][0]), remedy="Mend the option.") from None


def _show(screen: Screen, hits: tuple[Hit, ...], matched: int) -> None:
    for hit in hits:
        screen.line(f"{hit.kind.value:<11}{hit.id}", style="bold")
        for text in (hit.title, _placed(hit), shortened(hit.description, _SUMMARY)):
            for line in paragraph(text, indent=11, first=" " * 11) if text else ():
                screen.line(line)
    if not matched:
        screen.line("Nothing was found.")
    elif len(hits) < matched:
        screen.line(f"{len(hits)} of {matched} found; --limit {matched} shows all.")
    else:
        screen.line(f"{matched} found.")


def _placed(hit: Hit) -> str:
    """Return where a hit belongs, and of which place and time it is."""
    boxes = [" ".join(f"{number:g}" for number in box) for box in hit.boxes[:1]]
    told = [
        ", ".join(hit.themes),
        f"project {hit.project}" if hit.project and hit.kind is not RecordKind.PROJECT else "",
        *(f"{_day(one, 'start')} to {_day(one, 'end')}" for one in hit.intervals[:1]),
        *(f"box {box}" for box in boxes),
    ]
    return "; ".join(filter(None, told))


def _day(interval: Interval, end: str) -> str:
    moment = interval.start if end == "start" else interval.end
    return "…" if moment is None else moment.date().isoformat()
