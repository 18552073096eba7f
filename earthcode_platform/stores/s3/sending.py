"""Files sent to object storage, each read once and hashed while it is sent."""

import mimetypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import obstore

from earthcode_platform import checksums
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores.contract import Source
from earthcode_platform.stores.s3.failures import explained
from earthcode_platform.stores.s3.place import Place
from earthcode_platform.stores.s3.threads import each

__all__ = ["LARGE", "Sender"]

LARGE: Final = 32 * 1024 * 1024
"""Bytes from which a file is sent in parts."""
_AT_ONCE: Final = 16
"""Small files under way at a time."""
_PART: Final = 8 * 1024 * 1024
_PARTS: Final = 9_000
"""Parts of one file; Amazon allows ten thousand."""
_THREADS: Final = 8
"""Parts of one file under way at a time."""
_BLOCK: Final = 1024 * 1024
"""Bytes that are read and hashed at a time: few enough to be in the processor's cache for both."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends files below a key."""

    place: Place
    bulk: obstore.store.S3Store
    told: Callable[[], object]
    """Called again and again while something goes on."""

    def send(self, sources: Sequence[Source], base: str) -> list[StoredFile]:
        """Store each file as `<base>/<key>`; return its size and its multihash as it was read.

        Raises:
            IntegrityError: A file is not what was recorded of it.
            InputError: The store refuses us, or a file is gone.
            UnavailableError: The store does not answer.
        """
        sizes = {source.key: source.size() for source in sources}
        small = [source for source in sources if sizes[source.key] < LARGE]
        sent = each(small, lambda source: self._small(source, base), _AT_ONCE)
        return sent + [self._large(source, base, sizes[source.key]) for source in sources if sizes[source.key] >= LARGE]

    def _small(self, source: Source, base: str) -> StoredFile:
        with source.opened() as stream:
            content = stream.read()
        file = StoredFile(key=source.key, size=len(content), checksum=checksums.of_bytes(content))
        source.require(file.checksum)
        key = f"{base}/{source.key}"
        with explained(self.place.shown(key)):
            obstore.put(
                self.bulk, key, content, use_multipart=False, attributes={"Content-Type": _media_type(source.path)}
            )
        self.told()
        return file

    def _large(self, source: Source, base: str, size: int) -> StoredFile:
        """Send a file in parts, read and hashed block by block while those before are under way.

        An error while it is read, or a checksum that is not the recorded one, ends the upload before it is completed.
        """
        key = f"{base}/{source.key}"
        digest = sha256()
        sent = 0

        def blocks() -> Iterator[bytes]:
            nonlocal sent
            with source.opened() as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
                    sent += len(block)
                    self.told()
                    yield block
            source.require(checksums.MULTIHASH_SHA256 + digest.hexdigest())

        with explained(self.place.shown(key)):
            obstore.put(
                self.bulk,
                key,
                blocks(),
                use_multipart=True,
                chunk_size=max(_PART, -(-size // _PARTS)),
                max_concurrency=_THREADS,
                attributes={"Content-Type": _media_type(source.path)},
            )
        return StoredFile(key=source.key, size=sent, checksum=checksums.MULTIHASH_SHA256 + digest.hexdigest())


def _media_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
