"""A project and variables that an experiment brings with it: written once, and never over what is there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.addresses import CONTACTS, OSC, THEME_SCHEME, THEMES
from earthcode_platform.catalog.documents import JsonObject, section, sections, stamp, text, texts
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import link_to, related_to
from earthcode_platform.catalog.submission import Submission
from earthcode_platform.errors import ConflictError
from earthcode_platform.models.new_entries import NewProject, NewVariable
from earthcode_platform.models.window import TimeWindow

__all__ = ["new_entries", "require_agreement"]

_HTML: Final = "text/html"
_PDF: Final = "application/pdf"
_Said = tuple[str, JsonValue, JsonValue]
"""A key of experiment.yaml, what is declared there, and what the catalog says."""


def new_entries(submission: Submission) -> dict[str, JsonObject]:
    """Return the documents of the declared project and variables that the catalog lacks, by path."""
    osc = submission.experiment.osc
    found: dict[str, JsonObject] = {}
    if osc.new_project is not None:
        found[submission.project_path] = _project(submission, osc.new_project)
    for variable in osc.new_variables:
        found[Kind.VARIABLE.path(variable.id)] = _variable(submission, variable)
    return {path: document for path, document in found.items() if path not in submission.catalog}


def require_agreement(submission: Submission) -> None:
    """Check that what is declared as new, and exists already, says the same there; links are not compared.

    Raises:
        ConflictError: An entry of the catalog says something else; it is never overwritten.
    """
    catalog, osc = submission.catalog, submission.experiment.osc
    if osc.new_project is not None and submission.project_path in catalog:
        document = catalog.document(submission.project_path)
        _require_equal(submission.project_path, "osc.new_project", _facts_of_project(osc.new_project, document))
    for variable in osc.new_variables:
        path = Kind.VARIABLE.path(variable.id)
        if path in catalog:
            document = catalog.document(path)
            _require_equal(path, "osc.new_variables", _facts_of_variable(variable, document))


def _require_equal(path: str, key: str, said: Iterator[_Said]) -> None:
    other = [
        f"{name} is {held!r}, not {declared!r}"
        for name, declared, held in said
        if declared is not None and declared != held
    ]
    if other:
        raise ConflictError(
            f"the catalog has this entry already, and it says something else than {key}: {'; '.join(other)}.",
            where=path,
            remedy=f"Take it out of {key}, or declare what the catalog says: what exists is never overwritten.",
        )


def _facts_of_project(declared: NewProject, document: JsonObject) -> Iterator[_Said]:
    yield "title", declared.title, text(document, "title").strip()
    yield "description", declared.description, text(document, "description").strip()
    yield "status", declared.status.value, document.get("osc:status")
    yield from _facts_of_links("website", declared.website, document)
    officers = [one for one in sections(document, "contacts") if "technical_officer" in texts(one, "roles")]
    held: list[JsonValue] = [
        [text(one, "name"), text(mail, "value")] for one in officers for mail in sections(one, "emails")
    ]
    ours: JsonValue = [declared.technical_officer.name, declared.technical_officer.email]
    yield "technical_officer", ours, ours if ours in held else held
    yield "themes", _sorted(declared.themes) if declared.themes else None, _themes_of(document)
    yield "license", declared.license, document.get("license")
    extent = section(document, "extent")
    boxes = section(extent, "spatial").get("bbox")
    box: list[JsonValue] = [*declared.bbox] if declared.bbox else []
    yield "bbox", [box] if box else None, boxes
    intervals = section(extent, "temporal").get("interval")
    yield "datetime", [_interval(declared.datetime)] if declared.datetime else None, intervals


def _facts_of_variable(declared: NewVariable, document: JsonObject) -> Iterator[_Said]:
    yield "title", declared.title, text(document, "title").strip()
    yield "description", declared.description, text(document, "description").strip()
    yield "themes", _sorted(declared.themes), _themes_of(document)
    yield from _facts_of_links("definition", declared.definition, document)


def _facts_of_links(key: str, declared: str, document: JsonObject) -> Iterator[_Said]:
    held: list[JsonValue] = [text(link, "href") for link in sections(document, "links") if text(link, "rel") == "via"]
    yield key, declared, declared if declared in held else held


def _themes_of(document: JsonObject) -> JsonValue:
    found = (one for one in sections(document, "themes") if one.get("scheme") == THEME_SCHEME)
    return _sorted(text(concept, "id") for theme in found for concept in sections(theme, "concepts"))


def _sorted(names: Iterator[str] | tuple[str, ...]) -> JsonValue:
    return [*sorted(set(names))]


def _project(submission: Submission, declared: NewProject) -> JsonObject:
    product, path = submission.product, submission.project_path
    themes = declared.themes or submission.experiment.osc.themes
    interval: JsonValue = [stamp(product.start), stamp(product.end)]
    officer: JsonObject = {
        "name": declared.technical_officer.name,
        "emails": [{"value": declared.technical_officer.email}],
        "roles": ["technical_officer"],
    }
    return {
        "type": "Collection",
        "id": submission.experiment.osc.project,
        "stac_version": "1.1.0",
        "stac_extensions": [OSC, THEMES, CONTACTS],
        "title": declared.title,
        "description": declared.description,
        "license": declared.license or submission.experiment.license,
        **_dates(submission),
        "extent": {
            "spatial": {"bbox": [list(declared.bbox or product.bbox)]},
            "temporal": {"interval": [_interval(declared.datetime) if declared.datetime else interval]},
        },
        "osc:type": "project",
        "osc:status": declared.status.value,
        "osc:workflows": [],
        "themes": _concepts(themes),
        "contacts": [officer],
        "links": _links(submission, Kind.PROJECT, path, _via(declared.website, "Website"), themes),
    }


def _variable(submission: Submission, declared: NewVariable) -> JsonObject:
    path = Kind.VARIABLE.path(declared.id)
    return {
        "type": "Catalog",
        "id": declared.id,
        "stac_version": "1.1.0",
        "stac_extensions": [THEMES],
        "title": declared.title,
        "description": declared.description,
        **_dates(submission),
        "themes": _concepts(declared.themes),
        "links": _links(submission, Kind.VARIABLE, path, _via(declared.definition, "Description"), declared.themes),
    }


def _dates(submission: Submission) -> JsonObject:
    moment = stamp(submission.product.created)
    return {"created": moment, "updated": moment}


def _concepts(themes: tuple[str, ...]) -> JsonValue:
    concepts: list[JsonValue] = [{"id": theme} for theme in dict.fromkeys(themes)]
    return [{"scheme": THEME_SCHEME, "concepts": concepts}]


def _via(address: str, title: str) -> JsonObject:
    media_type = _PDF if address.lower().endswith(".pdf") else _HTML
    return {"rel": "via", "href": address, "type": media_type, "title": title}


def _links(submission: Submission, kind: Kind, path: str, via: JsonObject, themes: tuple[str, ...]) -> JsonValue:
    catalog = submission.catalog
    return [
        link_to("root", path, ROOT, catalog.title(ROOT)),
        link_to("parent", path, kind.listing, catalog.title(kind.listing)),
        via,
        *(related_to(path, Kind.THEME, theme, submission.title(Kind.THEME, theme)) for theme in dict.fromkeys(themes)),
    ]


def _interval(window: TimeWindow) -> JsonValue:
    return [_end(window.start), _end(window.end)]


def _end(moment: datetime | None) -> JsonValue:
    return None if moment is None else stamp(moment)
