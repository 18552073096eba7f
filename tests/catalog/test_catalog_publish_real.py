"""Publishing into the real Open Science Catalog: the diff is what a reviewer would have written by hand."""

import time
from collections import Counter
from pathlib import Path

import pytest
from catalog_factories import git, osc, submitted

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.rules import check
from earthcode_platform.errors import ConflictError, RefusedError
from earthcode_platform.models.product import Novelty, Publication

pytestmark = pytest.mark.service
"""They take long: the whole real catalog, or many commits."""

# Sea surface temperature has links indented in two ways.
REAL = osc(
    project="worldcereal",
    themes=["oceans", "land"],
    variables=["sea-surface-temperature", "vegetation-index"],
    missions=["envisat", "amsr-e", "sentinel-2"],
)
FOLDERS = ("products/sst-anomaly-el-nino-2009/", "workflows/sst-anomaly-workflow/", "experiments/sst-anomaly/")


@pytest.fixture
def published(real_bare: Path, tmp_path: Path) -> tuple[CatalogRepository, Publication]:
    repository = CatalogRepository(str(real_bare), tmp_path / "work")
    return repository, publish(repository, *submitted(osc=REAL))


def test_existing_files_gain_lines_and_at_most_a_comma(
    real_bare: Path, published: tuple[CatalogRepository, Publication]
) -> None:
    _, publication = published
    new, changed = [], Counter[str]()
    for row in git(real_bare, "diff", "--numstat", publication.base, publication.commit).splitlines():
        added, deleted, path = row.split("\t")
        if path.startswith(FOLDERS):
            new.append(path)
            assert deleted == "0"
            continue
        changed[path] = int(added)
        # One link of six lines; a comma behind the line before shows as one line deleted and one added.
        links = 2 if path == "projects/worldcereal/collection.json" else 1
        values = 1 if path == "projects/worldcereal/collection.json" else 0
        assert int(added) - int(deleted) == 6 * links + values, row
        assert int(deleted) <= 1 + values, row
    assert sorted(new) == [
        "experiments/sst-anomaly/environment.yaml",
        "experiments/sst-anomaly/input.yaml",
        "experiments/sst-anomaly/record.json",
        "products/sst-anomaly-el-nino-2009/collection.json",
        "workflows/sst-anomaly-workflow/record.json",
    ]
    assert set(changed) == {
        "eo-missions/amsr-e/catalog.json",
        "eo-missions/envisat/catalog.json",
        "eo-missions/sentinel-2/catalog.json",
        "experiments/catalog.json",
        "products/catalog.json",
        "projects/worldcereal/collection.json",
        "themes/land/catalog.json",
        "themes/oceans/catalog.json",
        "variables/sea-surface-temperature/catalog.json",
        "variables/vegetation-index/catalog.json",
        "workflows/catalog.json",
    }


def test_every_line_that_went_came_back_with_a_comma(
    real_bare: Path, published: tuple[CatalogRepository, Publication]
) -> None:
    _, publication = published
    command = ("diff", "--unified=0", "--diff-filter=M", publication.base, publication.commit)
    lines = [line for line in git(real_bare, *command).splitlines() if not line.startswith(("---", "+++"))]
    removed = Counter(line[1:] for line in lines if line.startswith("-"))
    added = Counter(line[1:] for line in lines if line.startswith("+"))
    assert removed
    for line, count in removed.items():
        kept = line.rstrip()
        assert added[kept + "," + line[len(kept) :]] >= count, line


def test_the_entries_obey_the_rules_and_are_found(published: tuple[CatalogRepository, Publication]) -> None:
    repository, publication = published
    catalog = repository.read(publication.branch)
    assert check(catalog, publication.entries) == ()
    assert find(catalog, "sst-anomaly").product == "sst-anomaly-el-nino-2009"


def test_the_second_time_nothing_is_new(published: tuple[CatalogRepository, Publication], real_bare: Path) -> None:
    repository, first = published
    before = git(real_bare, "for-each-ref")
    again = publish(repository, *submitted(osc=REAL))
    assert (again.novelty, again.commit, again.merged) == (Novelty.UNCHANGED, first.commit, False)
    assert git(real_bare, "for-each-ref") == before


def test_publishing_takes_seconds_at_most(real_bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(real_bare), tmp_path / "work", merges=True)
    repository.read()
    began = time.perf_counter()
    publish(repository, *submitted(osc=REAL))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("overrides", "taken"),
    [
        ({"product": {"id": "polaris", "title": "T"}}, "the product id 'polaris' is taken"),
        ({"product": {"id": "esa-world-cereal-extent-product", "title": "T"}}, "to no experiment of this platform"),
        ({"id": "polaris"}, "the id 'polaris' is taken by an experiment that somebody wrote by hand"),
        (
            {"workflow": {"kind": "cwl", "entry": "a.cwl", "title": "T", "id": "polarwarp"}},
            "the workflow belongs to project 'cerulean-information-factory', not to 'worldcereal'",
        ),
        (
            {"workflow": {"kind": "cwl", "entry": "a.cwl", "title": "T", "id": "esa-world-cereal-extent-workflow"}},
            "it belongs to esa-world-cereal-extent-experiment",
        ),
    ],
)
def test_what_others_wrote_is_never_replaced(
    real_bare: Path, tmp_path: Path, overrides: JsonObject, taken: str
) -> None:
    repository = CatalogRepository(str(real_bare), tmp_path / "work", merges=True)
    before = git(real_bare, "for-each-ref")
    with pytest.raises(ConflictError, match=taken):
        publish(repository, *submitted(**({"osc": REAL} | overrides)))
    assert git(real_bare, "for-each-ref") == before


def test_unknown_names_get_the_nearest_of_many(real_bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(real_bare), tmp_path / "work")
    with pytest.raises(RefusedError) as refused:
        publish(repository, *submitted(osc=osc(project="world-cereal", missions=["sentinel-22"])))
    assert [(found.code, found.remedy) for found in refused.value.findings] == [
        ("publish-unknown-project", "Did you mean 'worldcereal'?"),
        ("publish-unknown-mission", "Did you mean 'sentinel-2'?"),
    ]
