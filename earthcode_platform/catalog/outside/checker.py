"""Whether external addresses answer: many hosts at once, each politely, and none for ever."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.catalog.outside.limits import LinkLimits
from earthcode_platform.catalog.outside.memory import Known, Memory, digest
from earthcode_platform.catalog.outside.places import shown
from earthcode_platform.models.link_outcome import LinkOutcome, LinkState
from earthcode_platform.web.addresses import Address, read_address
from earthcode_platform.web.failures import ForbiddenAddressError

if TYPE_CHECKING:
    from earthcode_platform.catalog.outside.walk import Verdict, Walk
    from earthcode_platform.web.asking import Web

__all__ = ["LinkChecker", "LinkLimits"]

_REMEMBERED: Final = (LinkState.ALIVE, LinkState.MOVED)
_LATE: Final = "it was not reached in time"


class LinkChecker:
    """Asks for external addresses, and remembers which answered.

    Args:
        memory: File of what is remembered; None to remember nothing.
        limits: How far, how fast and how patiently.
        allowed: Hosts, as `host` or `host:port`, that may be asked although they are not on the public internet.
        web: Who asks; by default one that reaches the public internet and `allowed`. It is left open.
    """

    def __init__(
        self,
        memory: Path | None = None,
        limits: LinkLimits | None = None,
        *,
        allowed: frozenset[str] = frozenset(),
        web: "Web | None" = None,
    ) -> None:
        self._memory = Memory(memory)
        self._limits = limits or LinkLimits()
        self._allowed = allowed
        self._web = web

    def __repr__(self) -> str:
        return f"<LinkChecker with {self._memory}>"

    def check(self, urls: Sequence[str], progress: Callable[[int, int], None] | None = None) -> tuple[LinkOutcome, ...]:
        """Return what came of each address, in the order given.

        An address with userinfo is asked without it. Addresses that differ in userinfo or fragment alone are asked
        once, and the requests are counted at the first of them.

        Args:
            urls: The addresses.
            progress: Told how many distinct addresses are decided, and of how many; called in this thread.

        Raises:
            UnavailableError: The memory is there and cannot be read, or it cannot be written.
        """
        self._memory.load()
        told: dict[str, LinkOutcome] = {}
        addresses: dict[str, Address] = {}
        for url in dict.fromkeys(urls):
            try:
                addresses[url] = read_address(url)
            except ForbiddenAddressError as error:
                told[url] = _refused(url, error)
        found = self._found({one.asked: one for one in addresses.values()}, progress or _nobody)
        for url, address in addresses.items():
            outcome = found[address.asked]
            told[url] = outcome.model_copy(update={"url": shown(url), "final": _marked(outcome.final, address)})
            found[address.asked] = outcome.model_copy(update={"requests": 0})
        return tuple(told[url] for url in urls)

    def _found(self, asked: Mapping[str, Address], progress: Callable[[int, int], None]) -> dict[str, LinkOutcome]:
        """Return the outcome of each distinct address that is asked, by what is asked."""
        now = datetime.now(UTC)
        found = {
            key: known.outcome.model_copy(update={"requests": 0})
            for key in asked
            if (known := self._fresh(key, now)) is not None
        }
        if len(found) == len(asked):
            progress(len(asked), len(asked))
            return found
        # Imported here: a look at what is all fresh needs no client.
        from earthcode_platform.catalog.outside.look import Look
        from earthcode_platform.catalog.outside.walk import Walk

        walks = [
            Walk(address, self._limits.redirects, self._memory.of(key))
            for key, address in asked.items()
            if key not in found
        ]
        with self._opened() as web:
            verdicts = Look(web, self._limits).verdicts(walks, lambda done: progress(len(found) + done, len(asked)))
        for walk in walks:
            verdict = verdicts.get(walk)
            outcome = _outcome(walk, verdict)
            self._memory.keep(walk.start.asked, _known(walk, outcome))
            found[walk.start.asked] = outcome
        self._memory.save(datetime.now(UTC))
        return found

    def _fresh(self, key: str, now: datetime) -> Known | None:
        known = self._memory.of(key)
        limit = timedelta(seconds=self._limits.fresh_seconds)
        return known if known is not None and now - known.outcome.checked < limit else None

    def _opened(self) -> "nullcontext[Web] | Web":
        if self._web is not None:
            return nullcontext(self._web)
        from earthcode_platform.web.asking import Web
        from earthcode_platform.web.reach import Reach

        return Web(Reach(self._allowed))


def _nobody(done: int, of: int) -> None:
    """Tell nobody how far it is."""


def _refused(url: str, error: ForbiddenAddressError) -> LinkOutcome:
    return LinkOutcome(
        url=shown(url),
        state=LinkState.REFUSED,
        status=None,
        final="",
        reason=error.message.rstrip("."),
        requests=0,
        checked=datetime.now(UTC),
    )


def _outcome(walk: "Walk", verdict: "Verdict | None") -> LinkOutcome:
    final = verdict.final if verdict else None
    return LinkOutcome(
        url=walk.start.asked,
        state=verdict.state if verdict else LinkState.UNKNOWN,
        status=verdict.status if verdict else None,
        final=final.asked if final else "",
        reason=verdict.reason if verdict else _LATE,
        requests=walk.requests,
        checked=walk.decided or datetime.now(UTC),
    )


def _known(walk: "Walk", outcome: LinkOutcome) -> Known | None:
    if outcome.state not in _REMEMBERED:
        return None
    held = walk.validators
    return Known(outcome=outcome, answered=digest(walk.at.asked), etag=held.etag, modified=held.modified)


def _marked(final: str, address: Address) -> str:
    """Return where redirects led with the fragment of the address that was asked (RFC 9110, section 10.2.2)."""
    return f"{final}#{address.fragment}" if final and address.fragment and "#" not in final else final
