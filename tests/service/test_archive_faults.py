"""Archiving through every kind of trouble: whatever happens, no reader ever sees a part, and the next run completes it.

`EARTHCODE_FAULTS=40 EARTHCODE_KILLS=20 pytest -m service tests/service/test_archive_faults.py` runs them all.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import deliveries
import pytest
from s3_server import Faults, S3Server, proxied

from earthcode_platform.errors import EarthCodeError
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.stores.s3 import reading
from earthcode_platform.stores.s3.place import Patience, Place
from earthcode_platform.stores.s3.store import S3Store

pytestmark = [pytest.mark.service, pytest.mark.timeout(900), pytest.mark.usefixtures("small_parts")]

FAULTS = int(os.environ.get("EARTHCODE_FAULTS", "6"))
KILLS = int(os.environ.get("EARTHCODE_KILLS", "6"))
SHORT = Patience(connect=0.7, read=0.7, tries=2, pause=0.02)


@pytest.fixture(autouse=True)
def _ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of 200 kB come back in ranges, too."""
    monkeypatch.setattr(reading, "_SMALL", 200_000)
    monkeypatch.setattr(reading, "_RANGE", 40_000)


def test_through_faults_at_random_points(server: S3Server, tmp_path: Path) -> None:
    happened: list[str] = []
    broken = 0
    products = [f"through-{seed}" for seed in range(FAULTS)]
    with deliveries.reading(server.store(), [f"{product}/1.0.0" for product in products]) as seen:
        for seed, product in enumerate(products):
            made = deliveries.delivery(tmp_path / product, product, seed)
            faults = Faults(seed)
            with proxied(server.port, faults) as proxy:
                at_the_proxy = server.place(proxy.port)
                store = S3Store(Place(at_the_proxy.storage, at_the_proxy.bucket, "archive", SHORT), settle=0.05)
                broken += delivered(store, made)
            happened += faults.happened
            deliveries.require_whole(server.store(), made)
        assert seen() == []
    assert broken > 0, "no run was ever broken off: the faults are too mild"
    assert len(happened) > 2 * FAULTS
    assert set(happened) == set(faults.kinds)
    assert sorted(server.store().versions()) == sorted(f"{product}/1.0.0" for product in products)


def delivered(store: S3Store, made: deliveries.Delivery) -> int:
    """Deliver, and again as long as it breaks off; return how often that was."""
    for tries in range(12):
        with suppress(EarthCodeError):
            store.deliver(made)
            return tries
        if store_has(store, made.prefix):
            return tries
    pytest.fail("it never came to an end")


def store_has(store: Store, prefix: str) -> bool:
    """Tell whether the version is there, if the store says."""
    with suppress(EarthCodeError):
        return store.exists(f"{prefix}/manifest.json")
    return False


class Archiver:
    """Runs deliveries in processes of their own."""

    def __init__(self, folder: Path) -> None:
        words = [sys.executable, str(Path(__file__).parent.parent / "archiver.py"), str(folder)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, where: str, product: str, seed: int, killed_after: float = 0.0) -> tuple[int, float]:
        """Return the exit code of a run, and its seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{where}\t{product}\t{seed}\t{killed_after}\n")
        self._process.stdin.flush()
        code, seconds = self._process.stdout.readline().split("\t")
        return int(code), float(seconds)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@pytest.fixture
def archiver(tmp_path: Path) -> Iterator[Archiver]:
    one = Archiver(tmp_path / "work")
    yield one
    one.close()


@pytest.mark.parametrize("kind", ["s3", "directory"])
def test_killed_at_random_moments(server: S3Server, tmp_path: Path, archiver: Archiver, kind: str) -> None:
    store: Store = server.store() if kind == "s3" else DirectoryStore(tmp_path / "archive")
    where = str(server.port) if kind == "s3" else str(tmp_path / "archive")
    code, seconds = archiver.run(where, f"{kind}-unharmed", 0)
    assert code == 0
    products = [f"{kind}-killed-{seed}" for seed in range(KILLS)]
    drawn = random.Random(7)  # noqa: S311 - moments, not secrets
    killed = 0
    with deliveries.reading(store, [f"{product}/1.0.0" for product in products]) as seen:
        for seed, product in enumerate(products):
            killed += archiver.run(where, product, seed, drawn.uniform(0.01, seconds))[0] == -signal.SIGKILL
            assert deliveries.partly_visible(store, f"{product}/1.0.0") == []
            # One that was killed after its last step is there already.
            assert archiver.run(where, product, seed)[0] in (0, 3)
            deliveries.require_whole(store, deliveries.delivery(tmp_path / "again" / product, product, seed))
        assert seen() == []
    assert killed >= KILLS // 2
