"""A seeded generator of changes to the real catalog, each with the verdict that the written rules ask for."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import relative
from earthcode_platform.catalog.snapshot import Catalog

__all__ = [
    "CATALOGS",
    "COLLECTIONS",
    "ENTRIES",
    "LISTINGS",
    "RECORDS",
    "Draft",
    "Mutant",
    "Op",
    "Real",
    "UnfitError",
    "mutants",
]

COLLECTIONS = ("products", "projects")
RECORDS = ("workflows", "experiments")
CATALOGS = ("themes", "variables", "eo-missions")
ENTRIES = (*COLLECTIONS, *RECORDS, *CATALOGS)
LISTINGS = tuple(f"{kind}/" for kind in ENTRIES)
_TRIES = 400


class UnfitError(Exception):
    """The change makes no sense for this document."""


@dataclass(frozen=True)
class Op:
    """A kind of change, and what the written rules say of its result."""

    name: str
    kinds: Sequence[str]
    """Kinds of entries; a listing is its kind and a slash, the top is `top`, a product's Item is `items`."""
    change: Callable[["Draft"], object]
    gate: str = ""
    """Code of an error in gate mode; empty if the catalog stays valid."""
    warns: str = ""
    """Number of the exception that gate mode warns of."""
    strict: str = ""
    """Code of an error that strict mode adds; where gate mode has one, strict mode has it too."""


@dataclass(frozen=True)
class Mutant:
    """One change of the real catalog."""

    name: str
    op: Op
    path: str
    edits: dict[str, bytes | None]
    """New content by path; None takes the file away."""


class Real:
    """The real catalog, and what links to what."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def paths(self) -> dict[str, list[str]]:
        """The documents of each kind that an operator may ask for."""
        held: dict[str, list[str]] = {kind: [] for kind in (*ENTRIES, "items")}
        for path in sorted(self.catalog.files):
            found = Kind.of(path)
            if found:
                held[found[0].value].append(path)
            elif path.startswith("products/") and path.count("/") > 1 and path.endswith(".json"):
                held["items"].append(path)
        return held | {f"{kind.value}/": [kind.listing] for kind in Kind} | {"top": [ROOT]}

    @cached_property
    def linked_from(self) -> dict[str, set[str]]:
        """The documents that link to a path."""
        held: dict[str, set[str]] = {}
        for path in self.catalog.files:
            if path.endswith(".json"):
                for link in self.catalog.links(path):
                    held.setdefault(link.target or "", set()).add(path)
        return held

    def affected(self, mutant: Mutant) -> set[str]:
        """Return every document whose verdict the change may touch: itself, what links to it, and the listing."""
        found = set(mutant.edits)
        for path in mutant.edits:
            found |= self.linked_from.get(path, set())
            found.add(f"{path.split('/', maxsplit=1)[0]}/catalog.json" if "/" in path else ROOT)
        return found

    def mutated(self, mutant: Mutant) -> Catalog:
        """Return the catalog with the change."""
        gone = [path for path, content in mutant.edits.items() if content is None]
        if gone:
            return Catalog({p: c for p, c in (self.catalog.files | mutant.edits).items() if c is not None})
        return self.catalog.with_edits({path: content for path, content in mutant.edits.items() if content is not None})


@dataclass
class Draft:
    """A document being changed."""

    real: Real
    rng: random.Random
    path: str
    files: dict[str, bytes | None] = field(default_factory=dict)
    """Further files."""
    content: bytes | None = None
    """The bytes to write, if they are not the document's."""

    def __post_init__(self) -> None:
        self.doc: dict[str, Any] = json.loads(self.real.catalog.content(self.path))
        self.folder = self.path.rpartition("/")[0]
        self.is_record = self.path.endswith("record.json")

    @property
    def facts(self) -> dict[str, Any]:
        """The part with title, description and `osc:` keys."""
        return self.doc["properties"] if self.is_record else self.doc

    def put(self, **changes: object) -> None:
        self.doc |= changes

    def set(self, key: str, value: object) -> None:
        self.facts[key] = value

    def drop(self, key: str) -> None:
        self.held(key)
        del self.facts[key]

    def held(self, key: str) -> Any:  # noqa: ANN401 - whatever the document holds there
        if not self.facts.get(key):
            raise UnfitError(key)
        return self.facts[key]

    def any(self, kind: str) -> str:
        """Return the path of some document of a kind that this one does not link to."""
        mine = {link.target for link in self.real.catalog.links(self.path)}
        return self.rng.choice([path for path in self.real.paths[kind] if path not in mine and path != self.path])

    def title(self, path: str) -> str:
        return self.real.catalog.title(path)

    def href(self, path: str) -> str:
        return relative(self.path, path)

    def link(self, rel: str, part: str = "") -> dict[str, Any]:
        """Return one of the links with a relation."""
        found = [one for one in self.doc["links"] if one["rel"] == rel and part in one["href"]]
        if not found:
            raise UnfitError(rel)
        held: dict[str, Any] = self.rng.choice(found)
        return held

    def relink(self, rel: str, part: str = "", /, **changes: object) -> None:
        """Change one of the links; None takes a key away."""
        link = self.link(rel, part)
        for key, value in changes.items():
            if value is None:
                link.pop(key, None)
            else:
                link[key] = value

    def unlink(self, rel: str, part: str = "") -> None:
        """Take all links with a relation away."""
        self.link(rel, part)
        self.doc["links"] = [one for one in self.doc["links"] if one["rel"] != rel or part not in one["href"]]

    def add(self, rel: str, href: str, /, *, first: bool = False, **more: object) -> None:
        """Add a link."""
        link = {"rel": rel, "href": href, "type": "application/json", "title": "A link"} | more
        self.doc["links"].insert(
            0 if first else len(self.doc["links"]), {k: v for k, v in link.items() if v is not None}
        )

    def without(self, rel: str) -> None:
        """Fit only documents without such a link."""
        if any(one["rel"] == rel for one in self.doc["links"]):
            raise UnfitError(rel)

    def fit(self, *, when: object) -> None:
        """Fit only documents of which this holds."""
        if not when:
            raise UnfitError

    def mutant(self, name: str, op: Op) -> Mutant:
        content = self.content
        if content is None:
            content = (json.dumps(self.doc, indent=2, ensure_ascii=False) + "\n").encode(errors="surrogatepass")
        edits = dict(self.files)
        if content != self.real.catalog.content(self.path):
            edits.setdefault(self.path, content)
        return Mutant(name, op, self.path, edits)


def mutants(real: Real, ops: Sequence[Op], *, seed: int, each: int = 1, kinds: int = 99) -> Iterator[Mutant]:
    """Yield up to `each` mutants for every operator and up to `kinds` of its kinds, of entries chosen by the seed."""
    for op in ops:
        order = random.Random(f"{seed} {op.name} {op.kinds}")  # noqa: S311 - as below
        for kind in order.sample(op.kinds, min(kinds, len(op.kinds))):
            # The same seed must give the same entries, and nothing here is secret.
            rng = random.Random(f"{seed} {op.name} {kind}")  # noqa: S311 - the same mutants each time
            paths = real.paths[kind]
            chosen = rng.sample(paths, min(len(paths), _TRIES))
            made = 0
            for path in chosen:
                draft = Draft(real, rng, path)
                try:
                    op.change(draft)
                except UnfitError:
                    continue
                yield draft.mutant(f"{op.name} [{kind} {made}]", op)
                made += 1
                if made == each:
                    break
