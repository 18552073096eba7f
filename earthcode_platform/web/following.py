"""The answer at an address wherever redirects lead, each of them checked as the address itself is."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.asking import Ask
from earthcode_platform.web.failures import Cause, MissingPageError, NoAnswerError, UnusableAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from earthcode_platform.web.addresses import Address
    from earthcode_platform.web.asking import Head, Web

__all__ = ["REDIRECTS", "followed", "require_file", "require_found", "streamed"]

REDIRECTS: Final = {301: True, 302: False, 303: False, 307: False, 308: True}
"""Statuses that lead elsewhere, and whether for good (RFC 9110, section 15.4)."""

_MOST: Final = 5
_OK: Final = 200
_GONE: Final = (404, 410)
_STORED: Final = {"Accept-Encoding": "identity"}
"""What is compressed on the way is not the file that was recorded."""


@contextmanager
def followed(
    web: Web, start: Address, deadline: float, fields: Callable[[Address], Mapping[str, str]], most: int = _MOST
) -> Iterator[tuple[Address, Head, Iterable[bytes]]]:
    """Hand out where the answer was found, how it begins, and its body in pieces as they come.

    Args:
        web: Who asks.
        start: What is asked for, by GET.
        deadline: When everything must be over, on the monotonic clock.
        fields: Gives the header fields for an address: where it leads elsewhere, a right may not go along.
        most: How many redirects are followed.

    Raises:
        ForbiddenAddressError: The address, or one it redirects to, must not be asked.
        UnusableAnswerError: It redirects to nowhere, or without end.
        NoAnswerError: No answer came, or its body ended too early.
    """
    address = start
    for _ in range(most + 1):
        with web.asking(Ask("GET", address, fields(address)), deadline) as (head, pieces):
            if head.status not in REDIRECTS:
                yield address, head, pieces
                return
        if "location" not in head.headers:
            raise UnusableAnswerError(f"it redirects ({head.status}) to nowhere.", where=address.asked)
        address = follow(address, head.headers["location"])
    raise UnusableAnswerError(
        f"it redirects more than {most} times.", where=start.asked, remedy="Name the address it should lead to."
    )


def streamed(web: Web, href: str, seconds: float = 300.0) -> Iterator[bytes]:
    """Yield the bytes of the file at `href` as they come; nothing is kept.

    Args:
        web: Who asks.
        href: Its address; userinfo in it is not sent.
        seconds: Limit for everything, redirects included.

    Raises:
        ForbiddenAddressError: The address, or one it redirects to, must not be asked.
        MissingPageError: There is nothing (404, 410).
        UnusableAnswerError: What comes is not the file as it is stored, or redirects do not end.
        NoAnswerError: No answer came, it was cut short, or it says: not now.
    """
    deadline = time.monotonic() + seconds
    with followed(web, read_address(href), deadline, lambda _address: _STORED) as (address, head, pieces):
        require_file(address.asked, head)
        yield from pieces


def require_found(where: str, head: Head) -> None:
    """Check that an answer holds what was asked for.

    Raises:
        MissingPageError: There is nothing (404, 410).
        NoAnswerError: The server says: not now, or not to you.
    """
    if head.status in _GONE:
        raise MissingPageError(f"the server answers {head.status}: nothing is there.", where=where)
    if head.status != _OK:
        raise NoAnswerError.of(Cause.STATUS, where, f"the server answers {head.status}")


def require_file(where: str, head: Head) -> None:
    """Check that an answer holds a file as it is stored.

    Raises:
        UnusableAnswerError: It is compressed on the way.
        EarthCodeError: As `require_found`.
    """
    require_found(where, head)
    encoding = head.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnusableAnswerError(f"it is sent as {encoding!r}, although the file itself was asked for.", where=where)
