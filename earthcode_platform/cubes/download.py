"""Small documents from the web or from object storage: with a limit in bytes, in time and in redirects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.access import asking, readable
from earthcode_platform.cubes.refusal import refusal
from earthcode_platform.errors import UnavailableError
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.failures import ForbiddenAddressError, NoAnswerError, UnusableAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from earthcode_platform.web.asking import Ask, Head, Web

__all__ = ["download"]

_SECONDS: Final = 120.0
"""For everything: connecting, redirects and the whole answer."""
_REDIRECTS: Final = 5
_KEEPING_THE_METHOD: Final = (307, 308)
_GONE: Final = (404, 410)
_TRANSIENT: Final = (408, 425, 429)
"""Client errors that say: ask again later (RFC 9110, RFC 8470, RFC 6585)."""
_SERVER_ERROR: Final = 500
_SUCCESS: Final = range(200, 300)
_HEADERS: Final = {"Accept": "application/geo+json, application/json", "Accept-Encoding": "gzip"}


def download(href: str, limit: int, content: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the body at `href`, of at most `limit` bytes.

    Args:
        href: An address with http or https, or an object in storage (`s3://bucket/key`).
        limit: Bytes, after decompression.
        content: JSON to send with POST; None for GET.
        headers: Header fields to send besides our own.

    Raises:
        RefusedError: It is not there, not allowed, too large, or no address (`inputs-*`).
        UnavailableError: The server did not answer, or asked to try later.
    """
    from earthcode_platform.web.asking import Ask

    try:
        with asking(href) as web:
            address = read_address(readable(href))
            method, kind = ("GET", {}) if content is None else ("POST", {"Content-Type": "application/json"})
            ask = Ask(method, address, {**(headers or {}), **_HEADERS, **kind}, content)
            return _followed(web, ask, href, limit)
    except ForbiddenAddressError as error:
        raise refusal("inputs-not-allowed", href, error.message, error.remedy) from None
    except UnusableAnswerError as error:
        raise refusal("inputs-too-large", href, error.message, "Split the document.") from None
    except NoAnswerError as error:
        raise UnavailableError(f"no answer: {error.message}", where=href, remedy=error.remedy) from None


def _followed(web: Web, ask: Ask, href: str, limit: int) -> bytes:
    from earthcode_platform.web.asking import Ask
    from earthcode_platform.web.following import REDIRECTS

    deadline = time.monotonic() + _SECONDS
    for _ in range(_REDIRECTS + 1):
        with web.asking(ask, deadline) as (head, pieces):
            if head.status not in REDIRECTS or "location" not in head.headers:
                return _body(head, pieces, href, limit)
            method, content = ask.method, ask.content
            if head.status not in _KEEPING_THE_METHOD:
                method, content = "GET", None
            ask = Ask(method, follow(ask.address, head.headers["location"]), ask.headers, content)
    raise refusal("inputs-not-found", href, f"it redirects more than {_REDIRECTS} times.", "Mend the address.")


def _body(head: Head, pieces: Iterable[bytes], href: str, limit: int) -> bytes:
    from earthcode_platform.web.fetching import read_body

    status = head.status
    if status in _SUCCESS:
        return read_body(href, head, pieces, limit)
    if status >= _SERVER_ERROR or status in _TRANSIENT:
        raise UnavailableError(f"the server answered {status}.", where=href, remedy="Try again later.")
    code = "inputs-not-found" if status in _GONE else "inputs-not-allowed"
    remedy = "Mend the address, or name a public document."
    if href.startswith("s3://"):
        remedy = "Mend the address, or give the right to read it: endpoint, region and key in the input access block."
    raise refusal(code, href, f"the server answered {status}.", remedy)
