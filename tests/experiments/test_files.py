import os
from collections.abc import Callable
from pathlib import Path

import pytest

from earthcode_platform import checksums
from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.files import pin_files
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.models.experiment import Experiment, WorkflowDeclared


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "experiment"
    (root / "tools" / "deeper").mkdir(parents=True)
    (root / "tools" / "a.cwl").write_text("a")
    (root / "tools" / "deeper" / "b.py").write_text("b")
    (root / "tools" / "empty.txt").touch()
    (root / "params.yml").write_text("p")
    (root / "app.cwl").write_text("w")
    return root


def names(folder: Path, *declared: str) -> list[str]:
    files, findings = pin_files(declared, "app.cwl", folder)
    assert not findings
    return [file.name for file in files]


def test_a_folder_means_all_files_below_it(folder: Path) -> None:
    assert names(folder, "tools", "params.yml") == ["params.yml", "tools/a.cwl", "tools/deeper/b.py", "tools/empty.txt"]


def test_each_file_is_named_by_place_and_checksum(folder: Path) -> None:
    (pinned,), _ = pin_files(("params.yml",), "app.cwl", folder)
    assert (pinned.path, pinned.checksum) == (str((folder / "params.yml").resolve()), checksums.of_bytes(b"p"))


def test_a_file_counts_once_and_the_entry_not_at_all(folder: Path) -> None:
    assert names(folder, "tools/a.cwl", "./tools/", "app.cwl") == [
        "tools/a.cwl",
        "tools/deeper/b.py",
        "tools/empty.txt",
    ]


def test_what_python_leaves_beside_scripts_is_no_part_of_the_workflow(folder: Path) -> None:
    (folder / "tools" / "__pycache__").mkdir()
    (folder / "tools" / "__pycache__" / "b.pyc").write_text("x")
    assert "tools/__pycache__/b.pyc" not in names(folder, "tools")


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / "tools" / "link.yml").symlink_to("../params.yml")
    files, _ = pin_files(("tools/link.yml",), "app.cwl", folder)
    assert [(file.name, file.checksum) for file in files] == [("tools/link.yml", checksums.of_bytes(b"p"))]


def _outside(folder: Path) -> None:
    (folder.parent / "secret").write_text("s")
    (folder / "tools" / "link").symlink_to(folder.parent / "secret")


def _hidden_folder(folder: Path) -> None:
    (folder / "tools" / ".git").mkdir()
    (folder / "tools" / ".git" / "config").write_text("x")


REFUSED: list[tuple[str, str, Callable[[Path], object], str]] = [
    ("hidden", "tools", lambda at: (at / "tools" / ".env").write_text("x"), "workflow-hidden-file"),
    ("hidden folder", "tools", _hidden_folder, "workflow-hidden-file"),
    ("outside", "tools", _outside, "workflow-outside-folder"),
    ("loop", "tools", lambda at: (at / "tools" / "loop").symlink_to("loop"), "workflow-not-a-file"),
    ("linked folder", "tools", lambda at: (at / "tools" / "link").symlink_to("deeper"), "workflow-linked-folder"),
    ("linked itself", "link", lambda at: (at / "link").symlink_to("tools"), "workflow-linked-folder"),
    ("pipe", "tools", lambda at: os.mkfifo(at / "tools" / "pipe"), "workflow-not-a-file"),
    ("odd name", "tools", lambda at: (at / "tools" / "a:b").write_text("x"), "workflow-file-name"),
    ("no text", "tools", lambda at: (at / "tools" / os.fsdecode(b"\xff")).write_text("x"), "workflow-file-name"),
    ("missing", "tool", lambda at: at, "workflow-no-file"),
    ("empty folder", "new", lambda at: (at / "new").mkdir(), "workflow-empty-folder"),
    ("whole", ".", lambda at: at, "workflow-whole-folder"),
    ("declaration", "experiment.yaml", lambda at: (at / "experiment.yaml").touch(), "workflow-reserved-place"),
    ("inputs", "inputs/a", lambda at: (at / "inputs" / "a").mkdir(parents=True), "workflow-reserved-place"),
]


@pytest.mark.parametrize(("declared", "make", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_travel_is_refused(folder: Path, declared: str, make: Callable[[Path], object], code: str) -> None:
    make(folder)
    files, findings = pin_files((declared,), "app.cwl", folder)
    assert files == ()
    assert [(found.code, found.where) for found in findings] == [(code, "experiment.yaml: workflow.files[0]")]


def test_a_name_that_nobody_has_is_told_with_the_nearest(folder: Path) -> None:
    _, (found,) = pin_files(("tool",), "app.cwl", folder)
    assert found.remedy == "Did you mean 'tools'?"


def test_too_many_and_too_large(folder: Path) -> None:
    _, (many,) = pin_files(("tools",), "app.cwl", folder, most=2)
    assert many.code == "workflow-too-many-files"
    _, (large,) = pin_files(("tools",), "app.cwl", folder, largest=1)
    assert "hold 2 bytes, and a workflow carries 1 of them" in large.message


def test_everything_that_is_wrong_is_said_at_once(folder: Path) -> None:
    declared = WorkflowDeclared.model_validate(
        {"kind": "cwl", "entry": "gone.cwl", "files": ["tool", "tools", "param.yml"], "title": "T"}
    )
    (folder / "tools" / ".env").touch()
    with pytest.raises(RefusedError) as caught:
        pin_workflow(Experiment.model_construct(workflow=declared), folder)
    codes = ["workflow-no-file", "workflow-no-file", "workflow-hidden-file", "workflow-no-file"]
    assert [found.code for found in caught.value.findings] == codes


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a\\b", "c:/x"])
def test_a_path_out_of_the_folder_is_refused_when_it_is_read(path: str) -> None:
    with pytest.raises(ValueError, match="leaves the experiment's folder"):
        WorkflowDeclared.model_validate({"kind": "cwl", "entry": "a.cwl", "files": [path], "title": "T"})
