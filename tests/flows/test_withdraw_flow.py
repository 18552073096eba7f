"""A published experiment leaves the catalog by its ID, and its archive stays."""

import subprocess
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.product import Novelty
from flows.lifecycle import lifecycle
from flows.withdraw import withdraw

pytestmark = pytest.mark.service
"""They take long: the whole real catalog, or many commits."""


def git(catalog: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "--git-dir", str(catalog), *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_what_was_published_is_withdrawn_and_its_archive_stays(home: Path, small: Path) -> None:
    first = lifecycle(str(small))
    archived = sorted(path for path in (home / "archive").rglob("*") if path.is_file())
    gone = withdraw("small")
    assert (gone.novelty, gone.merged, gone.base) == (Novelty.NEW, True, first.commit)
    assert git(home / "catalog.git", "diff", "--stat", "main~2", "main") == ""
    assert sorted(path for path in (home / "archive").rglob("*") if path.is_file()) == archived
    assert withdraw("small").novelty is Novelty.UNCHANGED
    with get_client(sync_client=True) as client:
        found = client.request("POST", "/artifacts/filter", json={"artifacts": {"key": {"any_": ["withdrawn-small"]}}})
    # The second run tells of the same commit, and says that nothing was left to do.
    (told,) = [text for one in found.json() if gone.commit in (text := str(one["data"])) and "(unchanged)" not in text]
    assert "- `experiments/small/record.json`" in told
    assert "Archived data are not deleted." in told
    with pytest.raises(UnknownNameError, match="there is no experiment 'smal'"):
        withdraw("smal")
