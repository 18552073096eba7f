"""Every command on catalogs in the guide and in the README is understood and answered."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from catalog_factories import published
from house import CHECKOUT, text_of

from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.cli.app import app

COMMANDS = sorted(
    {
        found.strip()
        for document in ("README.md", "docs/guides/catalog.md")
        for found in re.findall(r"earthcode-platform (catalog [^#\n]*)", text_of(CHECKOUT / document))
        if "PATH" in found or "validate ." in found
    }
)


def test_the_documents_show_all_commands() -> None:
    assert {line.split()[1] for line in COMMANDS} == {"validate", "search", "report"}
    assert len(COMMANDS) >= 8


@pytest.fixture
def checkout_of_a_catalog(tmp_path: Path, embedded: Catalog, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a catalog in which the example is published; it is where `origin/main` is."""
    folder = tmp_path / "checkout"
    for name, content in published(embedded).files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@noreply.invalid")
    for arguments in (
        ("init", "--quiet"),
        ("add", "."),
        (*author, "commit", "--quiet", "-m", "Catalog"),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_answered(line: str, checkout_of_a_catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(checkout_of_a_catalog) if word == "PATH" else word for word in shlex.split(line)]
    offline = ["--offline"] if words[1] == "validate" else []
    with pytest.raises(SystemExit) as caught:
        app([*words, *offline])
    assert caught.value.code == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert said or "--output" in words or "--fix" in words
    assert (checkout_of_a_catalog / "findings.sarif").exists() == ("--output" in words)
