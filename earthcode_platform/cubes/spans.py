"""Parts of remote files, each by one ranged request (RFC 9110, section 14), over connections that a process keeps."""

from __future__ import annotations

import atexit
import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from earthcode_platform.cubes.access import own_hosts
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.asking import Web
from earthcode_platform.web.failures import UnusableAnswerError
from earthcode_platform.web.following import followed
from earthcode_platform.web.reach import Reach

if TYPE_CHECKING:
    from earthcode_platform.web.asking import Head

__all__ = ["Span", "read_span"]

_SECONDS: Final = 120.0
"""For one part: connecting, redirects and the answer."""
_PAUSES: Final = (0.5, 1.0, 2.0, None)
"""Seconds before a file is asked for again; after the last try it is given up."""
_RANGE: Final = re.compile(r"bytes (?P<first>[0-9]+)-[0-9]+/(?P<size>[0-9]+)")
_OK: Final = 200
_PARTIAL: Final = 206
_UNSATISFIABLE: Final = 416
_LATER: Final = (408, 425, 429)
"""Client errors that say: ask again later (RFC 9110, RFC 8470, RFC 6585)."""
_SERVER_ERROR: Final = 500


@lru_cache(maxsize=8)
def _web(allowed: frozenset[str]) -> Web:
    """Return what asks, one for all files of a host: connections are kept, and safe to use from several threads."""
    web = Web(Reach(allowed))
    atexit.register(web.close)
    return web


class Span(NamedTuple):
    """Part of a remote file."""

    content: bytes
    """Its bytes."""
    size: int
    """Bytes of the whole file."""


def read_span(address: str, first: int, last: int) -> Span:
    """Return part of a file. A server that stumbles is asked four times.

    Args:
        address: Its http(s) address, whose host was allowed when the input was pinned.
        first: The first byte, from 0.
        last: The one behind the last; there may be fewer.

    Raises:
        InputError: There is no such file, it may not be read, or its server sends no parts.
        UnavailableError: The server did not answer.
    """
    web = _web(own_hosts([address]))
    for pause in _PAUSES:
        try:
            return _read(web, address, first, last)
        except UnavailableError:
            if pause is None:
                raise
            time.sleep(pause)
    raise AssertionError(first)


def _read(web: Web, start: str, first: int, last: int) -> Span:
    # A signature is nothing to read, and nothing for messages.
    address, where = read_address(start), start.partition("?")[0]
    fields = {"Range": f"bytes={first}-{last - 1}", "Accept-Encoding": "identity"}
    try:
        with followed(web, address, time.monotonic() + _SECONDS, lambda _address: fields) as (_, head, pieces):
            size = _size(head, first, last, where)
            return Span(b"".join(pieces) if size else b"", size)
    except UnusableAnswerError as error:
        raise InputError(error.message, where=where, remedy=error.remedy or "Mend the address.") from None


def _size(head: Head, first: int, last: int, where: str) -> int:
    """Return the bytes of the whole file, of which an answer holds the part that is asked for; 0 if it holds none."""
    ranged = _RANGE.fullmatch(head.headers.get("content-range", ""))
    length = head.headers.get("content-length", "")
    # Some servers say 200 of a part.
    if head.status in (_OK, _PARTIAL) and ranged and int(ranged["first"]) == first:
        return int(ranged["size"])
    # Where the part that is asked for is all of it, a server may answer 200 (RFC 9110, section 14.2).
    if head.status == _OK and length.isascii() and length.isdigit() and first == 0 and int(length) <= last:
        return int(length)
    if head.status == _UNSATISFIABLE:
        return 0
    if head.status in (_OK, _PARTIAL):
        remedy = "Put it on a server that takes ranged requests."
        raise InputError("its server sends the whole file where a part is asked for.", where=where, remedy=remedy)
    if head.status >= _SERVER_ERROR or head.status in _LATER:
        raise UnavailableError(f"the server answered {head.status}.", where=where, remedy="Try again later.")
    remedy = "Mend the address, or give the right to read it: endpoint, region and key in the input access block."
    raise InputError(f"the server answered {head.status}.", where=where, remedy=remedy)
