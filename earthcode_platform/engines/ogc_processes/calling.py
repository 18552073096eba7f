"""Requests to one provider: checked addresses, an end in time and size, and no secret in what is told of them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from earthcode_platform.engines.provider.pace import AWAY, FIRST_WAIT, LONGEST_WAIT, REFUSED, Paced
from earthcode_platform.engines.provider.redacting import Secrets
from earthcode_platform.engines.provider.rights import NotAllowedError
from earthcode_platform.errors import ExecutionError, InputError, UnavailableError
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.asking import Ask, Web
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.fetching import read_body
from earthcode_platform.web.following import REDIRECTS
from earthcode_platform.web.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
    from earthcode_platform.web.addresses import Address

__all__ = ["Caller", "Reply", "is_json"]

_LARGEST: Final = 50 * 1024 * 1024
"""Bytes of the largest answer that is read."""
_NOT_DONE: Final = (Cause.NAME, Cause.LOOKUP, Cause.CONNECT)
"""Failures before which nothing was sent."""
_NOT_US: Final = (401, 403)
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
_FOLLOWED: Final = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end."""

    status: int
    """Status code."""
    headers: Mapping[str, str]
    """Header fields by name in lower case."""
    content: bytes
    """Its body."""
    url: str
    """Where it came from, after redirects."""

    @property
    def media_type(self) -> str:
        """Its media type in lower case, without parameters; empty if it has none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def document(self) -> dict[str, Any]:
        """Return the JSON object that it holds.

        Raises:
            ExecutionError: It holds none.
        """
        if self.media_type and not is_json(self.media_type):
            raise _malformed(f"it comes as {self.media_type!r}, and not as JSON", self.url)
        try:
            content = json.loads(self.content)
        except (ValueError, RecursionError):
            raise _malformed("it is no JSON", self.url) from None
        if not isinstance(content, dict):
            raise _malformed("it is no JSON object", self.url)
        return content


class Caller(Paced):
    """Asks one provider.

    A question (GET) is asked again while no answer comes; what changes something only if it certainly was not done.
    Redirects are followed for questions, within the same host.

    Args:
        endpoint: The provider.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.secrets = Secrets(endpoint.secrets())
        self.home = read_address(endpoint.url.rstrip("/") + "/")
        self._pace = endpoint.pace
        self.web = Web(Reach(frozenset({f"{self.home.host}:{self.home.port}", *endpoint.allowed})))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()

    def __repr__(self) -> str:
        return f"<caller of {self.home.asked}>"

    def rights(self, address: Address) -> dict[str, str]:
        """Return the header with our token, for an address of the provider itself."""
        token = self.endpoint.token
        below = address.origin == self.home.origin and address.asked.startswith(self.home.asked)
        return {"Authorization": f"Bearer {token.get_secret_value()}"} if token is not None and below else {}

    def own(self, href: str) -> Address:
        """Return an address that the provider names for what is its own.

        Raises:
            InputError: It lies on another host, to which our token does not go.
        """
        address = follow(self.home, href)
        if address.origin != self.home.origin:
            raise InputError(
                f"the provider sends us on to {address.origin!r}.",
                where=self.home.origin,
                remedy="A token follows to no other host: name the new address in the block.",
            )
        return address

    def call(
        self, method: str, href: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and return its answer, if that is no refusal.

        Raises:
            UnavailableError: No answer came in time, or one that says: not now.
            NotAllowedError: It does not take our token.
            ExecutionError: It refuses; the message holds its words.
        """
        reply = self.ask(method, href, content, headers)
        if reply.status >= _BAD_REQUEST:
            raise self.refused(reply)
        return reply

    def ask(
        self, method: str, href: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and return its answer, whatever it says.

        Raises:
            UnavailableError: No answer came in time, or one that says: not now.
            InputError: It redirects to another host, or its answer has no end.
        """
        until, wait = time.monotonic() + self._pace.patience, FIRST_WAIT
        while True:
            reply, failed = self._tried(method, self.own(href), content, headers or {})
            if reply is not None and reply.status not in AWAY:
                return reply
            refused = reply is not None and reply.status in REFUSED
            again = method == "GET" or refused or (failed is not None and failed.cause in _NOT_DONE)
            pause = wait if reply is None else max(wait, _asked_to_wait(reply))
            if not again or time.monotonic() + pause > until:
                raise self._away(href, reply, failed)
            time.sleep(pause)
            wait = min(wait * 2, LONGEST_WAIT)

    def _tried(
        self, method: str, address: Address, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Reply | None, NoAnswerError | None]:
        try:
            return self._followed(method, address, content, headers), None
        except NoAnswerError as error:
            return None, error

    def _followed(self, method: str, address: Address, content: bytes | None, headers: Mapping[str, str]) -> Reply:
        deadline = time.monotonic() + self._pace.answer
        for _ in range(_FOLLOWED + 1):
            fields = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers, **self.rights(address)}
            with self.web.asking(Ask(method, address, fields, content), deadline) as (head, pieces):
                if head.status not in REDIRECTS or method != "GET" or "location" not in head.headers:
                    body = read_body(address.asked, head, pieces, _LARGEST)
                    return Reply(head.status, head.headers, body, address.asked)
                address = self.own(follow(address, head.headers["location"]).asked)
        raise InputError(f"it redirects more than {_FOLLOWED} times.", where=address.asked, remedy="Tell its provider.")

    def refused(self, reply: Reply) -> ExecutionError | NotAllowedError | UnavailableError:
        """Return the error for an answer that refuses, with its words (RFC 9457) and without a secret."""
        said = f"{reply.status}: {self.words(reply)}"
        if reply.status in _NOT_US:
            return NotAllowedError(
                f"the provider does not let us in ({said}).",
                where=reply.url,
                remedy="Renew the token in the block of the provider, or ask for the right to use it.",
            )
        if reply.status >= _SERVER_ERROR:
            return UnavailableError(
                f"the provider has trouble ({said}).", where=reply.url, remedy="Try again later, or ask it."
            )
        return ExecutionError(f"the provider refuses ({said}).", where=reply.url)

    def words(self, reply: Reply) -> str:
        """Return what a refusal says, for a message."""
        text = reply.content.decode("utf-8", "replace")
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            held = None
        if isinstance(held, dict):
            parts = [str(held[key]) for key in ("title", "detail", "description") if held.get(key)]
            text = ": ".join(dict.fromkeys(parts)) or str(held.get("type") or "")
        return self.secrets.shown(text).rstrip(".") or "it says nothing"

    def _away(self, href: str, reply: Reply | None, failed: NoAnswerError | None) -> UnavailableError:
        said = f"it answers {reply.status}: {self.words(reply)}" if reply else self.secrets.shown(failed or "")
        return UnavailableError(
            f"the provider does not answer ({said.rstrip('.')}).",
            where=self.secrets.shown(follow(self.home, href).asked),
            remedy="Try again later, or ask its provider.",
        )


def is_json(media_type: str) -> bool:
    """Tell whether a media type is JSON (RFC 6839, section 3.1)."""
    return media_type == "application/json" or media_type.endswith("+json")


def _malformed(what: str, where: str) -> ExecutionError:
    return ExecutionError(
        f"its answer is not as OGC API - Processes describes it: {what}.", where=where, remedy="Tell its provider."
    )


def _asked_to_wait(reply: Reply) -> float:
    """Return the seconds that `Retry-After` asks for (RFC 9110, section 10.2.3); a date counts as no wish."""
    text = reply.headers.get("retry-after", "").strip()
    return float(text[:9]) if text.isascii() and text.isdigit() else 0.0
