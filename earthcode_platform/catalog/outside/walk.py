"""The way to one external address, request by request: what is asked next, and what an answer means.

HEAD goes first. Where it is not answered well, GET asks for the first byte, because many servers refuse HEAD or answer
it with less than the truth.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from earthcode_platform.catalog.outside.memory import Known, digest
from earthcode_platform.catalog.outside.places import shown
from earthcode_platform.models.link_outcome import LinkState
from earthcode_platform.web.addresses import Address, follow
from earthcode_platform.web.asking import Ask, Head
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError
from earthcode_platform.web.fetching import Validators
from earthcode_platform.web.following import REDIRECTS

__all__ = ["Verdict", "Walk"]

_ALIVE: Final = (HTTPStatus.NOT_MODIFIED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, HTTPStatus.MULTIPLE_CHOICES)
"""Statuses outside 200 to 299 that say that something is there; an empty file has no first byte (416)."""
_STANDARD: Final = frozenset(HTTPStatus)
_SUCCESS: Final = range(200, 300)
_GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_AGAIN: Final = (Cause.TIME, Cause.CUT, Cause.GARBLED, Cause.LOOKUP)
"""What may be different a moment later, so that it is asked for once more."""
_UNSENT: Final = (Cause.NAME, Cause.LOOKUP, Cause.CONNECT, Cause.CERTIFICATE)
"""What fails before a request is sent."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one address."""

    state: LinkState
    """What is known of it."""
    status: int | None = None
    """Status of the last answer."""
    final: Address | None = None
    """Where redirects led; of one that moved, as far as they are for good."""
    reason: str = ""
    """Why it is not alive."""
    nameless: bool = False
    """Whether its host's name is not known: broken, if the resolver knows any name at all."""


class Walk:
    """The way to one address.

    Args:
        start: Where it begins.
        redirects: How many are followed.
        known: What an earlier look found.
    """

    def __init__(self, start: Address, redirects: int, known: Known | None) -> None:
        self.start = start
        self.at = start
        self.requests = 0
        self.pauses = 0
        self.validators = Validators()
        self.method = "HEAD"
        self.decided: datetime | None = None
        self.head_refused = ""
        self._home = start
        self._settled = False
        self._redirects = redirects
        self._known = known
        self._seen = {start.asked}
        self._cookies = False
        self._retried = False
        self._status: int | None = None

    def __repr__(self) -> str:
        return f"<Walk to {self.at.asked} after {self.requests} requests>"

    def next(self) -> Ask:
        """Return the next request."""
        self.requests += 1
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if self.method == "GET":
            headers["Range"] = "bytes=0-0"
        if self._known is not None and self._known.answered == digest(self.at.asked):
            headers |= Validators(self._known.etag, self._known.modified).headers
        return Ask(self.method, self.at, headers)

    def answered(self, head: Head) -> Verdict | None:
        """Return what an answer means; None if there is more to ask."""
        self._status = head.status
        if head.status in REDIRECTS:
            return self._redirected(head)
        if head.status in _SUCCESS or head.status in _ALIVE:
            return self._alive(head)
        if self.method == "HEAD":
            self.method, self.head_refused = "GET", self.at.host
            return None
        self.head_refused = ""
        state = LinkState.BROKEN if head.status in _GONE else LinkState.UNKNOWN
        return self._verdict(state, f"it answers {_named(head.status)}")

    def failed(self, error: NoAnswerError | ForbiddenAddressError) -> Verdict | None:
        """Return what it means that there was no answer; None if it is asked once more."""
        if isinstance(error, ForbiddenAddressError) or error.cause in _UNSENT:
            self.requests -= 1
        if isinstance(error, ForbiddenAddressError):
            return self._verdict(LinkState.REFUSED, self._led(error.message.rstrip(".")))
        if error.cause in _AGAIN and not self._retried:
            self._retried = True
            # Some servers leave HEAD without an answer.
            self.method = "GET"
            return None
        return self.silent(error.message.rstrip("."), nameless=error.cause is Cause.NAME)

    def silent(self, reason: str, *, nameless: bool = False) -> Verdict:
        """Return the verdict on an address of which nothing can be said."""
        return self._verdict(LinkState.UNKNOWN, reason, nameless=nameless)

    def _redirected(self, head: Head) -> Verdict | None:
        location = head.headers.get("location", "").strip()
        self._cookies = self._cookies or "set-cookie" in head.headers
        if not location:
            return self._verdict(LinkState.BROKEN, f"it redirects ({head.status}) to nowhere")
        try:
            led = follow(self.at, location)
        except ForbiddenAddressError as error:
            return self._verdict(
                LinkState.REFUSED, f"it redirects to {shown(location)[:100]}: {error.message.rstrip('.')}"
            )
        self.at = led
        self._settled = self._settled or not REDIRECTS[head.status]
        if not self._settled:
            self._home = led
        if led.asked in self._seen:
            return self._circle()
        self._seen.add(led.asked)
        if len(self._seen) > self._redirects + 1:
            return self._verdict(LinkState.BROKEN, f"it redirects more than {self._redirects} times")
        return None

    def _circle(self) -> Verdict:
        if self._cookies:
            # A browser, which keeps cookies, may get through.
            return self._verdict(LinkState.UNKNOWN, "it redirects in a circle to whom keeps no cookies")
        return self._verdict(LinkState.BROKEN, "it redirects in a circle")

    def _alive(self, head: Head) -> Verdict:
        renewed = Validators.of(head)
        if head.status == HTTPStatus.NOT_MODIFIED and self._known is not None and not renewed.headers:
            renewed = Validators(self._known.etag, self._known.modified)
        self.validators = renewed
        if self._home.asked != self.start.asked:
            return Verdict(LinkState.MOVED, head.status, self._home, "it moved for good")
        return Verdict(LinkState.ALIVE, head.status, self.at if self.at.asked != self.start.asked else None)

    def _verdict(self, state: LinkState, reason: str, *, nameless: bool = False) -> Verdict:
        final = self.at if self.at.asked != self.start.asked else None
        return Verdict(state, self._status, final, reason, nameless)

    def _led(self, reason: str) -> str:
        return reason if self.at.asked == self.start.asked else f"it redirects to {self.at.origin}: {reason}"


def _named(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}" if status in _STANDARD else str(status)
