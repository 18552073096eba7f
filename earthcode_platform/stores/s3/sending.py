"""Files sent to object storage, each read once and hashed while it is sent."""

import mimetypes
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

import obstore

from earthcode_platform import checksums
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores.contract import Source
from earthcode_platform.stores.s3.failures import explained
from earthcode_platform.stores.s3.place import Client, Place
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


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends files below a key."""

    place: Place
    control: Client
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
        key = f"{base}/{source.key}"
        name = {"Bucket": self.place.bucket, "Key": self.place.name(key)}
        with explained(self.place.shown(key)):
            upload = self.control.create_multipart_upload(**name, ContentType=_media_type(source.path))["UploadId"]
            try:
                checksum, parts = self._parts({**name, "UploadId": upload}, source, max(_PART, -(-size // _PARTS)))
                source.require(checksum)
            except BaseException:
                self._abort({**name, "UploadId": upload})
                raise
            self.control.complete_multipart_upload(**name, UploadId=upload, MultipartUpload={"Parts": parts})
        return StoredFile(key=source.key, size=size, checksum=checksum)

    def _parts(self, upload: dict[str, str], source: Source, length: int) -> tuple[str, list[dict[str, object]]]:
        """Send a file in parts, a few at a time; return its multihash and what completes the upload."""
        digest = sha256()
        under_way: set[Future[dict[str, object]]] = set()
        parts: list[dict[str, object]] = []

        def sent(number: int, block: bytes) -> dict[str, object]:
            answer = self.control.upload_part(**upload, PartNumber=number, Body=block)
            return {"PartNumber": number, "ETag": answer["ETag"]}

        def settle(least: int) -> None:
            nonlocal under_way
            while len(under_way) > least:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                parts.extend(one.result() for one in done)
                self.told()

        with ThreadPoolExecutor(_THREADS) as pool, source.opened() as stream:
            for number, block in enumerate(_blocks(stream, length), start=1):
                under_way.add(pool.submit(sent, number, block))
                digest.update(block)
                settle(_THREADS)
            settle(0)
        return checksums.MULTIHASH_SHA256 + digest.hexdigest(), sorted(
            parts, key=lambda part: str(part["PartNumber"]).zfill(6)
        )

    def _abort(self, upload: dict[str, str]) -> None:
        """Let the store forget the parts; if it does not answer, `archive gc` will find them."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.control.abort_multipart_upload(**upload)
        except (BotoCoreError, ClientError):
            return


def _blocks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while block := stream.read(length):
        yield block


def _media_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
