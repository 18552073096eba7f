"""The real catalog and fresh repositories for the tests of the catalog family."""

import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from catalog_factories import git

from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.catalog.snapshot import Catalog


@pytest.fixture(scope="session")
def real_folder(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real Open Science Catalog, unpacked."""
    folder = tmp_path_factory.mktemp("osc")
    with tarfile.open(shared / "open-science-catalog.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="session")
def real_files(real_folder: Path) -> dict[str, bytes]:
    """Every file of the real catalog by path."""
    return {
        path.relative_to(real_folder).as_posix(): path.read_bytes() for path in real_folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="session")
def _real_bare(real_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bare = tmp_path_factory.mktemp("real") / "catalog.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(bare)], check=True)
    tree = (f"--work-tree={real_folder}", "-c", "core.autocrlf=false", "-c", "core.bare=false")
    git(bare, *tree, "add", "--all", "--force", ".")
    named = ("-c", "user.name=Tester", "-c", "user.email=tester@noreply.invalid")
    git(bare, *tree, *named, "commit", "--quiet", "--no-gpg-sign", "-m", "Catalog")
    # As a clone would have it: one pack, which is quick to copy and to fetch from.
    git(bare, "repack", "-adq")
    return bare


@pytest.fixture
def real_bare(_real_bare: Path, tmp_path: Path) -> Path:
    """A bare repository of its own that holds the real catalog."""
    return Path(shutil.copytree(_real_bare, tmp_path / "real.git"))


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
