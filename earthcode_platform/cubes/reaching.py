"""The first bytes of many remote files, each by one ranged request, over connections that are kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.access import readable
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.following import followed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from earthcode_platform.web.addresses import Address
    from earthcode_platform.web.asking import Head, Web

__all__ = ["Reached", "reach"]

_FIRST: Final = 65_536
"""Bytes that are asked for: the header of nearly every cloud-optimised GeoTIFF lies in them."""
_SECONDS: Final = 20.0
"""For one file: connecting, redirects and the answer."""
_PARTIAL: Final = 206
_OK: Final = 200
_UNSATISFIABLE: Final = 416
_LATER: Final = (408, 425, 429)
"""Client errors that say: ask again later (RFC 9110, RFC 8470, RFC 6585)."""
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Reached:
    """A file that answered."""

    content: bytes
    """Its first bytes."""
    size: int | None
    """Bytes of the whole file; None if the server does not say."""
    ranged: bool
    """Whether the server takes ranged requests, without which only whole files can be read (RFC 9110, section 14)."""


def reach(web: Web, href: str) -> Reached:
    """Return the first bytes of the file at `href`, an http(s) address or an object in storage.

    Raises:
        InputError: There is no such file, or it may not be read.
        UnavailableError: The server did not answer, or asked to try later.
    """
    try:
        return _asked(web, read_address(readable(href)), href)
    except NoAnswerError as error:
        # A server may close a kept connection at the very moment that it is used again.
        if error.cause is not Cause.CUT:
            raise
        return _asked(web, read_address(readable(href)), href)


def _asked(web: Web, address: Address, href: str) -> Reached:
    fields = {"Range": f"bytes=0-{_FIRST - 1}", "Accept-Encoding": "identity"}
    with followed(web, address, time.monotonic() + _SECONDS, lambda _address: fields) as (_, head, pieces):
        return _reached(head, pieces, href)


def _reached(head: Head, pieces: Iterable[bytes], href: str) -> Reached:
    if head.status == _UNSATISFIABLE:
        return Reached(b"", 0, ranged=True)
    if head.status not in (_OK, _PARTIAL):
        raise _refused(head.status, href)
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) >= _FIRST:
            break
    size = _size(head.headers)
    # Where the part that is asked for is all of it, a server may answer 200 (RFC 9110, section 14.2).
    whole = len(content) <= _FIRST if size is None else size <= _FIRST
    ranged = head.status == _PARTIAL or whole or "bytes" in head.headers.get("accept-ranges", "")
    return Reached(bytes(content[:_FIRST]), size, ranged)


def _refused(status: int, href: str) -> InputError | UnavailableError:
    if status >= _SERVER_ERROR or status in _LATER:
        return UnavailableError(f"the server answered {status}.", where=href, remedy="Try again later.")
    remedy = "Mend the address, or name a public file."
    if href.startswith("s3://"):
        remedy = "Mend the address, or give the right to read it: endpoint, region and key in the input access block."
    return InputError(f"the server answered {status}.", where=href, remedy=remedy)


def _size(headers: Mapping[str, str]) -> int | None:
    # Some servers of object storage say 200 of a part: what the answer holds is told by its range, not by its status.
    text = headers.get("content-range", "").rpartition("/")[2] or headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None
