"""Requests of the searching libraries, each through our own guarded web (decision 0011)."""

import json
import time
from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.asking import Ask, Web
from earthcode_platform.web.failures import Cause, NoAnswerError, UnusableAnswerError
from earthcode_platform.web.fetching import FetchLimits, fetch, read_body
from earthcode_platform.web.reach import Reach

__all__ = ["LIMITS", "MALFORMED", "Asker"]

LIMITS: Final = FetchLimits(size=20_000_000, seconds=30.0)
"""How large an answer may be, and how long it may take."""
MALFORMED: Final = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading an answer raises that is not as its standard says."""
_REQUESTS: Final = 200
"""Most requests of one search: a service may page in circles, and a catalog of files may be endless."""
_OK: Final = range(200, 300)


class Asker:
    """Asks one service, and what it leads to. Close it, or use it as a context manager.

    Args:
        service: Address of the service: its host may lie anywhere, other hosts must be public or allowed.
        allowed: Hosts, as `host` or `host:port`, that it may lead to although they are not public.
        limits: How large an answer may be, and how long it may take.
    """

    def __init__(self, service: str, allowed: frozenset[str] = frozenset(), limits: FetchLimits = LIMITS) -> None:
        address = read_address(service)
        self._web = Web(Reach(allowed | {f"{address.host}:{address.port}"}))
        self._limits = limits
        self._left = _REQUESTS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._web.close()

    def get(self, url: str, parameters: Mapping[str, object] | None = None) -> bytes:
        """Return what is at `url`, redirects followed and checked.

        Raises:
            InputError: It must not be asked, there is nothing, or what comes is of no use.
            UnavailableError: No answer came.
        """
        self._count(url)
        return fetch(self._web, _with_query(url, parameters or {}), self._limits).content or b""

    def post(self, url: str, content: bytes, media_type: str) -> bytes:
        """Return the answer to `content`, posted to `url`; no redirect is followed.

        Raises:
            InputError: It must not be asked, or what comes is of no use.
            UnavailableError: No answer came, or one that says: not now.
        """
        self._count(url)
        address = read_address(url)
        headers = {"Content-Type": media_type, "Accept": "*/*", "Accept-Encoding": "gzip"}
        deadline = time.monotonic() + self._limits.seconds
        with self._web.asking(Ask("POST", address, headers, content), deadline) as (head, pieces):
            body = read_body(address.asked, head, pieces, self._limits.size)
        if head.status not in _OK:
            raise NoAnswerError.of(Cause.STATUS, address.asked, f"the server answers {head.status}")
        return body

    def post_json(self, url: str, content: object) -> bytes:
        """Return the answer to JSON, posted to `url`.

        Raises:
            EarthCodeError: As `post`.
        """
        return self.post(url, json.dumps(content).encode(), "application/json")

    def _count(self, url: str) -> None:
        self._left -= 1
        if self._left < 0:
            raise UnusableAnswerError(
                f"the search took more than {_REQUESTS} requests.",
                where=read_address(url).asked,
                remedy="Narrow it down: name a collection, a box or a time.",
            )


def _with_query(url: str, parameters: Mapping[str, object]) -> str:
    if not parameters:
        return url
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({key: str(value) for key, value in parameters.items()}))))
    return urlunsplit(parts._replace(query=query))
