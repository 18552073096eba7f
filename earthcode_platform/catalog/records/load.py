"""One entry of a catalog: by id, path, href or address, with what people wrote brought into one form."""

from collections.abc import Callable, Iterator
from typing import Final, TypedDict

from earthcode_platform.catalog.documents import JsonObject, facts, sections, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.records.code_links import (
    access_needed,
    code_links,
    data_sets,
    kernel,
    openeo_backends,
    platforms,
)
from earthcode_platform.catalog.records.extents import read_boxes, read_intervals
from earthcode_platform.catalog.records.identify import FOLDERS, identify
from earthcode_platform.catalog.records.readable import readable
from earthcode_platform.catalog.records.readings import Readings
from earthcode_platform.catalog.records.relations import Relations, linked, named_project, named_themes
from earthcode_platform.catalog.records.side_files import named_data, read_parameters, side_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_code import CodeLink, Kernel
from earthcode_platform.models.catalog_record import (
    Box,
    CatalogRecord,
    ExperimentRecord,
    Interval,
    ProductRecord,
    ProjectRecord,
    RecordKind,
    WorkflowRecord,
)

__all__ = ["load", "load_all", "load_executables"]


class _Shared(TypedDict):
    """What every entry says."""

    id: str
    path: str
    title: str
    description: str
    keywords: tuple[str, ...]
    license: str
    doi: str
    project: str
    themes: tuple[str, ...]
    variables: tuple[str, ...]
    missions: tuple[str, ...]
    boxes: tuple[Box, ...]
    intervals: tuple[Interval, ...]


class _Executable(TypedDict):
    """What workflows and experiments say besides."""

    version: str
    application_type: str
    container: bool | None
    images: tuple[str, ...]
    languages: tuple[str, ...]
    kernel: Kernel | None
    code: tuple[CodeLink, ...]
    backends: tuple[str, ...]
    platforms: tuple[str, ...]
    access: tuple[str, ...]


def load(catalog: Catalog, reference: str) -> CatalogRecord:
    """Return the product, workflow, experiment or project that `reference` means.

    Args:
        catalog: The catalog.
        reference: Id, path inside the catalog, href of a link, or address below the catalog's.

    Raises:
        UnknownNameError: There is no such entry; the message suggests the nearest.
        InputError: The id belongs to several entries, the reference cannot mean an entry, or the file is no JSON.
    """
    kind, entry = identify(catalog, reference)
    catalog.document(kind.path(entry))
    # Only now: that it cannot be read must be told, and that another one cannot is no hindrance.
    catalog = readable(catalog).catalog
    return _LOADERS[kind](catalog, entry, Relations(catalog))


def load_all(catalog: Catalog, kind: RecordKind) -> Iterator[CatalogRecord]:
    """Yield all entries of a kind by id.

    Raises:
        InputError: A file is no JSON.
    """
    relations = Relations(catalog)
    for entry in sorted(catalog.ids(FOLDERS[kind])):
        record = _LOADERS[FOLDERS[kind]](catalog, entry, relations)
        yield record


def load_executables(catalog: Catalog) -> dict[tuple[Kind, str], WorkflowRecord | ExperimentRecord]:
    """Return all workflows and experiments by kind and id.

    Raises:
        InputError: A file is no JSON.
    """
    relations = Relations(catalog)
    found: dict[tuple[Kind, str], WorkflowRecord | ExperimentRecord] = {}
    for entry in catalog.ids(Kind.WORKFLOW):
        found[Kind.WORKFLOW, entry] = _workflow(catalog, entry, relations)
    for entry in catalog.ids(Kind.EXPERIMENT):
        found[Kind.EXPERIMENT, entry] = _experiment(catalog, entry, relations)
    return found


def _product(catalog: Catalog, entry: str, relations: Relations) -> ProductRecord:  # noqa: ARG001 - as all loaders
    path, readings = Kind.PRODUCT.path(entry), Readings()
    document = catalog.document(path)
    shared = _shared(catalog, path, readings)
    outside = [link for link in catalog.links(path) if link.rel in ("via", "child") and link.target is None]
    return ProductRecord(
        **shared,
        status=text(document, "osc:status"),
        version=readings.version(document, "version"),
        experiment=text(document, "osc:experiment"),
        access=tuple(dict.fromkeys(link.href for link in outside if link.href)),
        quirks=readings.quirks,
    )


def _project(catalog: Catalog, entry: str, relations: Relations) -> ProjectRecord:
    path, readings = Kind.PROJECT.path(entry), Readings()
    shared = _shared(catalog, path, readings)
    return ProjectRecord(
        **{**shared, "project": entry},
        status=text(catalog.document(path), "osc:status"),
        products=_merged(linked(catalog, path, Kind.PRODUCT, ("child",)), relations.products(Kind.PROJECT, entry)),
        workflows=_merged(linked(catalog, path, Kind.WORKFLOW, ("related",)), relations.workflows(entry)),
        quirks=readings.quirks,
    )


def _workflow(catalog: Catalog, entry: str, relations: Relations) -> WorkflowRecord:
    path, readings = Kind.WORKFLOW.path(entry), Readings()
    shared, executable = _shared(catalog, path, readings), _executable(catalog, path, readings)
    inputs = tuple(side.link for side in side_files(catalog, path, "input", readings))
    return WorkflowRecord(
        **shared,
        **executable,
        inputs=(*inputs, *data_sets(path, catalog.document(path))),
        experiments=relations.experiments(entry),
        quirks=readings.quirks,
    )


def _experiment(catalog: Catalog, entry: str, relations: Relations) -> ExperimentRecord:
    path, readings = Kind.EXPERIMENT.path(entry), Readings()
    document = catalog.document(path)
    shared, executable = _shared(catalog, path, readings), _executable(catalog, path, readings)
    given = side_files(catalog, path, "input", readings)
    products = relations.products(Kind.EXPERIMENT, entry)
    children = set(linked(catalog, path, Kind.PRODUCT, ("child",)))
    for product in products:
        if product not in children:
            readings.note(f"It has no 'child' link to its product {product}.")
    return ExperimentRecord(
        **shared,
        **executable,
        workflow=text(facts(document), "osc:workflow"),
        products=products,
        inputs=(
            *(side.link for side in given),
            *(data for side in given for data in named_data(side.content)),
            *data_sets(path, document),
        ),
        environments=tuple(side.link for side in side_files(catalog, path, "environment", readings)),
        parameters=tuple(one for side in given for one in read_parameters(side.content, readings)),
        parameters_declared=any(isinstance(side.content.get("parameters"), dict | list) for side in given),
        quirks=readings.quirks,
    )


_LOADERS: Final[dict[Kind, Callable[[Catalog, str, Relations], CatalogRecord]]] = {
    Kind.PRODUCT: _product,
    Kind.PROJECT: _project,
    Kind.WORKFLOW: _workflow,
    Kind.EXPERIMENT: _experiment,
}


def _shared(catalog: Catalog, path: str, readings: Readings) -> _Shared:
    document = catalog.document(path)
    said = facts(document)
    title = text(said, "title") or text(document, "title")
    if not title:
        readings.note("It has no title; its id stands for it.")
    if said is not document and "themes" in document:
        readings.note(f"Beside its properties stand themes {document['themes']}; they are left out.")
    description = text(said, "description").strip()
    if "/n/n" in description:
        readings.note("Its description has '/n' where a new line is meant; read as new lines.")
    folder = path.split("/")[1]
    if text(document, "id") != folder:
        readings.note(f"Its id is {document.get('id')!r}; the name of its folder stands for it.")
    return {
        "id": folder,
        "path": path,
        "title": title or folder,
        "description": description.replace("/n", "\n") if "/n/n" in description else description,
        "keywords": readings.words(said, "keywords", listed=True),
        "license": text(said, "license"),
        "doi": readings.doi(said),
        "project": _project_of(catalog, path, readings),
        "themes": named_themes(catalog, path),
        "variables": readings.words(said, "osc:variables", listed=True),
        "missions": readings.words(said, "osc:missions", listed=True),
        "boxes": read_boxes(document, readings),
        "intervals": read_intervals(document, readings),
    }


def _project_of(catalog: Catalog, path: str, readings: Readings) -> str:
    """Return the id of an entry's project: its own, or else that of its workflow."""
    said = facts(catalog.document(path))
    project = named_project(catalog, path)
    workflow = Kind.WORKFLOW.path(text(said, "osc:workflow"))
    if project:
        if not text(said, "osc:project") and said is not catalog.document(path):
            readings.note(f"It has no osc:project; its link to the project {project} stands for it.")
    elif workflow in catalog:
        project = named_project(catalog, workflow)
        readings.note(f"It names no project; that of its workflow, {project or 'none'}, stands for it.")
    return project


def _executable(catalog: Catalog, path: str, readings: Readings) -> _Executable:
    document = catalog.document(path)
    said = facts(document)
    linked_code = [link for link in sections(document, "links") if "application:container" in link]
    containers = [readings.truth(one, "application:container") for one in (said, *linked_code)]
    return {
        "version": readings.version(said, "version"),
        "application_type": next(iter(readings.words(said, "application:type", listed=False)), ""),
        "container": next((one for one in containers if one is not None), None),
        "images": _images(said, document),
        "languages": readings.words(said, "application:language", listed=False),
        "kernel": kernel(document, said, readings),
        "code": code_links(catalog, path, readings),
        "backends": openeo_backends(document, readings),
        "platforms": platforms(document),
        "access": access_needed(document),
    }


def _images(said: JsonObject, document: JsonObject) -> tuple[str, ...]:
    """Return the container images that a record names: as the value of `application:container`, or in a link."""
    named = [text(one, "application:container") for one in (said, *sections(document, "links"))]
    images = [name for name in named if "/" in name or ":" in name]
    linked_images = [
        text(link, "href") for link in sections(document, "links") if text(link, "rel") in ("container", "docker")
    ]
    return tuple(dict.fromkeys([*images, *linked_images]))


def _merged(first: Iterator[str], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))
