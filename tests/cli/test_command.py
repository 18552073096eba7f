import json
import os
import subprocess
import sys
from pathlib import Path

import factories
import pytest
from rich.console import Console

from earthcode_platform import __version__
from earthcode_platform.cli.app import app
from earthcode_platform.cli.options import Options, named
from earthcode_platform.cli.screen import Screen
from earthcode_platform.models.finding import Finding, Severity


def _command(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        app([str(one) for one in arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_the_installed_command_runs() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("earthcode-platform"), "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == __version__


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "a", "b"],
        ["chek", "a"],
        ["check", "a", "--nope"],
        ["check", "a", "--input", "sst"],
        ["check", "a", "--input", "=x"],
        ["check", "a", "--set", "x=1", "--set", "x=2"],
        ["run", "a"],
        ["schema", "a"],
    ],
)
def test_a_call_that_is_not_understood(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _command(*arguments) == 2
    printed = capsys.readouterr()
    assert "Try: earthcode-platform --help" in printed.err
    assert printed.out == ""


def test_a_call_that_is_not_understood_repeats_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    href = "sst=https://me:hunter2@example.org/item.json"
    assert _command("check", "a", "--input", href, "--input", href) == 2
    printed = capsys.readouterr()
    assert "'sst' is given twice" in printed.err
    assert "hunter2" not in printed.err


def test_the_schema_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], checkout: Path) -> None:
    target = tmp_path / "schema.json"
    assert _command("schema", "--output", target) == 0
    assert capsys.readouterr().out == ""
    assert _command("schema") == 0
    assert capsys.readouterr().out == target.read_text(encoding="utf-8")
    assert target.read_text(encoding="utf-8") == (checkout / "docs/experiment.schema.json").read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["schema.json"]  # noqa: PTH208 - names, to see that no part of a file is left


def test_a_schema_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _command("schema", "--output", tmp_path / "missing" / "schema.json") == 1
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


def test_paths_of_the_shell_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    options = Options(inputs=("a=item.json", "b=https://example.org/?x=1", "c=/d/item.json", "e=~/item.json"))
    assert options.hrefs() == {
        "a": str(tmp_path / "item.json"),
        "b": "https://example.org/?x=1",
        "c": "/d/item.json",
        "e": str(tmp_path / "ada" / "item.json"),
    }


def test_values_are_json_or_else_text() -> None:
    texts = ("a=1", "b=1.5", "c=true", "d=null", 'e=["x"]', "f=cubic", "g=NaN", 'h="1"', "i=2009-12-01/..", "j=[" * 1)
    assert Options(values=texts).configuration() == {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": None,
        "e": ["x"],
        "f": "cubic",
        "g": "NaN",
        "h": "1",
        "i": "2009-12-01/..",
        "j": "[",
    }
    assert Options(values=("deep=" + "[" * 100_000,)).configuration()["deep"] == "[" * 100_000


def test_names_and_values_are_split_at_the_first_sign() -> None:
    assert named(["a=b=c"]) == {"a": "b=c"}
    with pytest.raises(ValueError, match="'a' is not of the form NAME=VALUE"):
        named(["a"])


def test_findings_are_grouped_and_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    findings = [
        Finding(code="inputs-x", severity=Severity.WARNING, where="[b]i\x1b[31m", message="first.", remedy="Do."),
        Finding(code="workflow-y", severity=Severity.ERROR, where="w", message="second."),
        Finding(code="inputs-z", severity=Severity.NOTE, where="j", message="third."),
    ]
    Screen().findings("small", findings)
    printed = capsys.readouterr().out
    assert printed.splitlines()[0] == "small: refused (1 error, 1 warning, 1 note)"
    assert printed.index("first.") < printed.index("third.") < printed.index("second.")
    assert "[b]i\N{REPLACEMENT CHARACTER}[31m" in printed
    assert "\x1b" not in printed


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert Console().is_terminal
    Screen().findings("small", [Finding(code="a-b", severity=Severity.ERROR, where="w", message="m")])
    assert "\x1b[" in capsys.readouterr().out


def test_check_accepts_a_good_experiment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    before = sorted(tmp_path.rglob("*"))
    assert _command("check", folder) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("small: accepted (2 notes)")
    assert "[metadata-catalog-not-checked]" in printed.out
    assert sorted(tmp_path.rglob("*")) == before


def test_check_refuses_with_every_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small", configuration={"factr": 1})
    (folder / "data/scene-2023-08-01/B01.tif").unlink()
    assert _command("check", folder, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["refused"] is True
    assert {"configuration-unknown-value", "inputs-file-missing"} <= {found["code"] for found in told["findings"]}


def test_a_file_that_cannot_be_read_as_an_experiment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "experiment.yaml").write_text("id: [")
    assert _command("check", tmp_path) == 1
    assert "[metadata-syntax]" in capsys.readouterr().out
    assert _command("check", tmp_path, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "RefusedError"
    assert [found["code"] for found in told["findings"]] == ["metadata-syntax"]


def test_a_name_that_is_not_declared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    assert _command("check", folder, "--set", "factr=1") == 1
    assert "no configuration value 'factr'. Did you mean 'factor'?" in capsys.readouterr().err
    assert _command("check", folder, "--input", "scene=x", "--json") == 1
    assert json.loads(capsys.readouterr().out)["error"] == "UnknownNameError"


def test_a_catalog_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    assert _command("check", folder, "--catalog", tmp_path / "nowhere") == 1
    assert "there is no catalog's repository here" in capsys.readouterr().err
