"""One change, one branch, one request: whatever happens in between."""

import json
from pathlib import Path

import pytest
from catalog_factories import MOMENT, experiment, git, osc, pinned, product, run, submitted
from reviewing import ReviewingRepository

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.documents import JsonObject, serialize
from earthcode_platform.catalog.objects import Signature
from earthcode_platform.catalog.propose import proposed_branch
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.catalog.verdict import judge
from earthcode_platform.catalog.withdraw import withdraw
from earthcode_platform.errors import ConflictError, RefusedError, UnavailableError
from earthcode_platform.models.catalog_drift import drift
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product
from earthcode_platform.models.run import RunResult

PROJECT = "projects/earthcode-examples/collection.json"
OCEANS = "themes/oceans/catalog.json"


@pytest.fixture
def repository(bare: Path, tmp_path: Path) -> ReviewingRepository:
    return ReviewingRepository(bare, tmp_path / "work")


def branches(bare: Path) -> set[str]:
    return set(git(bare, "for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines())


def later(**overrides: object) -> tuple[PinnedExperiment, RunResult, Product]:
    declared = experiment(**({"version": "1.1.0"} | overrides))
    return pinned(declared), run(declared), product(declared, values=b"better")


def test_a_review_is_asked_for_and_found_again(bare: Path, repository: ReviewingRepository) -> None:
    first = publish(repository, *submitted())
    assert first.review == f"https://reviews.example/{first.branch}"
    assert repository.reviews[first.branch].title.startswith("Publish experiment sst-anomaly 1.0.0")
    again = publish(repository, *submitted())
    assert (again.novelty, again.commit, again.review) == (Novelty.UNCHANGED, first.commit, first.review)
    assert branches(bare) == {"main", first.branch}


def test_a_run_that_died_between_push_and_request_is_healed(bare: Path, repository: ReviewingRepository) -> None:
    repository.down = True
    with pytest.raises(UnavailableError):
        publish(repository, *submitted())
    (pushed,) = branches(bare) - {"main"}
    assert repository.reviews == {}
    repository.down = False
    healed = publish(repository, *submitted())
    assert (healed.branch, healed.novelty) == (pushed, Novelty.UNCHANGED)
    assert set(repository.reviews) == {pushed}
    assert repository.asked == [pushed, pushed]


def test_other_content_goes_to_the_branch_whose_request_is_open(bare: Path, repository: ReviewingRepository) -> None:
    first = publish(repository, *submitted())
    second = publish(repository, *later())
    assert (second.branch, second.novelty, second.review) == (first.branch, Novelty.NEW, first.review)
    assert branches(bare) == {"main", first.branch}
    assert git(bare, "rev-parse", first.branch) == second.commit
    assert git(bare, "rev-list", "--count", f"main..{first.branch}") == "1"
    assert repository.reviews[first.branch].title.startswith("Publish experiment sst-anomaly 1.1.0")
    third = publish(repository, *later())
    assert (third.commit, third.novelty) == (second.commit, Novelty.UNCHANGED)
    # And back: the branch's name is that of the first content, which it holds no longer.
    back = publish(repository, *submitted())
    assert (back.branch, back.commit, back.novelty) == (first.branch, first.commit, Novelty.NEW)


def test_the_branch_of_a_request_is_made_anew_on_the_catalog_as_it_is(
    bare: Path, repository: ReviewingRepository, tmp_path: Path
) -> None:
    first = publish(repository, *submitted())
    merging = CatalogRepository(str(bare), tmp_path / "other", merges=True)
    other = publish(merging, *submitted(id="other", product={"id": "other-product", "title": "Other"}))
    second = publish(repository, *later())
    assert (second.branch, second.base) == (first.branch, other.commit)
    assert git(bare, "merge-base", "main", second.branch) == other.commit


def test_a_request_is_left_in_peace_while_it_can_be_merged(
    bare: Path, repository: ReviewingRepository, tmp_path: Path
) -> None:
    first = publish(repository, *submitted())
    broken(bare, tmp_path, "eo-missions/sentinel-2/catalog.json", b"Sentinel-2", b"Sentinel 2")
    again = publish(repository, *submitted())
    assert (again.branch, again.commit, again.novelty) == (first.branch, first.commit, Novelty.UNCHANGED)


def test_a_branch_that_was_merged_and_taken_back_is_made_anew(bare: Path, repository: ReviewingRepository) -> None:
    first = publish(repository, *submitted())
    git(bare, "update-ref", "refs/heads/main", first.commit)
    repository.reviews.clear()
    gone = withdraw(repository, "sst-anomaly", MOMENT)
    git(bare, "update-ref", "refs/heads/main", gone.commit)
    repository.reviews.clear()
    again = publish(repository, *submitted())
    assert (again.branch, again.base, again.novelty) == (first.branch, gone.commit, Novelty.NEW)
    assert git(bare, "rev-list", "--count", f"main..{again.branch}") == "1"


def test_what_a_steward_put_on_the_branch_is_not_taken_away(
    bare: Path, repository: ReviewingRepository, tmp_path: Path
) -> None:
    first = publish(repository, *submitted())
    steward = CatalogRepository(str(bare), tmp_path / "work", signature=Signature("Eve", "eve@noreply.invalid"))
    mended = steward.commit(first.commit, {"README.md": b"hello"}, "Mend", MOMENT)
    steward.push(mended, {first.branch: first.commit})
    with pytest.raises(ConflictError, match="under review and somebody changed it"):
        publish(repository, *later())
    assert git(bare, "rev-parse", first.branch) == mended
    # What she left of ours is still what is published: nothing to do but to keep the request up to date.
    assert publish(repository, *submitted()).commit == mended


def test_an_open_request_of_an_experiment_with_a_longer_id_is_left_alone(
    bare: Path, repository: ReviewingRepository
) -> None:
    longer = publish(repository, *submitted(id="sst-anomaly-more", product={"id": "more", "title": "More"}))
    ours = publish(repository, *submitted())
    assert ours.branch != longer.branch
    assert branches(bare) == {"main", longer.branch, ours.branch}
    assert not proposed_branch("publish", "sst-anomaly", longer.branch)


def test_who_merges_asks_nobody(bare: Path, tmp_path: Path) -> None:
    repository = ReviewingRepository(bare, tmp_path / "work")
    repository.merges = True
    assert publish(repository, *submitted()).review == ""
    assert repository.asked == []


def test_a_plain_repository_has_no_review(bare: Path, tmp_path: Path) -> None:
    assert publish(CatalogRepository(str(bare), tmp_path / "work"), *submitted()).review == ""


def broken(bare: Path, tmp_path: Path, path: str, old: bytes, new: bytes) -> None:
    """Let somebody break a file of the catalog's main branch."""
    steward = CatalogRepository(str(bare), tmp_path / "steward")
    catalog = steward.read()
    assert old in catalog.content(path)
    content = catalog.content(path).replace(old, new)
    steward.push(steward.commit(catalog.commit, {path: content}, "Break", MOMENT), {"main": catalog.commit})


def test_a_fault_that_was_there_does_not_block(bare: Path, repository: ReviewingRepository, tmp_path: Path) -> None:
    broken(bare, tmp_path, PROJECT, b'"technical_officer"', b'"officer"')
    broken(bare, tmp_path, OCEANS, b'"preview"', b'"see-also"')
    assert publish(repository, *submitted()).novelty is Novelty.NEW


def test_every_fault_that_comes_with_the_change_is_told(
    bare: Path, repository: ReviewingRepository, tmp_path: Path
) -> None:
    # An id that is free, but a folder of its name is listed nowhere yet and listed twice afterwards.
    listing = json.loads(git(bare, "show", "main:experiments/catalog.json"))
    twice = {"rel": "item", "href": "./sst-anomaly/record.json", "type": "application/json", "title": "Other"}
    listing["links"] += [twice, twice]
    steward = CatalogRepository(str(bare), tmp_path / "steward")
    base = steward.read().commit
    edits = {"experiments/catalog.json": json.dumps(listing).encode()}
    steward.push(steward.commit(base, edits, "Break", MOMENT), {"main": base})
    contacts = [{"name": "A", "email": "a,b@example.org"}]
    with pytest.raises(RefusedError) as refused:
        publish(repository, *submitted(contacts=contacts))
    found = {(finding.code, finding.where.split(" ")[0].split(":")[0]) for finding in refused.value.findings}
    assert ("publish-email-wrong", "products/sst-anomaly-el-nino-2009/collection.json") in found
    assert ("publish-listing-wrong", "experiments/sst-anomaly/record.json") in found
    assert ("catalog-listing-wrong", "experiments/catalog.json") in found
    listing_found = next(one for one in refused.value.findings if one.code == "catalog-listing-wrong")
    assert "/links/" in listing_found.where
    assert "2 times" in listing_found.message
    assert branches(bare) == {"main"}


def test_the_official_schemas_have_a_say(repository: ReviewingRepository, shared: Path) -> None:
    contacts = [{"name": "A", "email": "a..b@example.org"}]
    with pytest.raises(RefusedError) as refused:
        publish(repository, *submitted(contacts=contacts), schemas=Schemas(shared / "schemas"))
    assert {finding.code for finding in refused.value.findings} == {"catalog-schema", "publish-email-wrong"}
    where = [finding.where for finding in refused.value.findings]
    assert any(one.endswith("/contacts/0/emails/0/value") for one in where), where
    assert publish(repository, *submitted(), schemas=Schemas(shared / "schemas")).novelty is Novelty.NEW


def test_what_a_schema_had_against_a_touched_file_does_not_block(
    bare: Path, repository: ReviewingRepository, tmp_path: Path, shared: Path
) -> None:
    schemas = Schemas(shared / "schemas")
    broken(bare, tmp_path, PROJECT, b'"rel": "via"', b'"relation": "via"')
    broken(bare, tmp_path, OCEANS, b'"rel": "parent"', b'"rel": ""')
    broken(bare, tmp_path, "products/catalog.json", b'"links"', b'"conformsTo": 5, "links"')
    known = validate(repository.read(), strict=True, schemas=schemas).findings
    assert {one.code for one in known} >= {"catalog-schema", "catalog-parent-wrong"}
    publication = publish(repository, *submitted(), schemas=schemas)
    assert publication.novelty is Novelty.NEW
    assert "and no warnings" in repository.reviews[publication.branch].body


def test_a_fault_that_is_worded_anew_does_not_block(embedded: Catalog, shared: Path) -> None:
    document: JsonObject = {**embedded.document(PROJECT), "description": "D", "osc:status": "done", "links": []}
    document.pop("contacts")
    catalog = embedded.with_edits({PROJECT: serialize(document)})
    change = changeset(catalog, *submitted())
    merged = catalog.with_edits(change.edits)
    schemas = Schemas(shared / "schemas")
    before, after = (validate(one, strict=True, schemas=schemas, only=[PROJECT]).findings for one in (catalog, merged))
    # The schema's message shows the document, and the document has a link more.
    assert [one.code for one in drift(before, after).new] == ["catalog-schema"] * 2
    assert judge(catalog, merged, change, schemas).findings == ()


def test_one_fault_is_told_once(repository: ReviewingRepository) -> None:
    contacts = [{"name": "A", "email": "a,b@example.org"}]
    with pytest.raises(RefusedError) as refused:
        publish(repository, *submitted(contacts=contacts, osc=osc()))
    codes = [finding.code for finding in refused.value.findings]
    assert codes == ["publish-email-wrong"] * 3
