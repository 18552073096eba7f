"""Requests to a back-end with an end in time and size, tried again while it is away, and without a secret in answers.

The openEO client hands every request to a session of the library requests. This one stands in for it. Import this
module only where the extra `remote` is needed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import requests
from urllib3.exceptions import HTTPError

from earthcode_platform.engines.provider.pace import AWAY, FIRST_WAIT, LONGEST_WAIT, REFUSED, Paced
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.web.addresses import follow, read_address

if TYPE_CHECKING:
    from earthcode_platform.engines.provider.pace import Pace
    from earthcode_platform.engines.provider.redacting import Secrets

__all__ = ["GuardedSession"]

_CONNECT: Final = 10.0
"""Seconds to connect."""
_LARGEST: Final = 50 * 1024 * 1024
"""Bytes of the largest answer that is read; lists of processes and collections hold a few millions."""
_PIECE: Final = 65_536
_REDIRECTS: Final = 5
_MOVED: Final = (301, 302, 303, 307, 308)
_BAD_REQUEST: Final = 400


class GuardedSession(Paced, requests.Session):
    """A session for one back-end.

    A question (GET) is asked again while no answer comes; what changes something is asked again only if the back-end
    says that it did nothing. Redirects are followed for questions, within the same host. What fails is told without
    the secrets that were sent: some servers repeat them.

    Args:
        secrets: What is cut out of answers that tell of an error.
        pace: How long it is asked.
    """

    def __init__(self, secrets: Secrets, pace: Pace) -> None:
        super().__init__()
        self._secrets = secrets
        self._pace = pace

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - as in requests
        """Send a request and return its answer, read to its end.

        Raises:
            UnavailableError: No answer came in time, or one that says: not now.
            InputError: It redirects to another host, or its answer has no end.
        """
        until = time.monotonic() + self._pace.patience
        question = method.upper() == "GET"
        wait = FIRST_WAIT
        while True:
            failed: Exception | None = None
            answer: requests.Response | None = None
            try:
                answer = self._followed(method, url, options, question=question)
            except (requests.ConnectionError, requests.Timeout, HTTPError, TimeoutError) as error:
                failed = error
            if answer is not None and answer.status_code not in AWAY:
                return answer
            pause = wait if answer is None else max(wait, _asked_to_wait(answer))
            refused = answer is not None and answer.status_code in REFUSED
            again = question or refused or isinstance(failed, requests.ConnectTimeout)
            if not again or time.monotonic() + pause > until:
                raise self._away(url, answer, failed)
            time.sleep(pause)
            wait = min(wait * 2, LONGEST_WAIT)

    def _followed(self, method: str, url: str, options: dict[str, Any], *, question: bool) -> requests.Response:
        address = read_address(url)
        for _ in range(_REDIRECTS + 1):
            answer = self._once(method, address.asked, options)
            if answer.status_code not in _MOVED or not question:
                return answer
            there = follow(address, answer.headers.get("Location", ""))
            if there.origin != address.origin:
                raise InputError(
                    f"the back-end sends us on to {there.origin!r}.",
                    where=address.origin,
                    remedy="Credentials follow no redirect to another host: name the new address in the block.",
                )
            address, options = there, {**options, "params": None}
        raise InputError(
            f"it redirects more than {_REDIRECTS} times.", where=address.asked, remedy="Tell its provider."
        )

    def _once(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        fixed = {
            # Without any, requests looks for a password in ~/.netrc.
            "auth": options.get("auth") or _nobody,
            "timeout": (min(_CONNECT, self._pace.answer), self._pace.answer),
            "allow_redirects": False,
            "stream": True,
        }
        answer = super().request(method, url, **{**options, **fixed})
        with answer:
            content = self._read(answer)
        if answer.status_code >= _BAD_REQUEST:
            content = self._secrets.cut(content.decode(answer.encoding or "utf-8", "replace")).encode()
            answer.encoding = "utf-8"
        # Already decompressed: what reads it from here on finds plain bytes.
        answer.raw = BytesIO(content)
        return answer

    def _read(self, answer: requests.Response) -> bytes:
        content = bytearray()
        until = time.monotonic() + self._pace.answer
        for piece in answer.raw.stream(_PIECE, decode_content=True):
            content += piece
            if len(content) > _LARGEST:
                raise InputError(
                    f"its answer has more than {_LARGEST} bytes.",
                    where=answer.url,
                    remedy="This is no answer of an openEO back-end; tell its provider.",
                )
            if time.monotonic() > until:
                raise TimeoutError(f"the answer is not complete after {self._pace.answer:.0f} s")
        return bytes(content)

    def _away(self, url: str, answer: requests.Response | None, failed: Exception | None) -> UnavailableError:
        if answer is not None:
            said = f"it answers {answer.status_code}: {self._secrets.shown(answer.text) or answer.reason}"
        else:
            said = self._secrets.shown(failed) or type(failed).__name__
        return UnavailableError(
            f"the back-end does not answer ({said}).",
            where=read_address(url).asked,
            remedy="Try again later, or ask its provider.",
        )


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _asked_to_wait(answer: requests.Response) -> float:
    """Return the seconds that `Retry-After` asks for, as a number or a date (RFC 9110, section 10.2.3)."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
