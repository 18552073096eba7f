"""One running platform for all tests of the deployments: it takes twenty seconds to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Platform, served


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Iterator[Platform]:
    with served(tmp_path_factory.mktemp("home"), checkout) as running:
        yield running
