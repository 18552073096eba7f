"""`earthcode-platform catalog report`: a table, one record in full, and JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.cli.app import app

HEAVY = ["xarray", "rasterio", "numpy", "pystac", "httpx", "jsonschema", "distributed"]
ARGO = {
    "rel": "application",
    "href": "https://github.com/a/b/blob/main/\x1b[31mc.yaml",
    "type": "application/x-argo-workflow-yaml",
}
"""What is recognised, and runs nowhere here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The embedded catalog as a plain folder, with one workflow that names one of Argo."""
    record = {"type": "Feature", "id": "it", "properties": {"title": "It"}, "links": [ARGO]}
    files = {**seed_files(), "workflows/it/record.json": json.dumps(record).encode()}
    for name, content in files.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "tree"


def report(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        app(["catalog", "report", *map(str, arguments)])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["id", "record", "kind", "pinned", "by", "inputs", "verdict"]
    assert lines[1].split() == ["it", "workflow", "argo", "branch", "-", "no-engine"]
    assert any(line.startswith("  1  no-engine") for line in lines)
    assert "nothing was fetched." in " ".join(lines)


def test_one_record_in_full(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(folder, "it") == 0
    out = capsys.readouterr().out
    told = " ".join(out.split())
    assert out.startswith("it (workflow): no-engine\n")
    for part in (
        "entry point",
        "pinned by branch main",
        "missing 1. No engine here runs Argo workflows",
        "read as",
    ):
        assert part in told
    assert "nothing was fetched." in told
    assert "\x1b" not in out


def test_the_real_catalog_fits_a_hundred_columns(real_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(real_folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines if str(real_folder) not in line) <= 100
    assert report(real_folder, "polaris", "experiments/esa-world-cereal-extent-experiment") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 100 and "https://" not in line] == []
    assert [line for line in lines if line.endswith(": no-engine")] == [
        "polaris (workflow): no-engine",
        "polaris (experiment): no-engine",
    ]


def test_json_is_one_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"catalog", "basis", "verdicts", "counts", "engines", "records", "unread"}
    assert told["counts"] == {"runnable": 0, "after-mending": 0, "no-engine": 1, "not-executable": 0}
    assert told["verdicts"].keys() == told["counts"].keys()
    assert "openeo" in told["engines"]
    (one,) = told["records"]
    assert (one["id"], one["record"], one["kind"], one["verdict"]) == ("it", "workflow", "argo", "no-engine")
    assert one["entry"]["pin"] == "branch"
    assert report(folder, "workflows/it", "--json") == 0
    assert json.loads(capsys.readouterr().out)["records"] == told["records"]


def test_a_bare_repository_without_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_catalog(tmp_path / "catalog.git")
    assert report(tmp_path / "catalog.git") == 0
    assert "0 workflows and experiments" in " ".join(capsys.readouterr().out.split())


def test_calls_that_cannot_be_answered(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(folder, "its") == 2
    assert "Did you mean 'it'" in capsys.readouterr().err
    assert report(tmp_path / "nothing") == 2
    assert report(folder, "products/it") == 2
    assert report(folder, "--nope") == 2
    assert report() == 2
    assert capsys.readouterr().out == ""
    assert report(folder, "its", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"] == "UnknownNameError"


def test_it_needs_no_heavy_library(folder: Path) -> None:
    code = (
        "import sys\nfrom earthcode_platform.cli.app import app\n"
        f"try:\n    app(['catalog', 'report', {str(folder)!r}])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
