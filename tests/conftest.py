"""What every test may use."""

from pathlib import Path

import pytest
from mirror import SchemaMirror


def pytest_sessionstart() -> None:
    """Let Dask find this machine's address before the network is blocked; it asks a UDP socket and sends nothing."""
    from distributed.utils import get_ip

    get_ip()


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
