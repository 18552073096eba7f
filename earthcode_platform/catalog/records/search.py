"""Products, experiments, workflows and projects that a query finds, the best first."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeVar

from earthcode_platform.catalog.documents import JsonObject, facts, text, texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.records.extents import boxes_meet, intervals_meet, read_boxes, read_intervals
from earthcode_platform.catalog.records.identify import FOLDERS, RECORDS
from earthcode_platform.catalog.records.readable import readable
from earthcode_platform.catalog.records.readings import Readings
from earthcode_platform.catalog.records.relations import Relations, named_project, named_themes
from earthcode_platform.catalog.records.words import folded, patterns
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.catalog_record import Box, Interval
from earthcode_platform.models.catalog_search import Hit, Query

__all__ = ["Outcome", "look", "search"]

_T = TypeVar("_T")

_ORDER: Final = tuple(RECORDS)
_SCORES: Final = {"title": 4, "id": 3, "keywords": 2, "description": 1}
_NAMES: Final = {
    Kind.THEME: "theme",
    Kind.VARIABLE: "variable",
    Kind.MISSION: "EO mission",
    Kind.PROJECT: "project",
}


class Outcome(NamedTuple):
    """What a query finds."""

    matched: int
    """How many entries."""
    hits: tuple[Hit, ...]
    """The best of them, as many as the query wants."""
    unread: tuple[str, ...]
    """Entries that were not looked at because they cannot be read, each with the reason."""


def search(catalog: Catalog, query: Query) -> tuple[Hit, ...]:
    """Return what a query finds in a catalog: by how well the words fit, then by kind, title and id.

    Experiments, workflows and projects without a box, a time, variables or missions of their own have those of their
    products. A record without a box is never found by a box, and one without a time never by a time. What cannot be
    read is passed over; `look` tells it.

    Raises:
        UnknownNameError: There is no such theme, variable, mission or project; the message suggests the nearest.
        InputError: A word has no letter and no digit.
    """
    return look(catalog, query).hits


def look(catalog: Catalog, query: Query) -> Outcome:
    """Return what `search` returns, how many entries there are in all, and which cannot be read.

    Raises:
        EarthCodeError: As `search`.
    """
    catalog, unread = readable(catalog)
    asked = _Asked(catalog, query)
    kinds = [FOLDERS[kind] for kind in query.kinds] or list(_ORDER)
    relations = Relations(catalog)
    found = [
        one
        for kind in dict.fromkeys(kinds)
        for entry in catalog.ids(kind)
        if (one := asked.fitting(_Entry(catalog, relations, kind, entry))) is not None
    ]
    found.sort(key=lambda one: one.place)
    return Outcome(len(found), tuple(one.hit() for one in found[: query.limit]), unread)


class _Entry:
    """One entry. What it says of itself is read when it is asked for."""

    def __init__(self, catalog: Catalog, relations: Relations, kind: Kind, entry: str) -> None:
        self.kind = kind
        self.id = entry
        self.path = kind.path(entry)
        self.document = catalog.document(self.path)
        self.said = facts(self.document)
        self._catalog = catalog
        self._relations = relations

    @property
    def title(self) -> str:
        return text(self.said, "title") or text(self.document, "title") or self.id

    @property
    def themes(self) -> tuple[str, ...]:
        return named_themes(self._catalog, self.path)

    @property
    def project(self) -> str:
        if self.kind is Kind.PROJECT:
            return self.id
        workflow = Kind.WORKFLOW.path(text(self.said, "osc:workflow"))
        named = named_project(self._catalog, self.path)
        return named or (named_project(self._catalog, workflow) if workflow in self._catalog else "")

    def named(self, key: str) -> tuple[str, ...]:
        """Return the ids at `key`, or those of its products."""
        return _distinct(texts(self.said, key)) or _distinct(
            name for product in self._products() for name in texts(product, key)
        )

    def boxes(self) -> tuple[Box, ...]:
        """Return its boxes, or those of its products."""
        return read_boxes(self.document, Readings()) or _distinct(
            box for product in self._products() for box in read_boxes(product, Readings())
        )

    def intervals(self) -> tuple[Interval, ...]:
        """Return its intervals of time, or those of its products."""
        found = read_intervals(self.document, Readings())
        return found or tuple(one for product in self._products() for one in read_intervals(product, Readings()))

    def _products(self) -> Iterator[JsonObject]:
        if self.kind is not Kind.PRODUCT:
            for product in self._relations.products(self.kind, self.id):
                if self._catalog.exists(Kind.PRODUCT, product):
                    yield self._catalog.document(Kind.PRODUCT.path(product))


class _Facts(NamedTuple):
    """What every filter looks at."""

    project: str
    themes: tuple[str, ...]
    variables: tuple[str, ...]
    missions: tuple[str, ...]
    boxes: tuple[Box, ...]
    intervals: tuple[Interval, ...]


class _Fitting:
    """An entry that a query finds."""

    def __init__(self, entry: _Entry, fields: list[str], told: _Facts) -> None:
        self._entry = entry
        self._fields = fields
        self._told = told
        self._score = sum(_SCORES[field] for field in fields)
        self.place = (-self._score, _ORDER.index(entry.kind), folded(entry.title), entry.id)

    def hit(self) -> Hit:
        """Return it as it is told."""
        return Hit(
            kind=RECORDS[self._entry.kind],
            id=self._entry.id,
            path=self._entry.path,
            title=self._entry.title,
            description=text(self._entry.said, "description").strip(),
            score=self._score,
            matched=tuple(field for field in _SCORES if field in self._fields),
            **self._told._asdict(),
        )


class _Asked:
    """A query whose names were looked up and whose words were made ready."""

    def __init__(self, catalog: Catalog, query: Query) -> None:
        self._query = query
        self._words = patterns(query.text)
        self._themes = _ids(catalog, Kind.THEME, query.themes)
        self._variables = _ids(catalog, Kind.VARIABLE, query.variables)
        self._missions = _ids(catalog, Kind.MISSION, query.missions)
        self._projects = _ids(catalog, Kind.PROJECT, query.projects)

    def fitting(self, entry: _Entry) -> "_Fitting | None":
        """Return the entry with all that is asked of it; None if it does not fit."""
        fields = self._fields(entry)
        if fields is None:
            return None
        told = _Facts(
            project=entry.project,
            themes=entry.themes,
            variables=entry.named("osc:variables"),
            missions=entry.named("osc:missions"),
            boxes=entry.boxes(),
            intervals=entry.intervals(),
        )
        return _Fitting(entry, fields, told) if self._holds(told) else None

    def _fields(self, entry: _Entry) -> list[str] | None:
        """Return for each word the best field that it stands in; None if one stands in none."""
        if not self._words:
            return []
        held = {
            "title": folded(entry.title),
            "id": folded(entry.id),
            "keywords": folded("\n".join(texts(entry.said, "keywords"))),
            "description": folded(text(entry.said, "description")),
        }
        found = [_field(word, held) for word in self._words]
        return None if "" in found else found

    def _holds(self, told: _Facts) -> bool:
        box, interval = self._query.bbox, self._query.datetime
        return (
            (not self._projects or told.project in self._projects)
            and (not self._themes or not self._themes.isdisjoint(told.themes))
            and (not self._variables or not self._variables.isdisjoint(told.variables))
            and (not self._missions or not self._missions.isdisjoint(told.missions))
            and (box is None or any(boxes_meet(box, one) for one in told.boxes))
            and (interval is None or any(intervals_meet(interval, one) for one in told.intervals))
        )


def _field(word: re.Pattern[str], held: dict[str, str]) -> str:
    return next((name for name, content in held.items() if word.search(content)), "")


def _ids(catalog: Catalog, kind: Kind, names: Iterable[str]) -> frozenset[str]:
    return frozenset(found for name in names for found in _named(catalog, kind, name))


def _named(catalog: Catalog, kind: Kind, name: str) -> list[str]:
    """Return the ids that a name means: an id, or else every entry with that id or title but for case and accents."""
    if catalog.exists(kind, name):
        return [name]
    wanted = folded(name.strip())
    found = [
        entry
        for entry in sorted(catalog.ids(kind))
        if wanted in (folded(entry), folded(_title(catalog, kind.path(entry))))
    ]
    if not found:
        raise UnknownNameError.among(_NAMES[kind], name, catalog.ids(kind), where="the catalog")
    return found


def _title(catalog: Catalog, path: str) -> str:
    try:
        return catalog.title(path)
    except InputError:
        return ""


def _distinct(found: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(found))
