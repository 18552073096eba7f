"""Questions at a terminal: choices from a catalog, found by a few letters."""

import io
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.vocabulary import titles
from earthcode_platform.cli.asking import Dialogue
from earthcode_platform.development.choices import Choice, ranked

SEED = Catalog(seed_files())


def dialogue(*answers: str, catalog: Catalog = SEED) -> tuple[Dialogue, io.StringIO]:
    shown = io.StringIO()
    console = Console(file=shown, width=100, highlight=False)
    return Dialogue(catalog, console, io.StringIO("".join(f"{answer}\n" for answer in answers))), shown


def test_empty_answers_take_what_is_usual() -> None:
    asked, shown = dialogue(*[""] * 12)
    known = asked.complete({"id": "ndvi-alps", "contacts": [{"name": "Ada"}]})
    assert known["kind"] == "openeo"
    assert known["title"] == "Ndvi alps"
    assert (known["project"], known["themes"]) == ("earthcode-examples", ["land"])
    assert "Language of the workflow" in shown.getvalue()
    assert "Who answers for it" not in shown.getvalue()


def test_answers_choose_by_letters_by_number_and_again() -> None:
    person = ("<nobody>", "Ada Example <ada@example.org>")
    found = ("ocaens", "1", "", "temperature", "", "xyz", "amsr", "", "Arctic")
    asked, shown = dialogue("note", "A title", "", *person, "", *found)
    known = asked.complete({"id": "sst"})
    assert known["kind"] == "notebook"
    assert known["contacts"] == [{"name": "Ada Example", "email": "ada@example.org"}]
    assert known["themes"] == ["oceans", "land"]
    assert known["variables"] == ["sea-surface-temperature"]
    assert (known["missions"], known["region"]) == (["amsr-e"], "Arctic")
    assert "names nobody" in shown.getvalue()
    assert "nothing is spelt like 'xyz'" in shown.getvalue()


def test_answers_that_end_are_no_answers() -> None:
    asked, _ = dialogue("openeo")
    with pytest.raises(EOFError):
        asked.complete({"id": "ndvi"})


def test_words_are_found_by_their_beginning_and_mistyped() -> None:
    choices = [
        Choice("sea-surface-temperature", "Sea Surface Temperature"),
        Choice("sea-ice-thickness", "Sea Ice Thickness"),
        Choice("soil-moisture", "Soil Moisture"),
        Choice("elevation", "Élévation"),
    ]
    assert [one.id for one in ranked("sea", choices)] == ["sea-ice-thickness", "sea-surface-temperature"]
    assert [one.id for one in ranked("temp surf", choices)] == ["sea-surface-temperature"]
    assert [one.id for one in ranked("moistrue", choices)] == ["soil-moisture"]
    assert [one.id for one in ranked("elev", choices)] == ["elevation"]
    assert [one.id for one in ranked("", choices, 2)] == ["sea-surface-temperature", "sea-ice-thickness"]
    assert ranked("xyz", choices) == []
    # The nearest of a title's words counts, wherever it stands.
    near = [Choice("a", "moisturf moistnes"), Choice("b", "moistnes moisturf")]
    assert [one.id for one in ranked("moisturex", near)] == ["a", "b"]


def test_one_of_the_real_variables_is_found_fast(real_folder: Path) -> None:
    catalog = read_catalog(real_folder)
    choices = [Choice(entry, title) for entry, title in titles(catalog, Kind.VARIABLE).items()]
    assert len(choices) > 1000
    began = time.process_time()
    assert "sea-surface-temperature" in {one.id for one in ranked("sea surf temprature", choices)}
    # A person waits for it; a fifth of a second is noticed.
    assert time.process_time() - began < 0.5


@pytest.mark.service
def test_a_terminal_is_asked_and_a_pipe_is_not(tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("earthcode-platform"), "new", "ndvi"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)}
    piped = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    assert piped.returncode == 1
    assert b"nobody is named" in piped.stderr
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, b"notebook\nBy hand\n\nAda Example\n\n\n\n\nAlps\n")
    shown = b""
    while True:
        try:
            got = os.read(ours, 65536)
        except OSError:  # the terminal is closed once the process ends
            break
        shown += got
    assert process.wait(60) == 0, shown
    assert b"Language of the workflow" in shown
    text = (tmp_path / "ndvi" / "experiment.yaml").read_text()
    assert "title: By hand\n" in text
    assert "region: Alps\n" in text
