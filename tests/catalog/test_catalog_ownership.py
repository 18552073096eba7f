"""A submission replaces its own entries and nobody else's."""

import json

import pytest
from catalog_factories import links_of, osc, pinned, product, published, run, submitted

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.checksums import of_bytes
from earthcode_platform.errors import ConflictError
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.run import RunResult

EXPERIMENT = "experiments/sst-anomaly/record.json"
SHARED = {"kind": "openeo", "entry": "graph.json", "title": "Shared anomaly", "id": "shared"}


def second(**overrides: object) -> tuple[PinnedExperiment, RunResult, Product]:
    said: dict[str, object] = {
        "id": "second",
        "title": "Second experiment",
        "product": {"id": "second-product", "title": "Second product"},
        "workflow": SHARED,
    }
    return submitted(**(said | overrides))


def test_two_experiments_share_a_workflow_of_the_same_file(embedded: Catalog) -> None:
    before = published(embedded, workflow=SHARED)
    change = changeset(before, *second(workflow=SHARED | {"title": "My title"}))
    after = before.with_edits(change.edits)
    shared = "workflows/shared/record.json"
    assert links_of(after.links(shared), "child") == [
        (EXPERIMENT, "Sea surface temperature anomaly"),
        ("experiments/second/record.json", "Second experiment"),
    ]
    assert after.title(shared) == "Shared anomaly"
    assert (shared, "Workflow: Shared anomaly") in links_of(after.links("experiments/second/record.json"), "related")
    assert [found for found in check(after, change.entries) if found.severity == "error"] == []
    assert changeset(after, *submitted(workflow=SHARED)).edits == {}


def test_a_shared_workflow_is_not_replaced_by_another_file(embedded: Catalog) -> None:
    before = published(embedded, workflow=SHARED)
    other, ran, made = second()
    workflow = other.workflow.model_copy(update={"checksum": of_bytes(b"another graph")})
    with pytest.raises(ConflictError, match="the workflow id 'shared' is taken: it belongs to sst-anomaly"):
        changeset(before, other.model_copy(update={"workflow": workflow}), ran, made)


def test_a_product_of_another_experiment_is_not_replaced(embedded: Catalog) -> None:
    before = published(embedded)
    with pytest.raises(ConflictError, match="belongs to the experiment 'sst-anomaly'"):
        changeset(before, *submitted(id="another"))


def test_an_experiment_of_another_project_is_not_replaced(embedded: Catalog) -> None:
    project = embedded.content("projects/earthcode-examples/collection.json")
    other = project.replace(b'"earthcode-examples"', b'"other-project"')
    before = published(embedded.with_edits({"projects/other-project/collection.json": other}))
    with pytest.raises(ConflictError, match="the experiment belongs to project 'earthcode-examples'"):
        changeset(before, *submitted(osc=osc(project="other-project")))


def test_an_older_version_does_not_replace_a_newer_one(embedded: Catalog) -> None:
    before = published(embedded, version="1.10.0")
    with pytest.raises(ConflictError, match=r"holds version 1\.10\.0, which is newer than 1\.9\.0"):
        changeset(before, *submitted(version="1.9.0"))


def test_a_version_stands_for_its_data(embedded: Catalog) -> None:
    before = published(embedded)
    with pytest.raises(ConflictError, match=r"version 1\.0\.0 is published with other data"):
        changeset(before, pinned(), run(), product(values=b"other values"))


def test_an_experiment_that_somebody_wrote_by_hand_is_not_replaced(embedded: Catalog) -> None:
    record: JsonObject = {"id": "sst-anomaly", "type": "Feature", "properties": {"title": "T"}, "links": []}
    before = embedded.with_edits({EXPERIMENT: json.dumps(record).encode()})
    with pytest.raises(ConflictError, match="somebody wrote by hand"):
        changeset(before, *submitted())
