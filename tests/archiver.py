"""Deliveries in processes that are killed: one process that has everything imported, and a fork of it for each run.

It reads a line for each run (port, product, seed, seconds until it is killed or 0) and answers with what became of it.
"""

import os
import signal
import sys
import time
from pathlib import Path

import deliveries
from s3_server import KEY, SECRET

from earthcode_platform.errors import ConflictError
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.stores.s3 import reading, sending
from earthcode_platform.stores.s3.place import Patience, Place
from earthcode_platform.stores.s3.store import S3Store
from earthcode_platform.web.signing import ObjectStorage


def store_at(where: str) -> Store:
    """Return the store at a port or in a folder."""
    if not where.isdecimal():
        return DirectoryStore(Path(where))
    storage = ObjectStorage(f"http://127.0.0.1:{where}", "us-east-1", KEY, SECRET)
    return S3Store(Place(storage, "results", "archive", Patience(1.0, 1.0, 2, 0.02)), settle=0.05)


def deliver(where: str, folder: Path, product: str, seed: int) -> None:
    """Deliver; the same seed, the same bytes."""
    reading._SMALL, reading._RANGE = 200_000, 40_000  # type: ignore[misc]  # noqa: SLF001 - smaller files, the same ways
    sending.LARGE, sending._PART = 200_000, 120_000  # type: ignore[misc]  # noqa: SLF001 - smaller files, the same ways
    made = deliveries.delivery(folder / f"{product}-{seed}", product, seed)
    try:
        store_at(where).deliver(made)
    except ConflictError:
        os._exit(3)
    except BaseException as error:  # noqa: BLE001 - the last line of a process
        sys.stderr.write(f"{error}\n")
        os._exit(1)
    os._exit(0)


def main(folder: Path) -> None:
    """Answer line by line, with the code of the run and its seconds."""
    for line in sys.stdin:
        where, product, seed, seconds = line.split("\t")
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            deliver(where, folder, product, int(seed))
        if float(seconds):
            time.sleep(float(seconds))
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\t{time.monotonic() - began}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
