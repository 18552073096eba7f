"""The real catalog in memory and fresh repositories for the tests of the catalog family."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.catalog.snapshot import Catalog


@pytest.fixture(scope="session")
def real_files(real_folder: Path) -> dict[str, bytes]:
    """Every file of the real catalog by path."""
    return {
        path.relative_to(real_folder).as_posix(): path.read_bytes() for path in real_folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A bare repository that holds the embedded catalog."""
    create_catalog(tmp_path / "catalog.git")
    return tmp_path / "catalog.git"


@pytest.fixture
def embedded() -> Catalog:
    """The embedded catalog in memory."""
    return Catalog(seed_files(), "0" * 40)


@pytest.fixture
def edited(embedded: Catalog) -> Callable[[str, bytes], Catalog]:
    """The embedded catalog with one file replaced."""
    return lambda path, content: embedded.with_edits({path: content})
