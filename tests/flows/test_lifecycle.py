import json
import subprocess
from pathlib import Path

import factories
import numpy as np
import pytest
import rasterio
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import Artifact

from earthcode_platform.errors import ConflictError, InputError, RefusedError, UnknownNameError
from earthcode_platform.models.comparison import Verdict
from earthcode_platform.models.product import Novelty
from flows.archive import archive
from flows.execute import execute
from flows.lifecycle import lifecycle
from flows.publish import publish
from flows.rerun import rerun
from flows.validate import validate


def git(catalog: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "--git-dir", str(catalog), *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def outcome(home: Path) -> dict[str, str]:
    (path,) = (home / "runs" / "by-flow-run").iterdir()
    content: dict[str, str] = json.loads(path.read_text())
    path.unlink()
    return content


def artifacts(key: str) -> list[Artifact]:
    with get_client(sync_client=True) as client:
        found = client.request("POST", "/artifacts/filter", json={"artifacts": {"key": {"any_": [key]}}})
        return [Artifact.model_validate(each) for each in found.json()]


def test_a_folder_becomes_a_published_product(home: Path, small: Path) -> None:
    publication = lifecycle(str(small))
    facts = outcome(home)
    with rasterio.open(next(Path(facts["product"]).glob("small-mean/*.tif"))) as product:
        expected = np.tile(2 * (2.5 + np.arange(8, dtype="float32")), (8, 1))
        np.testing.assert_array_equal(product.read(1), expected)
    assert Path(facts["quicklook"]).read_bytes().startswith(b"\x89PNG")
    kept = {path.name for path in Path(facts["quicklook"]).parent.iterdir()}
    assert {"report.html", "thumbnail.png", "footprint.png"} <= kept
    assert json.loads(Path(facts["item"]).read_text())["id"] == "small-mean"
    assert facts["published"] == "new"
    assert git(home / "catalog.git", "rev-parse", facts["branch"]) == facts["commit"] == publication.commit
    names = git(home / "catalog.git", "ls-tree", "-r", "--name-only", "main").splitlines()
    assert {"products/small-mean/collection.json", "experiments/small/record.json"} <= set(names)


def test_the_run_page_shows_findings_progress_quicklook_and_where_it_went(home: Path, small: Path) -> None:
    del home
    factories.write_json(small / "experiment.yaml", factories.declaration(id="shown"))
    lifecycle(str(small))
    (progress,) = artifacts("progress-shown")
    assert progress.data == 100.0
    for name in ("quicklook", "footprint"):
        (picture,) = artifacts(f"{name}-shown")
        assert str(picture.data).startswith("data:image/png;base64,")
    (report,) = artifacts("report-shown")
    assert "/attached/report.html" in str(report.data)
    (dask,) = artifacts("dask-report-shown")
    assert "/dask-report.html" in str(dask.data)
    (measures,) = artifacts("compute-shown")
    assert '"peak_memory_mb"' in str(measures.data)
    assert len(artifacts("findings-shown")) == len(artifacts("findings-product-of-shown")) == 1
    (page,) = artifacts("gates-shown")
    assert str(page.data).startswith("# shown: accepted (")
    (fairness,) = artifacts("fair-shown")
    assert "principles that apply" in str(fairness.data)
    assert len(artifacts("archived-small-mean")) >= 1
    assert "products/small-mean/collection.json" in str(artifacts("published-small-mean")[-1].data)


def test_a_second_time_nothing_is_new(home: Path, small: Path) -> None:
    first = lifecycle(str(small))
    before = git(home / "catalog.git", "for-each-ref")
    second = lifecycle(str(small))
    assert (first.novelty, second.novelty) == (Novelty.NEW, Novelty.UNCHANGED)
    assert second.commit == first.commit
    assert git(home / "catalog.git", "for-each-ref") == before


def test_the_stages_run_one_by_one_through_the_folder_of_the_run(home: Path, small: Path) -> None:
    validate(str(small))
    workspace = execute(str(small), configuration={"factor": 3})
    assert archive(workspace) == workspace
    assert publish(workspace).novelty is Novelty.NEW
    with rasterio.open(next((home / "archive" / "small-mean" / "1.0.0" / "small-mean").glob("*.tif"))) as product:
        assert product.read(1)[0, 0] == 3 * 2.5


def test_other_values_under_an_archived_version_are_refused(home: Path, small: Path) -> None:
    lifecycle(str(small))
    with pytest.raises(ConflictError, match="Raise `version:`"):
        lifecycle(str(small), configuration={"factor": 3})
    assert git(home / "catalog.git", "rev-list", "--count", "main") == "2"


def test_a_product_that_its_gate_refuses_cannot_be_archived(home: Path, small: Path) -> None:
    for path in (small / "data").glob("*/*.json"):
        item = json.loads(path.read_text())
        factories.write_json(path, item | {"bbox": [100.0, 0.0, 100.8, 0.8], "geometry": None})
    with pytest.raises(RefusedError) as refused:
        lifecycle(str(small))
    assert [found.code for found in refused.value.findings if found.severity == "error"] == ["product-elsewhere"]
    assert not (home / "archive").exists()
    (folder,) = (home / "runs").iterdir()
    with pytest.raises(InputError, match=r"run\.json is missing"):
        archive(str(folder))


def test_an_id_is_enough_to_run_it_again(home: Path, small: Path) -> None:
    lifecycle(str(small))
    for path in sorted(small.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    comparison = rerun("small")
    assert comparison.verdict is Verdict.IDENTICAL
    assert [asset.key for asset in comparison.assets] == ["data"]
    assert len(list((home / "archive" / "small-mean").iterdir())) == 1


def test_a_rerun_tells_when_the_product_is_another(home: Path, small: Path, tmp_path: Path) -> None:
    lifecycle(str(small))
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(home / "catalog.git"), str(clone)], check=True)
    record = clone / "experiments" / "small" / "input.yaml"
    published = artifacts_checksum(record)
    record.write_text(record.read_text().replace(published, "1220" + "ab" * 32))
    subprocess.run(
        ["git", "-C", str(clone), "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qam", "forged"],
        check=True,
    )
    subprocess.run(["git", "-C", str(clone), "push", "-q"], check=True)
    comparison = rerun("small")
    assert comparison.verdict is Verdict.DIFFERENT
    assert [(asset.published, asset.rerun) for asset in comparison.assets] == [("1220" + "ab" * 32, published)]


def artifacts_checksum(record: Path) -> str:
    import yaml

    checksum: str = yaml.safe_load(record.read_text())["experiment"]["data_checksums"]["data"]
    return checksum


def test_an_unknown_id_suggests_the_nearest(home: Path, small: Path) -> None:
    del home
    lifecycle(str(small))
    with pytest.raises(UnknownNameError, match="Did you mean 'small'"):
        rerun("smal")


NOWHERE = {"project": "nowhere", "themes": ["land"], "variables": ["vegetation-index"], "missions": ["sentinel-2"]}


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("mistyped", {"licence": "MIT"}, "metadata-unknown-key"),
        ("nothing-there", {"inputs": {"scenes": {"href": "./none.json"}}}, "inputs-not-found"),
        (
            "both",
            {"workflow": {"kind": "openeo", "entry": "no.json", "title": "T"}, "osc": NOWHERE},
            "workflow-no-file",
        ),
    ],
)
def test_what_is_refused_before_the_gates_is_a_table_too(
    name: str, changes: dict[str, object], code: str, home: Path, tmp_path: Path
) -> None:
    del home
    folder = factories.experiment_folder(tmp_path / name, id=name, **changes)
    assert lifecycle(str(folder), return_state=True).is_failed()
    (table,) = artifacts(f"findings-{name}")
    codes = [row["code"] for row in json.loads(str(table.data))]
    assert code in codes
    assert ("metadata-unknown-project" in codes) == (name == "both")


def test_a_refused_experiment_fails_with_every_finding_and_leaves_nothing(home: Path, small: Path) -> None:
    factories.write_json(
        small / "experiment.yaml",
        factories.declaration(
            id="refused",
            configuration={"factor": "two", "facter": 1},
            osc={"project": "earthcode-exampels", "themes": ["land"]},
        ),
    )
    state = lifecycle(str(small), return_state=True)
    assert state.is_failed()
    with pytest.raises(RefusedError) as caught:
        state.result()
    codes = {found.code for found in caught.value.findings}
    assert {"metadata-unknown-project", "configuration-unknown-value"} <= codes
    assert any("two" in found.message for found in caught.value.findings)
    (table,) = artifacts("findings-refused")
    assert codes <= {row["code"] for row in json.loads(str(table.data))}
    assert not (home / "archive").exists()
    assert git(home / "catalog.git", "rev-list", "--count", "--all") == "1"
    with get_client(sync_client=True) as client:
        (run,) = client.read_flow_runs(flow_run_filter=FlowRunFilter(id={"any_": [state.state_details.flow_run_id]}))
    assert run.state is not None
    assert "did you mean" in str(run.state.message).lower()
