"""A published experiment is found by its id, and what cannot be run again says why."""

import pytest
from catalog_factories import product, submitted

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.product import PublishedExperiment

INPUT = "experiments/sst-anomaly/input.yaml"


@pytest.fixture
def published(embedded: Catalog) -> Catalog:
    return embedded.with_edits(changeset(embedded, *submitted()).edits)


def test_what_was_published_is_found(published: Catalog) -> None:
    made = product()
    assert find(published, "sst-anomaly") == PublishedExperiment(
        id="sst-anomaly",
        version="1.0.0",
        title="Sea surface temperature anomaly",
        product="sst-anomaly-el-nino-2009",
        workflow="sst-anomaly-workflow",
        experiment_href=made.experiment_href,
        manifest_checksum=made.manifest_checksum,
        data_checksums=made.data_checksums,
        commit="0" * 40,
    )


def test_an_unknown_id_gets_the_nearest(published: Catalog) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sst-anomaly'"):
        find(published, "sst-anomoly")


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"", "is empty or no mapping"),
        (b"parameters: []\n", "has no experiment.href, experiment.version"),
        (b"a: [1\n", "is not readable as YAML"),
        (b"[" * 10000, "is not readable as YAML"),
        (b"day: 2025-02-30\n", "is not readable as YAML"),
        (b"experiment: {href: x, version: '1', manifest_checksum: x, data_checksums: {a: b}}\n", "manifest_checksum"),
    ],
)
def test_an_input_file_that_says_too_little_is_refused(published: Catalog, content: bytes, missing: str) -> None:
    with pytest.raises(InputError, match="cannot be run again") as refused:
        find(published.with_edits({INPUT: content}), "sst-anomaly")
    assert missing in refused.value.message


def test_no_experiment_of_the_real_catalog_can_be_run_again_and_each_says_why(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    reasons = {}
    for experiment in sorted(
        path.split("/")[1] for path in real_files if path.startswith("experiments/") and path.endswith("record.json")
    ):
        with pytest.raises(InputError, match="cannot be run again") as refused:
            find(catalog, experiment)
        reasons[experiment] = refused.value.message
    assert len(reasons) == 9
    assert "is empty or no mapping" in reasons["esa-world-cereal-extent-experiment"]
    assert "has no experiment.href" in reasons["polaris"]
    assert "lies outside the catalog" in reasons["earthcare-marine-stratocumulus-transitions-experiment"]
