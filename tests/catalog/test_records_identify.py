"""What a reference means, and what is said of one that means nothing or too much."""

import pytest

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import PUBLISHED_AT
from earthcode_platform.catalog.records.identify import candidates, identify
from earthcode_platform.catalog.records.load import load
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.catalog_record import RecordKind

PATHS = ["products/a/collection.json", "products/both/collection.json", "projects/p/collection.json"]
RECORDS = ["workflows/w/record.json", "workflows/both/record.json", "experiments/both/record.json"]


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(dict.fromkeys([*PATHS, *RECORDS, "themes/t/catalog.json"], b"{}"))


@pytest.mark.parametrize(
    "reference",
    [
        "a",
        " a ",
        "products/a",
        "product/a",
        "products/a/",
        "products/a/collection.json",
        "./products/a/collection.json",
        "/products/a/collection.json",
        "../../products/a/collection.json",
        "../products/a/collection.json",
        "products/both/../a/collection.json",
        f"{PUBLISHED_AT}products/a/collection.json",
        f"{PUBLISHED_AT}products/%61/collection.json?x=1#links",
    ],
)
def test_every_way_to_name_an_entry(catalog: Catalog, reference: str) -> None:
    assert identify(catalog, reference) == (Kind.PRODUCT, "a")


def test_an_id_of_several_entries_names_them_all(catalog: Catalog) -> None:
    with pytest.raises(InputError) as refused:
        identify(catalog, "both")
    assert "3 entries: a product and an experiment and a workflow" in refused.value.message
    assert refused.value.remedy == "Write products/both or experiments/both or workflows/both."
    assert identify(catalog, "workflow/both") == (Kind.WORKFLOW, "both")


def test_several_entries_may_be_asked_for(catalog: Catalog) -> None:
    kinds = (Kind.WORKFLOW, Kind.EXPERIMENT)
    assert candidates(catalog, "both", kinds) == [(Kind.WORKFLOW, "both"), (Kind.EXPERIMENT, "both")]
    with pytest.raises(InputError, match="Name one of the workflows and experiments"):
        candidates(catalog, "products/a", kinds)
    with pytest.raises(UnknownNameError, match="no workflow or experiment 'a'"):
        candidates(catalog, "a", kinds)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("", "names nothing"),
        (" ../.. ", "names nothing"),
        ("bosh", "Did you mean 'both'"),
        ("experiments/bosh", "no experiment 'bosh'.*Did you mean 'both'"),
        ("products/a/record.json", "An entry lies at products/<id>/collection.json"),
        ("products/a/b/c", "is no entry"),
        ("themes/t/catalog.json", "is no entry that is asked for here"),
        ("nowhere/a", "leads to no entry"),
        ("products/", "no product, experiment, workflow or project 'products'"),
        ("https://elsewhere.example/products/a/collection.json", "is no address below"),
    ],
)
def test_what_means_nothing_is_said_to(catalog: Catalog, reference: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        identify(catalog, reference)


def test_no_message_shows_a_password(catalog: Catalog) -> None:
    with pytest.raises(InputError) as refused:
        identify(catalog, "https://me:hunter2@elsewhere.example/products/a")
    assert "hunter2" not in str(refused.value)


def test_the_five_shared_ids_of_the_real_catalog(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    shared = catalog.ids(Kind.WORKFLOW) & catalog.ids(Kind.EXPERIMENT)
    assert len(shared) == 5
    for entry in shared:
        with pytest.raises(InputError, match=f"experiments/{entry} or workflows/{entry}"):
            load(catalog, entry)
        assert load(catalog, f"experiments/{entry}").path == f"experiments/{entry}/record.json"
        assert type(load(catalog, f"../../workflows/{entry}/record.json")).__name__ == "WorkflowRecord"


def test_kinds_are_told_by_their_names() -> None:
    assert {kind.value for kind in RecordKind} == {"product", "experiment", "workflow", "project"}
