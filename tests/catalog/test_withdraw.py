"""Withdrawing undoes publishing, to the byte; what others built on stays, and what is not ours is not touched."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from catalog_factories import MOMENT, experiment, git, osc, pinned, product, published, run, submitted
from hypothesis import given, settings
from hypothesis import strategies as st
from reviewing import ReviewingRepository

from earthcode_platform.catalog.changeset import Changeset, changeset
from earthcode_platform.catalog.documents import JsonObject, serialize
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.removal import removal
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.withdraw import withdraw
from earthcode_platform.errors import ConflictError, InputError, UnknownNameError
from earthcode_platform.models.product import Novelty

PRODUCT = "products/sst-anomaly-el-nino-2009/collection.json"
WORKFLOW = "workflows/sst-anomaly-workflow/record.json"
EXPERIMENT = "experiments/sst-anomaly/record.json"
PROJECT = "projects/earthcode-examples/collection.json"
SHARED = {"kind": "openeo", "entry": "graph.json", "title": "Shared anomaly", "id": "shared"}
SECOND: dict[str, object] = {
    "id": "second",
    "title": "Second experiment",
    "product": {"id": "second-product", "title": "Second product"},
}


def withdrawn(catalog: Catalog, experiment_id: str = "sst-anomaly") -> Catalog:
    return catalog.with_edits(removal(catalog, experiment_id).edits)


def subsets(*names: str) -> st.SearchStrategy[list[str]]:
    count = 2 ** len(names)
    return st.sampled_from([[name for bit, name in enumerate(names) if n >> bit & 1] for n in range(count)])


@settings(max_examples=30, deadline=None)
@given(
    themes=subsets("oceans", "land").filter(bool),
    variables=subsets("sea-surface-temperature", "vegetation-index"),
    missions=subsets("envisat", "amsr-e", "sentinel-2"),
    title=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(lambda t: t.strip()),
    others=st.lists(st.booleans(), max_size=2),
)
def test_publishing_and_withdrawing_gives_back_the_catalog_to_the_byte(
    themes: list[str], variables: list[str], missions: list[str], title: str, others: list[bool]
) -> None:
    before = Catalog(seed_files(), "0" * 40)
    for number, shares in enumerate(others):
        workflow = SHARED if shares else SHARED | {"id": f"workflow-{number}"}
        other = {"id": f"other-{number}", "product": {"id": f"product-{number}", "title": "Other"}}
        before = published(before, **other, workflow=workflow)
    place = osc(themes=list(themes), variables=list(variables), missions=list(missions))
    ours: dict[str, object] = {"osc": place, "title": title, "workflow": SHARED}
    after = published(before, **ours)
    assert dict(withdrawn(after).files) == dict(before.files)


def test_who_came_later_is_left_as_if_alone(embedded: Catalog) -> None:
    both = published(published(embedded), **SECOND)
    assert dict(withdrawn(both).files) == dict(published(embedded, **SECOND).files)


def test_every_version_goes_at_once(embedded: Catalog) -> None:
    first = published(embedded)
    later = published(first, version="2.0.0", product={"id": "second-product", "title": "Second product"})
    assert dict(withdrawn(later).files) == dict(embedded.files)


def test_a_shared_workflow_stays_with_whoever_uses_it(embedded: Catalog) -> None:
    both = published(published(embedded, workflow=SHARED), **SECOND, workflow=SHARED)
    change = removal(both, "sst-anomaly")
    assert change.entries == (PRODUCT, EXPERIMENT)
    assert Changeset.model_validate_json(change.model_dump_json()) == change
    after = both.with_edits(change.edits)
    children = [link.target for link in after.links("workflows/shared/record.json") if link.rel == "child"]
    assert children == ["experiments/second/record.json"]
    assert after.document(PROJECT)["osc:workflows"] == ["shared"]
    assert dict(withdrawn(after, "second").files) == dict(embedded.files)


def test_a_workflow_that_somebody_wrote_by_hand_stays(embedded: Catalog) -> None:
    change = changeset(embedded, *submitted(workflow=SHARED))
    record = json.loads(change.edits["workflows/shared/record.json"] or b"")
    record["links"] = [link for link in record["links"] if link["rel"] != "child"]
    graph = next(link for link in record["links"] if link["rel"] == "process_graph")
    graph["href"] = "https://example.org/graph.json"
    by_hand = embedded.with_edits({"workflows/shared/record.json": serialize(record)})
    after = published(by_hand, workflow=SHARED)
    assert after.content("workflows/shared/record.json") != serialize(record)
    left = withdrawn(after)
    assert left.content("workflows/shared/record.json") == serialize(record)
    # What it gained stays as it should have been from the first: a place in its listing and in its project.
    assert set(left.files) == set(by_hand.files)
    assert EXPERIMENT not in left


def test_files_that_others_put_into_the_folders_go_too(embedded: Catalog) -> None:
    after = published(embedded).with_edits({"products/sst-anomaly-el-nino-2009/notes.md": b"note"})
    assert dict(withdrawn(after).files) == dict(embedded.files)


def with_link(catalog: Catalog, path: str, rel: str, href: str) -> Catalog:
    document = json.loads(catalog.content(path))
    document["links"].append({"rel": rel, "href": href, "type": "application/json", "title": "Product: x"})
    return catalog.with_edits({path: serialize(document)})


def test_a_file_whose_name_is_no_text_is_told(embedded: Catalog) -> None:
    odd = published(embedded).with_edits({"experiments/sst-anomaly/caf\udce9.txt": b"x"})
    with pytest.raises(InputError, match=r"caf\\udce9\.txt: the name of this file is not in UTF-8"):
        removal(odd, "sst-anomaly")


def test_related_links_that_others_made_go_too(embedded: Catalog) -> None:
    before = published(embedded, **SECOND)
    both = published(before)
    linked = with_link(both, "products/second-product/collection.json", "related", f"../../{PRODUCT}")
    linked = with_link(linked, "experiments/second/record.json", "related", f"../../{PRODUCT}")
    assert dict(withdrawn(linked).files) == dict(before.files)


def second_given(href: str) -> Callable[[Catalog], Catalog]:
    return lambda catalog: catalog.with_edits(
        {
            "experiments/second/input.yaml": catalog.content("experiments/second/input.yaml")
            + f"other:\n  href: {href}\n".encode()
        }
    )


def foreign_product(catalog: Catalog) -> Catalog:
    path = "products/second-product/collection.json"
    document: JsonObject = {**catalog.document(path), "osc:experiment": "sst-anomaly"}
    return catalog.with_edits({path: serialize(document)})


ARCHIVED = "https://results.example/archive/sst-anomaly-el-nino-2009/1.0.0"


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (second_given(f"../../{PRODUCT}"), "experiments/second/input.yaml takes the product"),
        (second_given(f"{ARCHIVED}/item.json"), "experiments/second/input.yaml takes the product"),
        (
            lambda catalog: with_link(catalog, "experiments/second/record.json", "input", f"{ARCHIVED}/item.json"),
            "experiments/second/record.json takes the product",
        ),
        (
            lambda catalog: with_link(catalog, "experiments/second/record.json", "child", f"../../{PRODUCT}"),
            "experiments/second/record.json has a 'child' link to products/",
        ),
        (
            lambda catalog: with_link(
                catalog, "products/second-product/collection.json", "derived_from", f"../../{PRODUCT}"
            ),
            "products/second-product/collection.json has a 'derived_from' link to products/",
        ),
        (foreign_product, "second-product/collection.json says that it comes from the experiment"),
    ],
    ids=["input in the catalog", "archived input", "input link", "child", "derived from", "product"],
)
def test_what_others_build_on_is_not_withdrawn(
    embedded: Catalog, build: Callable[[Catalog], Catalog], told: str
) -> None:
    both = build(published(published(embedded), **SECOND))
    with pytest.raises(ConflictError, match="cannot be withdrawn, for others build on it") as refused:
        removal(both, "sst-anomaly")
    assert told in str(refused.value)
    assert removal(published(embedded), "sst-anomaly").edits


def test_what_is_not_there_is_told_with_the_nearest(embedded: Catalog) -> None:
    with pytest.raises(UnknownNameError, match=r"there is no experiment 'sst-anomly'.*Did you mean 'sst-anomaly'"):
        removal(published(embedded), "sst-anomly")


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "*", "", "../x", "--all"])
def test_a_name_that_is_none_is_told(bare: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match="there is no experiment"):
        withdraw(CatalogRepository(str(bare), tmp_path / "work"), name, MOMENT)


def test_an_experiment_that_somebody_wrote_by_hand_stays(embedded: Catalog) -> None:
    record: JsonObject = {"id": "sst-anomaly", "type": "Feature", "properties": {"title": "T"}, "links": []}
    with pytest.raises(ConflictError, match="was not published by this platform, but written by hand"):
        removal(embedded.with_edits({EXPERIMENT: json.dumps(record).encode()}), "sst-anomaly")


def test_a_merging_catalog_is_as_it_was_and_the_second_time_nothing_is_new(bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(bare), tmp_path / "work", merges=True)
    before = dict(repository.read().files)
    publication = publish(repository, *submitted())
    gone = withdraw(repository, "sst-anomaly", MOMENT)
    assert (gone.novelty, gone.merged, gone.base) == (Novelty.NEW, True, publication.commit)
    assert gone.branch.startswith("withdraw/sst-anomaly-")
    assert gone.entries == (PRODUCT, WORKFLOW, EXPERIMENT)
    assert gone.changed == publication.changed
    assert dict(repository.read().files) == before
    assert git(bare, "diff", "--stat", "main~2", "main") == ""
    assert git(bare, "log", "-1", "--format=%s|%aI", "main") == (
        "Withdraw experiment sst-anomaly|2026-03-04T05:06:07+00:00"
    )
    assert git(bare, "fsck", "--strict") == ""
    again = withdraw(CatalogRepository(str(bare), tmp_path / "other", merges=True), "sst-anomaly", MOMENT)
    assert (again.novelty, again.commit, again.branch) == (Novelty.UNCHANGED, gone.commit, gone.branch)
    with pytest.raises(UnknownNameError):
        withdraw(repository, "sst", MOMENT)


def test_it_can_be_published_again(bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(bare), tmp_path / "work", merges=True)
    first = publish(repository, *submitted())
    withdraw(repository, "sst-anomaly", MOMENT)
    again = publish(repository, *submitted())
    assert (again.novelty, again.branch) == (Novelty.NEW, first.branch)
    assert git(bare, "diff", "--stat", first.commit, "main") == ""


def test_a_reviewed_catalog_gets_a_request(bare: Path, tmp_path: Path) -> None:
    publish(CatalogRepository(str(bare), tmp_path / "merging", merges=True), *submitted())
    repository = ReviewingRepository(bare, tmp_path / "work")
    main = git(bare, "rev-parse", "main")
    gone = withdraw(repository, "sst-anomaly", MOMENT)
    assert (gone.merged, gone.review) == (False, f"https://reviews.example/{gone.branch}")
    review = repository.reviews[gone.branch]
    assert review.title == "Withdraw experiment sst-anomaly: Sea surface temperature anomaly"
    for path in (PRODUCT, WORKFLOW, EXPERIMENT, "experiments/sst-anomaly/input.yaml"):
        assert f"- `{path}`" in review.body
    assert "archived data are not deleted" in review.body
    assert re.search(rf"`{PROJECT}`: \+\d -1[0-9]\n", review.body)
    again = withdraw(repository, "sst-anomaly", MOMENT.replace(year=2030))
    assert (again.novelty, again.commit) == (Novelty.UNCHANGED, gone.commit)
    # Meanwhile a new version was published: the open request is brought up to date.
    declared = experiment(version="1.1.0")
    merging = CatalogRepository(str(bare), tmp_path / "merging", merges=True)
    publish(merging, pinned(declared), run(declared), product(declared, values=b"better"))
    assert git(bare, "rev-parse", "main") != main
    moved = withdraw(repository, "sst-anomaly", MOMENT)
    assert (moved.branch, moved.novelty, moved.base) == (gone.branch, Novelty.NEW, git(bare, "rev-parse", "main"))
    assert withdraw(repository, "sst-anomaly", MOMENT).commit == moved.commit


def test_a_catalog_with_a_broken_file_is_told(bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(bare), tmp_path / "work", merges=True)
    publish(repository, *submitted())
    base = repository.read()
    broken = {PROJECT: base.content(PROJECT)[:-5]}
    repository.push(repository.commit(base.commit, broken, "Break", MOMENT), {"main": base.commit})
    with pytest.raises(InputError, match=PROJECT):
        withdraw(repository, "sst-anomaly", MOMENT)


def test_real_projects_take_a_publication_and_give_it_back_to_the_byte(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files, "0" * 40)
    projects = sorted(catalog.ids(Kind.PROJECT))
    named = [one for one in projects if "osc:workflows" in catalog.document(Kind.PROJECT.path(one))]
    assert named
    variables, missions = sorted(catalog.ids(Kind.VARIABLE)), sorted(catalog.ids(Kind.MISSION))
    for number, project in enumerate([*named, *projects[::17]]):
        place = osc(
            project=project,
            themes=["oceans", "land"],
            variables=variables[number::200],
            missions=missions[number::30],
        )
        after = catalog.with_edits(changeset(catalog, *submitted(osc=place)).edits)
        assert dict(withdrawn(after).files) == real_files, project


def test_the_real_repository_is_as_it_was_and_soon(real_bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(real_bare), tmp_path / "work", merges=True)
    place = osc(project="worldcereal", themes=["oceans", "land"], missions=["envisat", "sentinel-2"])
    publish(repository, *submitted(osc=place))
    began = time.perf_counter()
    gone = withdraw(repository, "sst-anomaly", MOMENT)
    assert time.perf_counter() - began < 5
    assert gone.novelty is Novelty.NEW
    assert git(real_bare, "rev-parse", "main^{tree}") == git(real_bare, "rev-parse", "main~2^{tree}")


def test_no_experiment_that_people_wrote_is_withdrawn(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files, "0" * 40)
    for entry in ("polaris", "esa-world-cereal-extent-experiment"):
        with pytest.raises(ConflictError, match="written by hand"):
            removal(catalog, entry)
