"""What every test may use."""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from mirror import SchemaMirror
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# How long an example takes says more of what else the machine does than of the code; tests have a time limit anyway.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_sessionstart() -> None:
    """Let Dask find this machine's address before the network is blocked; it asks a UDP socket and sends nothing."""
    from distributed.utils import get_ip

    get_ip()


class FilesAndFlows(LoadFileScheduling):
    """Gives a process one file after the other, and all tests of flows to one: they share a Prefect server."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "flows" if file.startswith("tests/flows/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesAndFlows:
    return FilesAndFlows(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of flows, which take the longest together."""
    items.sort(key=lambda item: item.path.parent.name != "flows")


@pytest.fixture(autouse=True)
def _no_scheduler_is_left_behind() -> Iterator[None]:
    """Let Dask forget the cluster of a test: a client that closes late says again that there is one."""
    yield
    import dask.config

    dask.config.set(scheduler=None)


CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and of the real catalog beside the checkout; tests that need it skip without it."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder 'shared' beside the checkout: real data and the real catalog")
    return folder


@pytest.fixture(scope="session")
def mirror(shared: Path) -> SchemaMirror:
    """The official schemas of STAC, its extensions and the Open Science Catalog."""
    return SchemaMirror(shared / "schemas")


@pytest.fixture(scope="session")
def real_folder(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real Open Science Catalog, unpacked."""
    folder = tmp_path_factory.mktemp("osc")
    with tarfile.open(shared / "open-science-catalog.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="session")
def _real_bare(real_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bare = tmp_path_factory.mktemp("real") / "catalog.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(bare)], check=True)
    settings = [f"--work-tree={real_folder}", "-c", "core.autocrlf=false", "-c", "core.bare=false"]
    named = ["-c", "user.name=Tester", "-c", "user.email=tester@noreply.invalid"]
    for words in (
        [*settings, "add", "--all", "--force", "."],
        [*settings, *named, "commit", "--quiet", "--no-gpg-sign", "-m", "Catalog"],
        # As a clone would have it: one pack, which is quick to copy and to fetch from.
        ["repack", "-adq"],
    ):
        subprocess.run(["git", f"--git-dir={bare}", *words], check=True)
    return bare


@pytest.fixture
def real_bare(_real_bare: Path, tmp_path: Path) -> Path:
    """A bare repository of its own that holds the real catalog."""
    return Path(shutil.copytree(_real_bare, tmp_path / "real.git"))
