"""The same lifecycle, published into a clone of the real Open Science Catalog that a block names."""

import subprocess
from pathlib import Path

import factories
import pytest

from blocks.catalog import OpenScienceCatalog
from earthcode_platform.errors import InputError
from earthcode_platform.models.product import Novelty
from flows.lifecycle import lifecycle

pytestmark = pytest.mark.service
"""The whole real catalog takes long."""

OSC = {
    "project": "4d-greenland",
    "themes": ["cryosphere"],
    "variables": ["sea-surface-temperature"],
    "missions": ["sentinel-2"],
}


def git(bare: Path, *words: str) -> str:
    return subprocess.run(["git", f"--git-dir={bare}", *words], check=True, capture_output=True, text=True).stdout


def test_a_block_names_the_real_catalog(home: Path, small: Path, real_bare: Path) -> None:
    OpenScienceCatalog(url=str(real_bare)).save("real", overwrite=True)
    factories.write_json(small / "experiment.yaml", factories.declaration(osc=OSC))
    publication = lifecycle(str(small), catalog="real")
    assert (publication.novelty, publication.merged) == (Novelty.NEW, False)
    assert git(real_bare, "rev-parse", publication.branch).strip() == publication.commit
    assert not (home / "catalog.git").exists()

    counts = [line.split("\t") for line in git(real_bare, "diff", "--numstat", "main", publication.branch).splitlines()]
    added = set(git(real_bare, "diff", "--name-only", "--diff-filter=A", "main", publication.branch).splitlines())
    assert {path.split("/")[0] for path in added} == {"products", "workflows", "experiments"}
    # An existing file gains a link (six lines) and loses nothing; one closing bracket may have needed a comma.
    changed = [(int(plus), int(minus)) for plus, minus, path in counts if path not in added]
    assert len(changed) == 7
    assert all(plus <= 16 and minus <= 1 for plus, minus in changed)

    again = lifecycle(str(small), catalog="real")
    assert (again.novelty, again.commit) == (Novelty.UNCHANGED, publication.commit)


def test_a_block_that_nobody_saved_is_named(home: Path, small: Path) -> None:
    del home
    with pytest.raises(InputError, match="no earthcode-catalog block 'nowhere'"):
        lifecycle(str(small), catalog="nowhere")
