"""FAIR, principle by principle, for what a catalog holds: a product, a workflow or an experiment.

Source: EarthCODE documentation, FAIR and Open Science best practices, standards for products and for workflows.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from earthcode_platform.cubes.stac import mapping, sequence, text
from earthcode_platform.gates.fair import ASKS, principle
from earthcode_platform.models.fair import FairReport, Principle, State

__all__ = ["published"]

_SHORT: Final = 40
_DOI: Final = ("10.", "https://doi.org/", "http://doi.org/", "https://dx.doi.org/")
_CLOSED: Final = ("", "proprietary", "various", "other")
_STRUCTURE: Final = ("self", "root", "parent")
_STANDARD: Final = ("tiff", "geotiff", "netcdf", "zarr", "parquet", "hdf5", "geo+json")


def published(kind: str, document: dict[str, JsonValue]) -> FairReport:
    """Return how FAIR an entry of a catalog is.

    Args:
        kind: `product`, `workflow` or `experiment`.
        document: The entry: a STAC Collection, or an OGC API Record.
    """
    found = _Entry(kind, document)
    return FairReport(kind=kind, id=text(document, "id"), principles=tuple(found.principles()))


class _Entry:
    def __init__(self, kind: str, document: dict[str, JsonValue]) -> None:
        self.kind = kind
        self.document = document
        self.facts = document if kind == "product" else mapping(document, "properties")
        self.links = sequence(document, "links")

    def principles(self) -> Iterator[Principle]:
        product = self.kind == "product"
        yield self._identified()
        if not product:
            version = text(self.facts, "version")
            missing = "" if version else "it says no version."
            yield principle("F1.2", f"it is version {version}.", missing, "Add version to its properties.")
        yield self._described()
        yield self._named()
        yield principle("F4", "it was found in the catalog.")
        yield self._fetched()
        yield from self._protocols()
        yield principle("A2", "its entry is kept in the catalog's git repository, whatever becomes of the data.")
        language = "a STAC Collection" if product else "an OGC API Record"
        yield principle("I1", f"it is JSON, as {language}.")
        yield self._vocabularies()
        yield self._linked()
        yield self._judged()
        licence = text(self.facts, "license") or text(self.document, "license")
        missing = f"its licence is {licence or 'not said'}." if licence in _CLOSED else ""
        yield principle("R1.1", f"its licence is {licence}.", missing, "Name an open licence by its SPDX identifier.")
        yield self._origin()
        if not product:
            yield self._uses()
        yield self._standards()

    def _rel(self, *relations: str) -> list[dict[str, JsonValue]]:
        return [link for link in self.links if text(link, "rel") in relations]

    def _leads_to(self, folder: str) -> list[str]:
        others = [link for link in self.links if text(link, "rel") not in _STRUCTURE]
        return [text(link, "href") for link in others if f"/{folder}/" in text(link, "href")]

    def _identified(self) -> Principle:
        names = [text(self.facts, "sci:doi"), *(text(link, "href") for link in self._rel("cite-as", "via"))]
        doi = next((name for name in names if name.startswith(_DOI)), "")
        missing = "" if doi else "it has no DOI; its id is unique in this catalog alone."
        return principle(
            "F1", f"its DOI is {doi}.", missing, "Ask EarthCODE for one, or name that of the archive as sci:doi."
        )

    def _described(self) -> Principle:
        lacking = [
            key for key in ("title", "description") if not text(self.facts, key) and not text(self.document, key)
        ]
        description = text(self.facts, "description") or text(self.document, "description")
        lacking += [f"a description of {_SHORT} characters or more"] if 0 < len(description) < _SHORT else []
        lacking += [] if _themes(self.facts) else ["themes"]
        lacking += [] if sequence(self.facts, "contacts") or sequence(self.facts, "providers") else ["contacts"]
        missing = f"it lacks {', '.join(lacking)}." if lacking else ""
        return principle("F2", "title, description, themes and contacts are there.", missing, "Add them.")

    def _named(self) -> Principle:
        identifier = text(self.document, "id")
        if self.kind != "product":
            missing = "" if identifier else "it has no id."
            return principle("F3", f"its id is {identifier!r}.", missing, "Give it one.")
        access = [link for link in self._rel("via") if text(link, "title").strip().lower() == "access"]
        missing = "" if access else "no via link is titled Access."
        evidence = f"its data are at {text(access[0], 'href')}." if access else ""
        return principle("F3", evidence, missing, "Add a via link with the title Access to where the data are.")

    def _fetched(self) -> Principle:
        relations = ("via", "item", "child", "vcs", "application", "input", "environment")
        hrefs = [text(link, "href") for link in self._rel(*relations)]
        public = [href for href in hrefs if urlsplit(href).scheme in ("http", "https")]
        missing = "" if public else "no link leads by HTTP to what it describes."
        evidence = f"it is fetched by HTTP, such as {public[0]}." if public else ""
        return principle("A1", evidence, missing, "Link the public address of its data or code.")

    def _protocols(self) -> Iterator[Principle]:
        foreign = sorted({urlsplit(text(link, "href")).scheme for link in self.links} - {"", "http", "https"})
        missing = f"links use {', '.join(foreign)}." if foreign else ""
        yield principle("A1.1", "every link is by HTTP, or relative.", missing, "Link public addresses.")
        evidence = "nothing of it asks who reads."
        yield Principle(name="A1.2", asks=ASKS["A1.2"], state=State.NOT_APPLICABLE, evidence=evidence)

    def _vocabularies(self) -> Principle:
        named = [*_themes(self.facts), *_texts(self.facts, "osc:variables"), *_texts(self.facts, "osc:missions")]
        variables = self.kind != "product" or bool(_texts(self.facts, "osc:variables"))
        missing = (
            "" if named and variables else "it names no variable of the catalog." if named else "it names no theme."
        )
        return principle("I2", f"it names {', '.join(named[:6])}.", missing, "Name entries of the catalog.")

    def _linked(self) -> Principle:
        wanted = {"projects": "its project", "themes": "its themes"}
        if self.kind == "experiment":
            wanted = {"workflows": "its workflow", "products": "its product"}
        lacking = [what for folder, what in wanted.items() if not self._leads_to(folder)]
        missing = f"no link leads to {' or '.join(lacking)}." if lacking else ""
        return principle("I3", f"links lead to {' and '.join(wanted.values())}.", missing, "Add related links.")

    def _judged(self) -> Principle:
        if self.kind == "product":
            extent = mapping(self.document, "extent")
            checks = {
                "its extent": bool(extent),
                "variables": bool(_texts(self.facts, "osc:variables")),
                "missions": bool(_texts(self.facts, "osc:missions")),
            }
            lacking = [what for what, there in checks.items() if not there]
        else:
            said = self._rel("environment", "application")
            lacking = [] if said else ["the environment that it runs in"]
        missing = f"it does not say {', '.join(lacking)}." if lacking else ""
        evidence = (
            "extent, variables and missions are there." if self.kind == "product" else "its environment is linked."
        )
        return principle("R1", evidence, missing, "Add what is missing.")

    def _origin(self) -> Principle:
        folders = ("experiments", "workflows") if self.kind == "product" else ("experiments", "products", "workflows")
        found = [href for folder in folders for href in self._leads_to(folder)]
        code = [text(link, "href") for link in self._rel("vcs", "application")]
        missing = "" if found or code else "nothing says how it was made."
        told = (found or code or [""])[0]
        return principle("R1.2", f"it links {told}.", missing, "Link its workflow and its experiment.")

    def _uses(self) -> Principle:
        found = self._rel("input", "environment") or self._leads_to("experiments") or self._leads_to("products")
        missing = "" if found else "neither inputs nor an experiment are linked."
        return principle("R2", "its inputs or its experiment are linked.", missing, "Link an experiment of it.")

    def _standards(self) -> Principle:
        if self.kind != "product":
            return principle("R3", "it is an OGC API Record with the vocabularies of the catalog.")
        types = [text(entry, "type") for entry in (*self.links, *_assets(self.document))]
        said = [one for one in types if any(word in one for word in _STANDARD)]
        items = self._rel("item", "child")
        missing = "" if said or items else "nothing says in which format its data are."
        evidence = f"its data are {said[0]}." if said else "its items are STAC."
        return principle("R1.3", evidence, missing, "Link its STAC items, or say the media type of its data.")


def _texts(content: Mapping[str, JsonValue], key: str) -> list[str]:
    value = content.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _themes(content: dict[str, JsonValue]) -> list[str]:
    return [text(one, "id") for scheme in sequence(content, "themes") for one in sequence(scheme, "concepts")]


def _assets(document: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    return [asset for asset in mapping(document, "assets").values() if isinstance(asset, dict)]
