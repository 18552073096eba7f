import json
from pathlib import Path

import factories
import pytest

from earthcode_platform.errors import InputError
from earthcode_platform.models.comparison import Verdict
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment
from earthcode_platform.models.product import PublishedExperiment
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.compare import compare
from earthcode_platform.provenance.record import record
from earthcode_platform.provenance.workspace import Workspace


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return factories.pinned(factories.experiment_folder(tmp_path / "small"))


@pytest.fixture
def run(pinned: PinnedExperiment, tmp_path: Path) -> RunResult:
    return factories.run(pinned, tmp_path / "work")


def test_the_record_names_what_decided_the_product(pinned: PinnedExperiment, run: RunResult) -> None:
    code = CodeVersion(commit="a" * 40, dirty=False, repository="https://example.org/x.git")
    content = json.loads(record(pinned.model_copy(update={"code": code}), run))
    assert content["experiment"]["fingerprint"] == pinned.fingerprint
    assert content["used"]["configuration"] == {"factor": 2}
    assert content["used"]["workflow"]["checksum"] == pinned.workflow.checksum
    assert content["used"]["code"]["commit"] == "a" * 40
    assert [asset["checksum"] for asset in content["used"]["inputs"]["scenes"]["assets"]] == [
        asset.checksum for asset in pinned.inputs[0].assets
    ]
    assert content["generated"] == {"data": run.files[0].data_checksum}


def test_the_record_names_no_folder_of_this_machine(pinned: PinnedExperiment, run: RunResult, tmp_path: Path) -> None:
    assert str(tmp_path) not in record(pinned, run)


def test_what_a_stage_left_is_read_back_equal(pinned: PinnedExperiment, run: RunResult, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "run")
    workspace.save(pinned)
    workspace.save(run)
    assert workspace.load(PinnedExperiment) == pinned
    assert workspace.load(RunResult) == run


def test_a_stage_that_did_not_run_is_named(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "run")
    with pytest.raises(InputError, match=r"run\.json is missing in the run's folder"):
        workspace.load(RunResult)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{")
    with pytest.raises(InputError, match=r"run\.json cannot be read"):
        workspace.load(RunResult)


def test_the_verdict_rests_on_every_asset(run: RunResult) -> None:
    def published(**checksums: str) -> PublishedExperiment:
        return PublishedExperiment(
            id="small",
            version="1.0.0",
            title="t",
            product="p",
            workflow="w",
            experiment_href="file:///x",
            manifest_checksum=run.files[0].data_checksum,
            data_checksums=checksums,
            commit="c",
        )

    same, other = run.files[0].data_checksum, "1220" + "0" * 64
    assert compare(published(data=same), run).verdict is Verdict.IDENTICAL
    assert compare(published(data=other), run).verdict is Verdict.DIFFERENT
    missing = compare(published(data=same, more=same), run)
    assert missing.verdict is Verdict.DIFFERENT
    assert [(asset.key, asset.equal) for asset in missing.assets] == [("data", True), ("more", False)]
