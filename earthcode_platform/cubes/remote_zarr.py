"""Zarr stores where they lie: in object storage as many objects, and anywhere as one zip file.

Each part is one ranged request to an address that is signed for a while, so that what reads needs no key.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from earthcode_platform.cubes.access import HELD, current, in_storage, readable
from earthcode_platform.cubes.read_stores import ReadStore
from earthcode_platform.cubes.spans import read_span
from earthcode_platform.cubes.stored_zip import HEADER, data_start, members_of
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obstore.store import S3Credential
    from zarr.abc.store import Store

    from earthcode_platform.cubes.spans import Span
    from earthcode_platform.web.signing import ObjectStorage

__all__ = ["remote_zarr"]

_AHEAD: Final = 256 * 1024
"""Bytes that are read at once while the directory of a zip file is looked for: all of it, for most stores."""
_SIGNATURE: Final = "&X-Amz-Signature="
_REFUSED: Final = re.compile(r"status code: (?P<status>4(?!08|29)\d\d)(?:.*?<Code>(?P<code>\w+)</Code>)?", re.DOTALL)
"""What obstore says when storage refuses for good: a status, and S3's code if there is one."""


def remote_zarr(href: str) -> Store:
    """Return what reads the store at `href`; no value is read.

    Args:
        href: A zip file behind an address or in storage, or a folder in storage (`s3://bucket/key`).

    Raises:
        InputError: There is none, it may not be read, or it is a folder behind an address, which nobody can list.
        UnavailableError: The server did not answer.
    """
    if urlsplit(href).path.lower().endswith(".zip"):
        return _zip(href)
    if in_storage(href):
        return _folder(href.rstrip("/"), current().storage)
    raise InputError(
        "a Zarr store of many files is read from a folder or from object storage, not behind an address.",
        where=href,
        remedy="Name it as s3://bucket/key, or pack it into one zip file, whose name ends in .zarr.zip.",
    )


def _zip(href: str) -> Store:
    address = readable(href)
    try:
        with zipfile.ZipFile(io.BufferedReader(_Remote(address), _AHEAD)) as archive:
            members = members_of(archive, href)
    except zipfile.BadZipFile as error:
        raise InputError(f"it cannot be read as a zip file: {error}.", where=href) from None
    if any(one.compress_type for one in members):
        raise InputError(
            "its members are compressed once more, so that no part of one can be read by itself.",
            where=href,
            remedy="Pack it with zip's method 'stored'.",
        )
    return _RemoteZip(href, address, members)


class _Remote(io.RawIOBase):
    """A remote file as the library that reads zip files wants it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._size = read_span(address, 0, 1).size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer, typeshed says; this is what BufferedReader hands over
        last = min(self._at + len(buffer), self._size)
        if last <= self._at:
            return 0
        content = read_span(self._address, self._at, last).content
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


class _RemoteZip(ReadStore):
    """A store in a remote zip file."""

    def __init__(self, href: str, address: str, members: Sequence[zipfile.ZipInfo]) -> None:
        super().__init__(href, {one.filename: one.file_size for one in members})
        self._address = address
        self._headers = {one.filename: one.header_offset for one in members}
        self._starts: dict[str, int] = {}

    def read(self, key: str, first: int, last: int) -> bytes:
        if key not in self._starts:
            header = self._headers[key]
            content = read_span(self._address, header, header + HEADER.size).content
            self._starts[key] = data_start(header, content)
        start = self._starts[key]
        return _whole(read_span(self._address, start + first, start + last), last - first, self.place)


def _folder(href: str, storage: ObjectStorage) -> Store:
    sizes = _listed(href, storage)
    if not sizes:
        raise InputError("there is no such store.", where=href, remedy="Mend the address, or restore it.")
    moment = datetime.now(UTC)
    signed = {key: storage.address(f"{href}/{key}", HELD, moment).partition("?")[2] for key in sizes}
    return _RemoteFolder(href, storage.plain(href), sizes, signed)


def _listed(href: str, storage: ObjectStorage) -> dict[str, int]:
    """Return every object below a place in storage, with its bytes."""
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    bucket, _, prefix = href.partition("://")[2].partition("/")
    endpoint = storage.base.replace("{bucket}", bucket)
    try:
        held = S3Store(
            bucket,
            prefix=prefix or None,
            # Both, and a provider of keys, or variables of the environment would count for more than what we were told.
            endpoint=endpoint,
            aws_endpoint_url_s3=endpoint,
            region=storage.region,
            skip_signature=not storage.key,
            virtual_hosted_style_request="{bucket}" in storage.base,
            client_options={"allow_http": endpoint.startswith("http:"), "timeout": timedelta(seconds=60)},
            credential_provider=(lambda: _credential(storage)) if storage.key else None,
        )
        return {one["path"]: one["size"] for page in obstore.list(held) for one in page}
    except (BaseError, OSError) as error:
        raise _not_listed(str(error), href) from None


def _not_listed(text: str, href: str) -> InputError | UnavailableError:
    found = _REFUSED.search(text)
    if found is None:
        return UnavailableError("its storage did not answer.", where=href, remedy="Try again later.")
    remedy = (
        "Mend the address, or give the right to list and read it: endpoint, region and key in the input access block."
    )
    return InputError(f"it cannot be listed: {found['code'] or found['status']}.", where=href, remedy=remedy)


def _credential(storage: ObjectStorage) -> S3Credential:
    return {
        "access_key_id": storage.key,
        "secret_access_key": storage.secret,
        "token": storage.token or None,
        "expires_at": None,
    }


class _RemoteFolder(ReadStore):
    """A store of many objects, each behind an address of its own."""

    def __init__(self, href: str, base: str, sizes: Mapping[str, int], signed: Mapping[str, str]) -> None:
        super().__init__(href, sizes)
        self._base = base
        # Of the queries of addresses only the signature differs: a graph of many objects stays small.
        self._query = next(iter(signed.values())).partition(_SIGNATURE)[0]
        self._signatures = {key: query.partition(_SIGNATURE)[2] for key, query in signed.items()}

    def read(self, key: str, first: int, last: int) -> bytes:
        signature = self._signatures[key]
        address = f"{self._base}/{quote(key)}" + (f"?{self._query}{_SIGNATURE}{signature}" if signature else "")
        return _whole(read_span(address, first, last), last - first, f"{self.place}/{key}")


def _whole(part: Span, count: int, where: str) -> bytes:
    if len(part.content) != count:
        raise UnavailableError(f"{len(part.content)} bytes came of {count}.", where=where, remedy="Try again.")
    return part.content
