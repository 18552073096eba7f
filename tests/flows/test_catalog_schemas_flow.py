"""Publishing and withdrawing with the official schemas that the catalog's block names."""

import json
import shutil
from pathlib import Path

import pytest

from blocks.catalog import OpenScienceCatalog
from earthcode_platform.errors import RefusedError
from flows.lifecycle import lifecycle
from flows.withdraw import withdraw

pytestmark = pytest.mark.service
"""The whole real catalog takes long."""

OFFICIAL = Path("esa-earthcode.github.io/open-science-catalog-validation/schemas")
ITEM = {"contains": {"properties": {"rel": {"const": "item"}}}}


@pytest.fixture
def folder(shared: Path, tmp_path: Path) -> Path:
    """A mirror of the official schemas that a test may change."""
    return Path(shutil.copytree(shared / "schemas", tmp_path / "mirror"))


def test_the_merged_catalog_is_held_against_them_before_anything_is_pushed(
    home: Path, small: Path, folder: Path
) -> None:
    OpenScienceCatalog(schemas=str(folder)).save("held", overwrite=True)
    official = folder / OFFICIAL / "products" / "children.json"
    content = official.read_bytes()
    official.write_text(json.dumps({"required": ["osc:never"]}))
    with pytest.raises(RefusedError, match=r'catalog-schema.*"osc:never" is a required property'):
        lifecycle(str(small), catalog="held")
    assert not list((home / "catalog.git").glob("refs/heads/publish/*"))

    official.write_bytes(content)
    assert lifecycle(str(small), catalog="held").merged

    listing = folder / OFFICIAL / "experiments" / "parent.json"
    content = listing.read_bytes()
    listing.write_text(json.dumps({"properties": {"links": ITEM}}))
    with pytest.raises(RefusedError, match=r"catalog-schema.*experiments/parent\.json"):
        withdraw("small", catalog="held")
    listing.write_bytes(content)
    assert withdraw("small", catalog="held").merged
