"""Files read back from object storage: hashed as they come, some at a time, nothing kept."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from io import RawIOBase
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import obstore

from earthcode_platform import checksums
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores.contract import Amiss, Fault
from earthcode_platform.stores.s3.failures import MissingKeyError, explained
from earthcode_platform.stores.s3.place import Client, Place
from earthcode_platform.stores.s3.threads import each

__all__ = ["Reader"]

_AT_ONCE: Final = 32
"""Small files under way at a time."""
_SMALL: Final = 8 * 1024 * 1024
"""Bytes up to which a file is asked for as a whole."""
_RANGE: Final = 16 * 1024 * 1024
"""Bytes of a larger file that are asked for at a time."""
_BLOCK: Final = 1024 * 1024
"""Bytes of a range that are taken from the connection at a time."""
_AHEAD: Final = 4
"""How many ranges of one file are under way: one connection would be hashed faster than it brings bytes."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files below a key."""

    place: Place
    control: Client
    bulk: obstore.store.S3Store
    told: Callable[[], object]
    """Called again and again while something goes on."""

    def verify(self, files: Sequence[StoredFile], base: str) -> list[Amiss]:
        """Return those files below `base` that are not what was recorded, in the order of `files`.

        Raises:
            InputError: The store refuses us.
            UnavailableError: The store does not answer.
        """
        small = [file for file in files if file.size <= _SMALL]
        found = each(small, lambda file: self._small(file, base), _AT_ONCE)
        found += [self._compared(file, base) for file in files if file.size > _SMALL]
        by_key = {amiss.file.key: amiss for amiss in found if amiss is not None}
        return [by_key[file.key] for file in files if file.key in by_key]

    def get(self, key: str, local: Path) -> str:
        """Write a file to `local` and return its multihash.

        Raises:
            InputError: There is no such file, or the store refuses us.
            UnavailableError: The store does not answer.
        """
        local.parent.mkdir(parents=True, exist_ok=True)
        try:
            with local.open("wb") as stream:
                return self._large(key, stream.write)
        except BaseException:
            local.unlink(missing_ok=True)
            raise

    def _small(self, file: StoredFile, base: str) -> Amiss | None:
        key = f"{base}/{file.key}"
        try:
            with explained(self.place.shown(key)):
                answer = obstore.get(self.bulk, key)
                if answer.meta["size"] != file.size:
                    return Amiss(file, Fault.DIFFERS, f"{answer.meta['size']} bytes")
                found = checksums.of_bytes(memoryview(answer.bytes()))
        except MissingKeyError:
            return Amiss(file, Fault.MISSING, "")
        self.told()
        return None if found == file.checksum else Amiss(file, Fault.DIFFERS, found)

    def _compared(self, file: StoredFile, base: str) -> Amiss | None:
        try:
            found = self._large(f"{base}/{file.key}", lambda _block: None)
        except MissingKeyError:
            return Amiss(file, Fault.MISSING, "")
        return None if found == file.checksum else Amiss(file, Fault.DIFFERS, found)

    def _large(self, key: str, take: Callable[[memoryview], object]) -> str:
        """Read a file range by range, some ahead of what is hashed, and return its multihash."""
        name = {"Bucket": self.place.bucket, "Key": self.place.name(key)}
        digest = sha256()
        # Memory that is used again and again: fresh one costs as much as what is copied into it.
        free: SimpleQueue[memoryview] = SimpleQueue()

        def asked(start: int, end: int) -> tuple[memoryview, int]:
            buffer = free.get()
            with closing(self.control.get_object(**name, Range=f"bytes={start}-{end - 1}")["Body"]) as body:
                return buffer, _filled(buffer[: end - start], body)

        with explained(self.place.shown(key)), ThreadPoolExecutor(_AHEAD) as pool:
            size = int(self.control.head_object(**name)["ContentLength"])
            ranges = iter([(start, min(start + _RANGE, size)) for start in range(0, size, _RANGE)])
            for _ in range(min(_AHEAD, -(-size // _RANGE)) + 1):
                free.put(memoryview(bytearray(min(_RANGE, size))))
            under_way = deque(pool.submit(asked, *one) for one in islice(ranges, _AHEAD))
            while under_way:
                buffer, count = under_way.popleft().result()
                under_way.extend(pool.submit(asked, *one) for one in islice(ranges, 1))
                digest.update(buffer[:count])
                take(buffer[:count])
                free.put(buffer)
                self.told()
        return checksums.MULTIHASH_SHA256 + digest.hexdigest()


def _filled(view: memoryview, body: RawIOBase) -> int:
    """Fill `view`, and return how many bytes there were: fewer if the object became shorter."""
    count = 0
    while more := body.readinto(view[count : count + _BLOCK]):
        count += more
    return count
