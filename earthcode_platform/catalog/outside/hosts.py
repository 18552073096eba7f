"""What one look learns of each host: that it refuses HEAD, asks us to wait, or does not answer at all."""

import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Final

from earthcode_platform.catalog.outside.limits import LinkLimits
from earthcode_platform.web.addresses import literal
from earthcode_platform.web.asking import Head
from earthcode_platform.web.failures import Cause, NoAnswerError

__all__ = ["Hosts", "seconds_to_wait"]

_TOO_MANY: Final = 429
_NOT_NOW: Final = 503
_AT_ONCE: Final = (Cause.NAME, Cause.PROXY)
"""What is as true of every other address of the host."""
_NO_ANSWER: Final = (Cause.CONNECT, Cause.TIME, Cause.LOOKUP)
_NOBODY: Final = 20
"""After how many hosts without an answer, and none with, the look ends."""
_UNSAID: Final = 10
"""How many times the usual distance is kept after a 429 that does not say how long to wait."""


class Hosts:
    """What is known of hosts. Safe to use from several threads.

    Args:
        limits: How patient to be.
    """

    def __init__(self, limits: LinkLimits) -> None:
        self._limits = limits
        self._closed: dict[str, tuple[str, bool]] = {}
        self._failures: Counter[str] = Counter()
        self._paused: dict[str, float] = {}
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._without_head: set[str] = set()
        self._unreached: set[str] = set()
        self._reached = False
        self.names_resolve = False
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Hosts: {len(self._closed)} given up>"

    def method(self, host: str, method: str) -> str:
        """Return `method`, or `GET` for a host that refuses HEAD and answers GET."""
        return "GET" if host in self._without_head else method

    def refuses_head(self, host: str) -> None:
        """Remember that the host answers GET well and HEAD not."""
        with self._lock:
            self._without_head.add(host)

    def closed(self, host: str) -> tuple[str, bool] | None:
        """Return why the host is left alone, and whether that is because its name is not known; None if it is not."""
        if not self._reached and len(self._unreached) >= _NOBODY and literal(host) is None:
            return f"none of the first {_NOBODY} hosts could be reached, as without a network", False
        return self._closed.get(host)

    def answered(self, host: str) -> None:
        """Remember that the host answers."""
        with self._lock:
            self._failures[host] = 0
            # A host that is spelled as a number proves nothing of the resolver.
            if literal(host) is None:
                self._reached = self.names_resolve = True

    def failed(self, host: str, error: NoAnswerError) -> None:
        """Remember that the host did not answer; after a few times it is left alone."""
        with self._lock:
            reason = error.message.rstrip(".")
            if error.cause in (*_AT_ONCE, *_NO_ANSWER):
                self._unreached.add(host)
            if error.cause not in (Cause.NAME, Cause.LOOKUP, Cause.PROXY) and literal(host) is None:
                self.names_resolve = True
            self._failures[host] += error.cause in _NO_ANSWER
            if error.cause in _AT_ONCE:
                self._closed[host] = reason, error.cause is Cause.NAME
            elif self._failures[host] >= self._limits.failures_of_host:
                times = self._limits.failures_of_host
                self._closed[host] = f"its host did not answer {times} times in a row ({reason})", False

    def wait(self, host: str, head: Head) -> float | None:
        """Return until when (monotonic clock) the host asks us to wait; None if it does not.

        One that asks for more than it may is left alone.
        """
        said = seconds_to_wait(head.headers.get("retry-after", ""), datetime.now(UTC))
        if head.status != _TOO_MANY and (head.status != _NOT_NOW or said is None):
            return None
        usual = self._limits.per_host_seconds
        seconds = _UNSAID * usual if said is None else max(said, usual)
        now = time.monotonic()
        with self._lock:
            # Two requests that were out at the same time and both bring a pause mean one pause.
            before = max(now, self._paused.get(host, 0.0))
            until = max(now + seconds, before)
            if self._spent[host] + until - before > self._limits.longest_pause:
                asked = f"for {seconds:.0f} seconds" if said is not None else "without saying how long"
                self._closed[host] = f"its host answers {head.status} and asks to wait {asked}", False
                return None
            self._spent[host] += until - before
            self._paused[host] = until
        return until


def seconds_to_wait(field: str, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` field means (RFC 9110, section 10.2.3); None if it says nothing.

    >>> seconds_to_wait("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> seconds_to_wait("Thu, 01 Jan 2026 00:01:00 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    60.0
    """
    text = field.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
