"""The real catalog, mended: the missing back links and nothing else."""

import json
from collections import Counter
from pathlib import Path

import pytest

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.mend.difference import unified_diff
from earthcode_platform.catalog.mend.mending import Mended, mend
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.models.catalog_finding import CatalogReport

pytestmark = pytest.mark.service
"""They take long: the whole real catalog, or many commits."""


@pytest.fixture(scope="module")
def real(real_folder: Path) -> Catalog:
    return read_catalog(real_folder)


@pytest.fixture(scope="module")
def before(real: Catalog, shared: Path) -> CatalogReport:
    return validate(real, strict=True, schemas=Schemas(shared / "schemas"))


@pytest.fixture(scope="module")
def done(real: Catalog, before: CatalogReport, shared: Path) -> Mended:
    return mend(real, before, schemas=Schemas(shared / "schemas"))


def test_it_brings_the_missing_back_links_and_nothing_else(before: CatalogReport, done: Mended) -> None:
    assert Counter(found.code for found in done.mended) == {"catalog-back-link-missing": 106}
    targets = Counter(found.message.split("/", maxsplit=1)[0] for found in done.mended)
    assert targets == {"projects": 4, "themes": 27, "eo-missions": 34, "variables": 41}
    left = [found for found in before.findings if found.code != "catalog-back-link-missing"]
    assert {(one.file, one.code, one.message) for one in done.report.findings} == {
        (one.file, one.code, one.message) for one in left
    }
    assert len(done.report.findings) == len(left)


def test_the_mended_tree_is_valid_in_gate_mode(real: Catalog, done: Mended, shared: Path) -> None:
    report = validate(real.with_edits(done.edits), schemas=Schemas(shared / "schemas"))
    assert (report.findings, report.valid) == ((), True)


def test_each_file_gains_child_links_at_the_end_and_stays_as_it_was(real: Catalog, done: Mended) -> None:
    added = 0
    for path, content in done.edits.items():
        old, new = real.document(path), json.loads(content)
        links = old["links"]
        assert isinstance(links, list)
        assert new["links"][: len(links)] == links
        assert old | {"links": 0} == new | {"links": 0}
        for link in new["links"][len(links) :]:
            target = "/".join(link["href"].split("/")[2:])
            assert link == {
                "rel": "child",
                "href": f"../../{target}",
                "type": "application/json",
                "title": real.title(target),
            }
            entry = Kind.of(target)
            assert entry is not None
            assert entry[0] is Kind.PRODUCT
            added += 1
    assert (added, len(done.edits)) == (106, 57)


def test_the_diff_has_only_new_lines(real: Catalog, done: Mended) -> None:
    lines = unified_diff(real.files, done.edits).splitlines()
    inserted = [line for line in lines if line.startswith(b"+") and not line.startswith(b"+++")]
    removed = [line for line in lines if line.startswith(b"-") and not line.startswith(b"---")]
    assert (len(lines), len(inserted), len(removed)) == (1149, 636, 0)
