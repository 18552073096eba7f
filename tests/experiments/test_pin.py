import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from earthcode_platform import checksums
from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.pin import code_version, pin_workflow
from earthcode_platform.models.experiment import Experiment


@pytest.fixture
def experiment() -> Experiment:
    return Experiment.model_validate(
        {
            "id": "a",
            "version": "1.0",
            "title": "t",
            "description": "d",
            "license": "MIT",
            "contacts": [{"name": "Ada"}],
            "osc": {"project": "p", "themes": ["t"]},
            "workflow": {"kind": "openeo", "entry": "graph.json", "title": "w"},
            "inputs": {"sst": {"href": "item.json"}},
            "product": {"id": "q", "title": "Q"},
        }
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "experiment").mkdir(parents=True)
    (root / "other").mkdir()
    git(root, "init", "--quiet")
    return root


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    binary = shutil.which("git")
    assert binary is not None
    done = subprocess.run([binary, *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "x")
    return git(root, "rev-parse", "HEAD")


def test_the_workflow_is_named_by_its_checksum(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "graph.json").write_text("{}")
    pinned = pin_workflow(experiment, tmp_path)
    assert pinned.path == str((tmp_path / "graph.json").resolve())
    assert pinned.checksum == checksums.of_bytes(b"{}")


def test_a_link_inside_the_folder_is_followed(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "graph.json").symlink_to("real.json")
    assert pin_workflow(experiment, tmp_path).checksum == checksums.of_bytes(b"{}")


def _make_outside(folder: Path) -> None:
    (folder.parent / "secret.json").write_text("{}")
    (folder / "graph.json").symlink_to(folder.parent / "secret.json")


@pytest.mark.parametrize(
    ("make", "code", "told"),
    [
        (lambda folder: (folder / "grap.json").write_text("{}"), "workflow-no-file", "Did you mean 'grap.json'?"),
        (lambda folder: (folder / "graph.json").mkdir(), "workflow-not-a-file", "'graph.json' is no file"),
        (lambda folder: (folder / "graph.json").touch(), "workflow-empty", "0 bytes"),
        (_make_outside, "workflow-outside-folder", "leads out of the folder"),
        (lambda folder: (folder / "graph.json").symlink_to("graph.json"), "workflow-no-file", "no file 'graph.json'"),
        (lambda folder: os.mkfifo(folder / "graph.json"), "workflow-not-a-file", "'graph.json' is no file"),
    ],
    ids=["missing", "folder", "empty", "outside", "loop", "pipe"],
)
def test_a_workflow_that_cannot_be_pinned(
    experiment: Experiment, tmp_path: Path, make: Callable[[Path], object], code: str, told: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    make(folder)
    with pytest.raises(RefusedError, match=told) as caught:
        pin_workflow(experiment, folder)
    assert [found.code for found in caught.value.findings] == [code]


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert code_version(tmp_path) is None


def test_before_the_first_commit_there_is_none(repository: Path) -> None:
    assert code_version(repository / "experiment") is None


def test_without_git_there_is_none(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "experiment" / "graph.json").write_text("{}")
    commit(repository)
    assert code_version(repository / "experiment") is not None
    monkeypatch.setenv("PATH", str(repository))
    assert code_version(repository / "experiment") is None


def test_only_files_of_the_folder_make_it_dirty(repository: Path) -> None:
    (repository / "experiment" / "graph.json").write_text("{}")
    made = commit(repository)
    (repository / "other" / "file").write_text("changed")
    version = code_version(repository / "experiment")
    assert version is not None
    assert (version.commit, version.dirty, version.repository) == (made, False, None)
    (repository / "experiment" / "graph.json").write_text("[]")
    version = code_version(repository / "experiment")
    assert version is not None
    assert version.dirty


def test_a_new_file_makes_it_dirty(repository: Path) -> None:
    (repository / "experiment" / "graph.json").write_text("{}")
    commit(repository)
    (repository / "experiment" / "new.json").write_text("{}")
    version = code_version(repository / "experiment")
    assert version is not None
    assert version.dirty


def test_the_address_of_the_repository_loses_its_password(repository: Path) -> None:
    (repository / "experiment" / "graph.json").write_text("{}")
    commit(repository)
    git(repository, "remote", "add", "origin", "https://me:hunter2@example.org/x.git")
    version = code_version(repository / "experiment")
    assert version is not None
    assert version.repository == "https://example.org/x.git"


def test_a_folder_that_git_ignores_has_no_commit(repository: Path) -> None:
    (repository / ".gitignore").write_text("experiment/\n")
    (repository / "experiment" / "graph.json").write_text("{}")
    commit(repository)
    assert code_version(repository / "experiment") is None


def test_the_variables_of_a_git_hook_do_not_mislead(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "experiment" / "graph.json").write_text("{}")
    made = commit(repository)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    git(elsewhere, "init", "--quiet")
    commit(elsewhere)
    monkeypatch.setenv("GIT_DIR", str(elsewhere / ".git"))
    version = code_version(repository / "experiment")
    assert version is not None
    assert version.commit == made


def test_a_program_in_the_repositorys_configuration_does_not_run(repository: Path) -> None:
    (repository / "experiment" / "graph.json").write_text("{}")
    commit(repository)
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\n")
    trap.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(trap))
    assert code_version(repository / "experiment") is not None
    assert not (repository / "sprung").exists()
