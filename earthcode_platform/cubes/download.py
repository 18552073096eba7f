"""Small documents over HTTP: with a limit in bytes, in time and in redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.refusal import refusal
from earthcode_platform.errors import UnavailableError

if TYPE_CHECKING:
    import httpx

__all__ = ["download"]

_TIMEOUT: Final = 30.0
"""Seconds to connect, and between two pieces of the answer."""
_REDIRECTS: Final = 5
_GONE: Final = (404, 410)
_TRANSIENT: Final = (408, 425, 429)
"""Client errors that say: ask again later (RFC 9110, RFC 8470, RFC 6585)."""
_SERVER_ERROR: Final = 500


def download(url: str, limit: int) -> bytes:
    """Return the body at `url`, of at most `limit` bytes.

    Raises:
        RefusedError: It is not there, not allowed, too large, or no URL (`inputs-*`).
        UnavailableError: The server did not answer, or asked to try later.
    """
    import httpx

    try:
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=True, max_redirects=_REDIRECTS) as client,
            client.stream("GET", url, headers={"Accept": "application/geo+json, application/json"}) as answer,
        ):
            _require_success(answer, url)
            return _body(answer, url, limit)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
        raise refusal("inputs-not-found", url, f"it cannot be followed: {error}.", "Mend the address.") from None
    except httpx.TransportError as error:
        raise UnavailableError(
            f"no answer: {error or type(error).__name__}.", where=url, remedy="Try again later, or check the address."
        ) from None


def _require_success(answer: httpx.Response, url: str) -> None:
    status = answer.status_code
    if answer.is_success:
        return
    if status >= _SERVER_ERROR or status in _TRANSIENT:
        raise UnavailableError(f"the server answered {status}.", where=url, remedy="Try again later.")
    code = "inputs-not-found" if status in _GONE else "inputs-not-allowed"
    raise refusal(code, url, f"the server answered {status}.", "Mend the address, or name a public document.")


def _body(answer: httpx.Response, url: str, limit: int) -> bytes:
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > limit:
            raise refusal("inputs-too-large", url, f"it has more than {limit} bytes.", "Split the document.")
    return bytes(content)
