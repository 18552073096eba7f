"""`earthcode-platform catalog validate`: exit codes, text and JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import reply, serving

from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.cli.app import app

HEAVY = ["xarray", "rasterio", "numpy", "pystac", "httpx", "httpcore", "yaml", "jsonschema", "distributed"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The embedded catalog as a plain folder."""
    for name, content in seed_files().items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "tree"


def validate(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        app(["catalog", "validate", "--offline", *map(str, arguments)])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def spoil(folder: Path) -> None:
    path = folder / "themes/land/catalog.json"
    path.write_text(path.read_text().replace('"id": "land"', '"id": "sea"'))


def test_a_valid_catalog(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(folder, "--strict") == 0
    out = capsys.readouterr().out
    assert "valid in strict mode: 0 errors and 0 warnings in 0 files; 16 documents, 0 schemas." in out
    assert "Schema checks skipped: " in out
    assert "16 of 16 documents" in out
    assert "the network is not asked (offline):" in out


def test_a_catalog_that_is_not_valid(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    assert validate(folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "themes/land/catalog.json"
    assert "[catalog-id-differs]" in lines[1]
    assert "/id" in lines[1]
    assert "not valid in gate mode: 1 errors and 0 warnings in 1 files" in lines[-1]


def test_json_is_one_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    assert validate(folder, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["valid"], told["strict"], told["documents"]) == (False, False, 16)
    finding = told["findings"][0]
    assert set(finding) == {"code", "severity", "file", "pointer", "line", "value", "message", "mend"}
    assert (finding["code"], finding["pointer"], finding["value"]) == ("catalog-id-differs", "/id", '"sea"')


def test_a_bare_repository(tmp_path: Path) -> None:
    create_catalog(tmp_path / "catalog.git")
    assert validate(tmp_path / "catalog.git", "--strict") == 0


def test_a_mirror(folder: Path, shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(folder, "--schemas", shared / "schemas", "--strict") == 0
    assert "skipped" not in capsys.readouterr().out


def test_calls_that_cannot_be_answered(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert validate(empty) == 2
    assert validate(tmp_path / "nothing") == 2
    assert validate(folder, "--schemas", tmp_path / "nothing") == 2
    assert validate(folder, "--nope") == 2
    assert validate() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "there is no catalog.json here" in printed.err


def test_by_default_schemas_are_fetched(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The proxy stands for the network: it is asked for the hosts of the schemas, and lets nobody through.
    with serving({"*": reply(503)}) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:hunter2@{proxy.name}")
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(SystemExit) as caught:
            app(["catalog", "validate", str(folder), "--json"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    told = json.loads(out)
    assert {method for method, _ in proxy.asked()} == {"CONNECT"}
    assert {one["reason"] for one in told["skipped"]} == {"the proxy refused (503 Said)"}
    assert (told["schemas"], told["unchecked"], told["stale"]) == (0, 16, [])
    assert "hunter2" not in out


def test_it_starts_without_heavy_libraries(folder: Path) -> None:
    code = (
        "import sys\nfrom earthcode_platform.cli.app import app\n"
        f"try:\n    app(['catalog', 'validate', '--offline', {str(folder)!r}])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
