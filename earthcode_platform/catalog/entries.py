"""The three entries of a submission, as the Open Science Catalog wants them: product, workflow and experiment.

Facts about provenance go into the experiment's input.yaml and environment.yaml, never into new `osc:` keys.
"""

from collections.abc import Iterable
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.addresses import CF, CONTACTS, OSC, RECORD_CORE, THEME_SCHEME, THEMES, VERSION
from earthcode_platform.catalog.documents import JsonObject, stamp
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import JSON, link_to, related_to
from earthcode_platform.catalog.submission import Submission
from earthcode_platform.models.experiment import Contact, WorkflowKind
from earthcode_platform.models.run import ProducedFile

__all__ = ["experiment_entry", "product_entry", "workflow_entry"]

_WORKFLOW_MEDIA: Final = {
    WorkflowKind.OPENEO: JSON,
    WorkflowKind.CWL: "application/cwl",
    WorkflowKind.NOTEBOOK: "application/x-ipynb+json",
    WorkflowKind.MLFLOW: "application/yaml",
}
_APPLICATION_TYPE: Final = {
    WorkflowKind.CWL: "cwl",
    WorkflowKind.NOTEBOOK: "jupyter-notebook",
    WorkflowKind.MLFLOW: "mlflow-model",
}


def product_entry(submission: Submission) -> JsonObject:
    """Return the product: a STAC Collection 1.1.0 with the osc, themes, version and contacts extensions."""
    experiment, product, path = submission.experiment, submission.product, submission.product_path
    parameters = _cf_parameters(submission.run.files) if experiment.osc.variables else []
    entry: JsonObject = {
        "type": "Collection",
        "id": product.id,
        "stac_version": "1.1.0",
        "stac_extensions": [OSC, THEMES, VERSION, CONTACTS, *([CF] if parameters else [])],
        "title": product.title,
        "description": experiment.product.description or experiment.description,
        "keywords": _keywords(submission),
        "license": experiment.license,
        "version": product.version,
        "created": submission.created(path) or stamp(product.created),
        "updated": stamp(product.created),
        "extent": {
            "spatial": {"bbox": [list(product.bbox)]},
            "temporal": {"interval": [[stamp(product.start), stamp(product.end)]]},
        },
        "osc:type": "product",
        "osc:status": "completed",
        "osc:project": experiment.osc.project,
        "osc:experiment": experiment.id,
        "osc:variables": list(submission.ids(Kind.VARIABLE)),
        "osc:missions": list(submission.ids(Kind.MISSION)),
        "themes": _themes(submission),
        "contacts": [_contact(contact) for contact in experiment.contacts],
    }
    if experiment.osc.region:
        entry["osc:region"] = experiment.osc.region
    if parameters:
        entry["cf:parameter"] = parameters
    entry["links"] = [
        *_frame(submission, Kind.PRODUCT, path),
        {"rel": "via", "href": product.collection_href, "type": JSON, "title": "Access"},
        {"rel": "child", "href": product.collection_href, "type": JSON, "title": product.title},
        *_related(submission, path, Kind.PROJECT, Kind.THEME, Kind.VARIABLE, Kind.MISSION),
        related_to(path, Kind.EXPERIMENT, experiment.id, experiment.title),
    ]
    return entry


def workflow_entry(submission: Submission) -> JsonObject:
    """Return the workflow: an OGC API Record that names its project, its file and the experiment that ran it."""
    experiment, path = submission.experiment, submission.workflow_path
    return _record(
        submission,
        path,
        {
            "type": "workflow",
            "title": experiment.workflow.title,
            "osc:project": experiment.osc.project,
        },
        [
            *_frame(submission, Kind.WORKFLOW, path),
            _workflow_file(submission),
            *_related(submission, path, Kind.PROJECT, Kind.THEME),
            link_to("child", path, submission.experiment_path, experiment.title),
        ],
    )


def experiment_entry(submission: Submission, workflow_title: str, earlier: Iterable[str] = ()) -> JsonObject:
    """Return the experiment: an OGC API Record that names its workflow, what it was given, and its product.

    Args:
        submission: What is handed in.
        workflow_title: Title of the workflow's entry.
        earlier: Ids of further products in the catalog that say they come from the experiment.
    """
    experiment, path = submission.experiment, submission.experiment_path
    return _record(
        submission,
        path,
        {
            "type": "experiment",
            "title": experiment.title,
            "osc:project": experiment.osc.project,
            "osc:workflow": experiment.workflow_id,
            "version": experiment.version,
        },
        [
            *_frame(submission, Kind.EXPERIMENT, path),
            {"rel": "input", "href": "./input.yaml", "type": "application/yaml", "title": "Input parameters"},
            {
                "rel": "environment",
                "href": "./environment.yaml",
                "type": "application/yaml",
                "title": "Execution environment",
            },
            _workflow_file(submission),
            *_related(submission, path, Kind.PROJECT, Kind.THEME),
            related_to(path, Kind.WORKFLOW, experiment.workflow_id, workflow_title),
            link_to("child", path, submission.product_path, submission.product.title),
            *(
                link_to("child", path, Kind.PRODUCT.path(other), submission.title(Kind.PRODUCT, other))
                for other in earlier
            ),
        ],
    )


def _record(submission: Submission, path: str, properties: JsonObject, links: list[JsonObject]) -> JsonObject:
    experiment, product = submission.experiment, submission.product
    shared: JsonObject = {
        "description": experiment.description,
        "keywords": _keywords(submission),
        "license": experiment.license,
        "created": submission.created(path) or stamp(product.created),
        "updated": stamp(product.created),
        "formats": [{"name": experiment.product.format.value}],
        "themes": _themes(submission),
        "contacts": [_contact(contact) for contact in experiment.contacts],
    }
    found: list[JsonValue] = [*links]
    return {
        "id": path.split("/")[1],
        "type": "Feature",
        "conformsTo": [RECORD_CORE],
        "geometry": None,
        "properties": {**properties, **shared},
        "linkTemplates": [],
        "links": found,
    }


def _frame(submission: Submission, kind: Kind, path: str) -> list[JsonObject]:
    catalog = submission.catalog
    return [
        link_to("root", path, ROOT, catalog.title(ROOT)),
        link_to("parent", path, kind.listing, catalog.title(kind.listing)),
    ]


def _related(submission: Submission, path: str, *kinds: Kind) -> list[JsonObject]:
    return [
        related_to(path, kind, entry, submission.title(kind, entry)) for kind in kinds for entry in submission.ids(kind)
    ]


def _workflow_file(submission: Submission) -> JsonObject:
    """Return the link to the archived workflow, with its checksum (STAC file extension 2.1.0, allowed in links)."""
    kind = submission.pinned.workflow.kind
    title = submission.experiment.workflow.title
    link: JsonObject = {
        "rel": "process_graph" if kind is WorkflowKind.OPENEO else "application",
        "href": submission.product.workflow_href,
        "type": _WORKFLOW_MEDIA.get(kind, "application/octet-stream"),
        "title": f"openEO process graph: {title}" if kind is WorkflowKind.OPENEO else title,
        "file:checksum": submission.pinned.workflow.checksum,
    }
    return link if kind is WorkflowKind.OPENEO else link | {"application:type": _APPLICATION_TYPE.get(kind, kind.value)}


def _themes(submission: Submission) -> JsonValue:
    concepts: list[JsonValue] = [{"id": theme} for theme in submission.ids(Kind.THEME)]
    return [{"scheme": THEME_SCHEME, "concepts": concepts}]


def _keywords(submission: Submission) -> JsonValue:
    kinds = (Kind.VARIABLE, Kind.MISSION, Kind.THEME)
    titles = [submission.title(kind, entry) for kind in kinds for entry in submission.ids(kind)]
    return list(dict.fromkeys(filter(None, titles)))


def _contact(contact: Contact) -> JsonValue:
    said: JsonObject = {"name": contact.name}
    if contact.organization:
        said["organization"] = contact.organization
    if contact.email:
        said["emails"] = [{"value": contact.email}]
    return said | {"roles": list(contact.roles)}


def _cf_parameters(files: Iterable[ProducedFile]) -> list[JsonValue]:
    units: dict[str, str | None] = {}
    for file in files:
        for index, band in enumerate(file.bands):
            units.setdefault(band, file.units[index] if index < len(file.units) else None)
    return [{"name": band, "unit": unit} if unit else {"name": band} for band, unit in units.items()]
