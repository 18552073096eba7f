"""Each rule finds what it is for, in an entry that is right but for one thing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from catalog_factories import pinned, product, run, submitted

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.finding import Severity

PRODUCT = "products/sst-anomaly-el-nino-2009/collection.json"
WORKFLOW = "workflows/sst-anomaly-workflow/record.json"
EXPERIMENT = "experiments/sst-anomaly/record.json"
PROJECT = "projects/earthcode-examples/collection.json"
THEME = "themes/oceans/catalog.json"
VARIABLE = "variables/sea-surface-temperature/catalog.json"


@pytest.fixture
def published(embedded: Catalog) -> Catalog:
    return embedded.with_edits(changeset(embedded, *submitted()).edits)


def changed(catalog: Catalog, path: str, change: Callable[[dict[str, Any]], object]) -> Catalog:
    document = json.loads(catalog.content(path))
    change(document)
    return catalog.with_edits({path: json.dumps(document).encode()})


def without(rel: str, part: str = "") -> Callable[[dict[str, Any]], object]:
    def change(document: dict[str, Any]) -> None:
        kept = [link for link in document["links"] if link["rel"] != rel or part not in link["href"]]
        assert len(kept) < len(document["links"])
        document["links"] = kept

    return change


def linked(rel: str, **changes: str) -> Callable[[dict[str, Any]], object]:
    return lambda document: next(link for link in document["links"] if link["rel"] == rel).update(changes)


def put(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.update(changes)


def record(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["properties"].update(changes)


def again(document: dict[str, Any]) -> None:
    document["links"].append(document["links"][-1])


def test_a_fresh_publication_breaks_no_rule(published: Catalog) -> None:
    assert check(published, [PRODUCT, WORKFLOW, EXPERIMENT]) == ()


BROKEN = [
    (PRODUCT, PRODUCT, put(id="other"), "id-differs"),
    (PRODUCT, PRODUCT, put(title=" "), "title-missing"),
    (PRODUCT, PRODUCT, put(description=""), "description-missing"),
    (PRODUCT, PRODUCT, put(license="other"), "license-wrong"),
    (PRODUCT, PRODUCT, put(contacts=[{"name": "A", "emails": [{"value": "a,b@c.d"}]}]), "email-wrong"),
    (PRODUCT, PRODUCT, put(**{"osc:checksum": "1220"}), "key-unknown"),
    (PRODUCT, PRODUCT, put(created="2026-03-04T05:06:07+02:00"), "date-wrong"),
    (PRODUCT, PRODUCT, put(updated="2026-13-04T05:06:07Z"), "date-wrong"),
    (PRODUCT, PRODUCT, put(extent={"spatial": {"bbox": [[0, 0, 0, 1, 1, 1]]}, "temporal": {}}), "bbox-wrong"),
    (
        PRODUCT,
        PRODUCT,
        put(extent={"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [["2026"]]}}),
        "interval-wrong",
    ),
    (PRODUCT, PRODUCT, put(type="Catalog"), "type-wrong"),
    (PRODUCT, PRODUCT, put(**{"osc:status": "done"}), "status-wrong"),
    (PRODUCT, PRODUCT, put(stac_version="0.9.0"), "stac-version-wrong"),
    (PRODUCT, PRODUCT, put(stac_extensions=[]), "extension-missing"),
    (PRODUCT, PRODUCT, put(**{"osc:project": "nobody"}), "reference-unknown"),
    (PRODUCT, PRODUCT, put(**{"osc:experiment": ""}), "reference-missing"),
    (PRODUCT, PRODUCT, put(themes=[]), "reference-missing"),
    (PRODUCT, PRODUCT, without("via"), "via-missing"),
    (PRODUCT, PRODUCT, without("root"), "root-wrong"),
    (PRODUCT, PRODUCT, linked("parent", href="../../themes/catalog.json"), "parent-wrong"),
    (PRODUCT, PRODUCT, linked("root", title="OSC"), "link-title-wrong"),
    (PRODUCT, PRODUCT, linked("related", title="EarthCODE Examples"), "link-title-wrong"),
    (PRODUCT, PRODUCT, linked("related", href="../../projects/nobody/collection.json"), "link-dangling"),
    (PRODUCT, PRODUCT, linked("via", type="image/tiff"), "link-type-wrong"),
    (PRODUCT, PRODUCT, linked("related", type="text/html"), "link-type-wrong"),
    (PRODUCT, PRODUCT, without("related", "envisat"), "related-missing"),
    (PRODUCT, PRODUCT, again, "link-repeated"),
    (
        PRODUCT,
        PRODUCT,
        lambda d: d["links"].append({"rel": "self", "href": "https://example.org/x.json"}),
        "self-wrong",
    ),
    (PRODUCT, PRODUCT, linked("via", href="https://me:hunter2@example.org/c.json"), "link-credentials"),
    (PROJECT, PROJECT, put(contacts=[{"name": "A", "roles": ["technical_officer"]}]), "officer-wrong"),
    (PROJECT, PROJECT, put(stac_extensions=[]), "extension-missing"),
    (PROJECT, PROJECT, put(themes=[]), "reference-missing"),
    (PROJECT, PROJECT, put(created="yesterday"), "date-wrong"),
    (PROJECT, PROJECT, put(**{"osc:status": "done"}), "status-wrong"),
    (PROJECT, PROJECT, without("related", "themes/oceans"), "related-missing"),
    (PROJECT, "projects/catalog.json", without("child"), "listing-wrong"),
    (VARIABLE, VARIABLE, put(themes=[]), "reference-missing"),
    (VARIABLE, VARIABLE, put(description=" "), "description-missing"),
    (VARIABLE, VARIABLE, put(**{"osc:type": "variable"}), "key-unknown"),
    (VARIABLE, VARIABLE, without("related"), "related-missing"),
    (PRODUCT, "products/catalog.json", without("child"), "listing-wrong"),
    (PRODUCT, "products/catalog.json", again, "listing-wrong"),
    (PRODUCT, THEME, without("child"), "back-link-missing"),
    (PRODUCT, PROJECT, without("child"), "back-link-missing"),
    (PRODUCT, EXPERIMENT, without("child"), "back-link-missing"),
    (WORKFLOW, WORKFLOW, record(type="process"), "type-wrong"),
    (WORKFLOW, WORKFLOW, put(conformsTo=[]), "conformance-missing"),
    (WORKFLOW, WORKFLOW, record(**{"osc:project": "nobody"}), "reference-unknown"),
    (WORKFLOW, WORKFLOW, linked("child", href="../../products/x/collection.json"), "child-wrong"),
    (WORKFLOW, WORKFLOW, without("child"), "child-missing"),
    (WORKFLOW, PROJECT, put(**{"osc:workflows": []}), "back-link-missing"),
    (WORKFLOW, PROJECT, without("related", "workflows"), "back-link-missing"),
    (EXPERIMENT, EXPERIMENT, without("input"), "input-missing"),
    (EXPERIMENT, EXPERIMENT, without("environment"), "environment-missing"),
    (EXPERIMENT, EXPERIMENT, linked("input", href="./inputs.yaml"), "link-dangling"),
    (EXPERIMENT, EXPERIMENT, record(**{"osc:product": "p"}), "key-unknown"),
    (EXPERIMENT, EXPERIMENT, record(created="yesterday"), "date-wrong"),
    (EXPERIMENT, WORKFLOW, without("child"), "back-link-missing"),
]


@pytest.mark.parametrize(
    ("entry", "path", "change", "code"), BROKEN, ids=[f"{n}-{row[3]}" for n, row in enumerate(BROKEN)]
)
def test_what_is_broken_is_found(
    published: Catalog, entry: str, path: str, change: Callable[[dict[str, Any]], object], code: str
) -> None:
    found = check(changed(published, path, change), [entry])
    assert f"publish-{code}" in {finding.code for finding in found}
    for finding in found:
        assert finding.where == entry
        assert finding.message
        assert finding.remedy
        assert finding.severity is Severity.ERROR


def test_a_parent_that_is_no_json_is_a_finding(published: Catalog) -> None:
    found = check(published.with_edits({"products/catalog.json": b"{"}), [PRODUCT])
    assert "publish-document-unreadable" in {finding.code for finding in found}


def test_what_is_no_entry_is_a_finding(published: Catalog) -> None:
    assert [finding.code for finding in check(published, ["products/none/collection.json", "README.md"])] == [
        "publish-entry-missing",
        "publish-entry-missing",
    ]


def test_an_address_of_one_machine_is_a_warning(embedded: Catalog) -> None:
    made = product(collection_href="file:///srv/archive/collection.json")
    change = changeset(embedded, pinned(), run(), made)
    found = check(embedded.with_edits(change.edits), change.entries)
    assert {(finding.code, finding.severity) for finding in found} == {("publish-link-local", Severity.WARNING)}


def test_the_rules_are_those_that_most_products_of_the_real_catalog_obey(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    found = {entry: check(catalog, [Kind.PRODUCT.path(entry)]) for entry in catalog.ids(Kind.PRODUCT)}
    # All but one name no experiment, and most links to the data have no media type.
    usual = {"publish-reference-missing", "publish-link-type-wrong"}
    right = [entry for entry, findings in found.items() if {finding.code for finding in findings} <= usual]
    assert len(found) == 351
    assert len(right) > 150
    assert "publish-reference-missing" not in {finding.code for finding in found["polaris"]}
