"""A document from the web: redirects are followed and checked, and time and size have limits."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from earthcode_platform.web.addresses import Address, read_address
from earthcode_platform.web.asking import Head, Web
from earthcode_platform.web.failures import Cause, NoAnswerError, UnusableAnswerError
from earthcode_platform.web.following import followed, require_found

__all__ = ["Answer", "FetchLimits", "Validators", "fetch", "read_body"]

_UNCHANGED: Final = 304
_PIECE: Final = 65_536
_GZIP: Final = 31
"""Window bits with which zlib takes gzip."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How far fetching goes."""

    size: int = 5_000_000
    """Bytes of the document, after decompression."""
    seconds: float = 20.0
    """Seconds for everything, redirects included."""
    redirects: int = 5
    """How many redirects are followed."""
    media: tuple[str, ...] = ()
    """Media types that are of use, such as `application/*json`; empty for any. An answer may leave its type out."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server told of a document's version (RFC 9110, section 8.8)."""

    etag: str = ""
    """Its entity tag; empty if there was none."""
    modified: str = ""
    """When it was modified last, as the server wrote it; empty if it did not."""

    @property
    def headers(self) -> dict[str, str]:
        """The header fields that ask for the document only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}

    @classmethod
    def of(cls, head: Head) -> Validators:
        """Return those of an answer."""
        return cls(head.headers.get("etag", ""), head.headers.get("last-modified", ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, or that it has not changed."""

    url: str
    """Where it was found, after redirects."""
    content: bytes | None
    """The document; None if it is what `validators` say it was."""
    media_type: str
    """Its media type in lower case; empty if the server names none."""
    validators: Validators
    """Its version."""


def fetch(web: Web, url: str, limits: FetchLimits | None = None, validators: Validators | None = None) -> Answer:
    """Return the document at `url`. Userinfo in the address is not sent.

    Args:
        web: Who asks.
        url: Its address.
        limits: How far to go.
        validators: The version that is at hand; if it still is the version of the server, no content comes.

    Raises:
        ForbiddenAddressError: The address, or one it redirects to, must not be asked.
        MissingPageError: There is nothing (404, 410).
        UnusableAnswerError: It is too large, of another media type, or redirects without end.
        NoAnswerError: No answer came, or one that says: not now.
    """
    limits, validators = limits or FetchLimits(), validators or Validators()
    deadline = time.monotonic() + limits.seconds
    try:
        return _fetched(web, read_address(url), limits, validators, deadline)
    except NoAnswerError as error:
        # A server may close a kept connection at the very moment that it is used again.
        if error.cause is not Cause.CUT:
            raise
        return _fetched(web, read_address(url), limits, validators, deadline)


def _fetched(web: Web, start: Address, limits: FetchLimits, validators: Validators, deadline: float) -> Answer:
    headers = {"Accept": ", ".join(limits.media) or "*/*", "Accept-Encoding": "gzip", **validators.headers}
    with followed(web, start, deadline, lambda _address: headers, limits.redirects) as (address, head, pieces):
        return _answer(address, head, pieces, limits, validators)


def _answer(
    address: Address, head: Head, pieces: Iterable[bytes], limits: FetchLimits, validators: Validators
) -> Answer:
    where = address.asked
    if head.status == _UNCHANGED and validators.headers:
        renewed = Validators.of(head)
        return Answer(where, None, "", renewed if renewed.headers else validators)
    require_found(where, head)
    media = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media and limits.media and not any(fnmatchcase(media, one) for one in limits.media):
        raise UnusableAnswerError(f"it is {media}, not {' or '.join(limits.media)}.", where=where)
    return Answer(where, read_body(where, head, pieces, limits.size), media, Validators.of(head))


def read_body(where: str, head: Head, pieces: Iterable[bytes], size: int) -> bytes:
    """Return the body of an answer, decompressed.

    Args:
        where: What errors name.
        head: How the answer begins.
        pieces: Its body as it comes.
        size: Bytes that it may have.

    Raises:
        UnusableAnswerError: It is larger, or encoded in a way that was not asked for.
        NoAnswerError: It is damaged, or ends too early.
    """
    encoding = head.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise UnusableAnswerError(f"it is encoded as {encoding!r}, which was not asked for.", where=where)
    content = bytearray()
    for piece in pieces if encoding == "identity" else _inflated(where, pieces):
        content += piece
        if len(content) > size:
            raise UnusableAnswerError(f"it has more than {size} bytes.", where=where)
    return bytes(content)


def _inflated(where: str, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Yield what is compressed in `pieces` in small parts: a few bytes may hold gigabytes."""
    inflater = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            rest = piece
            while rest and not inflater.eof:
                yield inflater.decompress(rest, _PIECE)
                rest = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error:
        raise NoAnswerError.of(Cause.GARBLED, where, "its compressed body is damaged") from None
    if not inflater.eof:
        raise NoAnswerError.of(Cause.CUT, where, "its compressed body ends too early")
