"""A file from the web piece by piece, for those who want its checksum and not its content."""

import time
from collections.abc import Iterator
from typing import Final

from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.asking import Ask, Head, Web
from earthcode_platform.web.failures import Cause, MissingPageError, NoAnswerError, UnusableAnswerError
from earthcode_platform.web.fetching import REDIRECTS

__all__ = ["streamed"]

_OK: Final = 200
_GONE: Final = (404, 410)
_REDIRECTS: Final = 5


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
    address = read_address(href)
    for _ in range(_REDIRECTS + 1):
        # A body that is compressed on the way is not the file that was recorded.
        with web.asking(Ask("GET", address, {"Accept-Encoding": "identity"}), deadline) as (head, pieces):
            if head.status not in REDIRECTS:
                _require_file(address.asked, head)
                yield from pieces
                return
            location = head.headers.get("location", "")
        if not location:
            raise UnusableAnswerError(f"it redirects ({head.status}) to nowhere.", where=address.asked)
        address = follow(address, location)
    raise UnusableAnswerError(f"it redirects more than {_REDIRECTS} times.", where=href)


def _require_file(where: str, head: Head) -> None:
    if head.status in _GONE:
        raise MissingPageError(f"the server answers {head.status}: nothing is there.", where=where)
    if head.status != _OK:
        raise NoAnswerError.of(Cause.STATUS, where, f"the server answers {head.status}")
    encoding = head.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnusableAnswerError(f"it is sent as {encoding!r}, although the file itself was asked for.", where=where)
