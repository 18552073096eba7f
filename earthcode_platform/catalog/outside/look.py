"""One look at many addresses: threads that take turns with the hosts and walk each address to its verdict."""

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from earthcode_platform.catalog.outside.hosts import Hosts
from earthcode_platform.catalog.outside.limits import LinkLimits
from earthcode_platform.catalog.outside.pacing import Pacer
from earthcode_platform.catalog.outside.walk import Verdict, Walk
from earthcode_platform.models.link_outcome import LinkState
from earthcode_platform.web.asking import Head, Web
from earthcode_platform.web.failures import ForbiddenAddressError, NoAnswerError

__all__ = ["Look"]

_PAUSES: Final = 3
"""How many times one address waits because its host asks to."""


class Look:
    """One look.

    Args:
        web: Who asks.
        limits: How far, how fast and how patiently.
    """

    def __init__(self, web: Web, limits: LinkLimits) -> None:
        self._web = web
        self._limits = limits
        self._deadline = time.monotonic() + limits.total_seconds
        self._hosts = Hosts(limits)
        self._pacer: Pacer[Walk] = Pacer(limits.per_host_seconds, self._deadline)
        self._decided: queue.SimpleQueue[tuple[Walk, Verdict] | None] = queue.SimpleQueue()

    def __repr__(self) -> str:
        return f"<Look with {self._hosts}>"

    def verdicts(self, walks: Sequence[Walk], progress: Callable[[int], None]) -> dict[Walk, Verdict]:
        """Return the verdict on each address; one that was not reached in time has none.

        Args:
            walks: The addresses.
            progress: Told how many are decided, in this thread.
        """
        self._web.prepare()
        for walk in walks:
            self._pacer.put(walk.at.host, walk)
        found: dict[Walk, Verdict] = {}
        workers = min(self._limits.at_once, len(walks))
        if not workers:
            return found
        with ThreadPoolExecutor(workers, thread_name_prefix="links") as threads:
            try:
                futures = [threads.submit(self._work) for _ in range(workers)]
                while workers:
                    decided = self._decided.get()
                    if decided is None:
                        workers -= 1
                    else:
                        found[decided[0]] = decided[1]
                        progress(len(found))
            finally:
                self._pacer.close()
        for future in futures:
            future.result()
        return {walk: self._named(verdict) for walk, verdict in found.items()}

    def _work(self) -> None:
        try:
            while (taken := self._pacer.take()) is not None:
                host, walk = taken
                try:
                    self._step(host, walk)
                finally:
                    self._pacer.done(host)
        finally:
            self._decided.put(None)

    def _step(self, host: str, walk: Walk) -> None:
        """Make the next request of a walk, unless its host is left alone by now."""
        verdict: Verdict | None = None
        if self._hosts.closed(host) is None:
            walk.method = self._hosts.method(host, walk.method)
            verdict = self._asked(host, walk)
        if verdict is not None:
            self._decide(walk, verdict)
        else:
            self._pacer.put(walk.at.host, walk, first=True)
        closed = self._hosts.closed(host)
        if closed is not None:
            for waiting in self._pacer.drain(host):
                self._decide(waiting, waiting.silent(closed[0], nameless=closed[1]))

    def _asked(self, host: str, walk: Walk) -> Verdict | None:
        deadline = min(time.monotonic() + self._limits.seconds_per_request, self._deadline)
        try:
            head = self._head(walk, deadline)
        except NoAnswerError as error:
            self._hosts.failed(host, error)
            return walk.failed(error)
        except ForbiddenAddressError as error:
            return walk.failed(error)
        except (OSError, RuntimeError, ValueError) as error:
            # What no library below foresaw is said of this one address, and the others go on.
            return walk.silent(f"it cannot be asked ({type(error).__name__})")
        self._hosts.answered(host)
        until = self._hosts.wait(host, head) if walk.pauses < _PAUSES else None
        if until is not None:
            walk.pauses += 1
            self._pacer.pause(host, until)
            return None
        verdict = walk.answered(head)
        if verdict is not None and walk.head_refused == host and verdict.state in (LinkState.ALIVE, LinkState.MOVED):
            self._hosts.refuses_head(host)
        return verdict

    def _head(self, walk: Walk, deadline: float) -> Head:
        """Return how the answer begins; its body, which may have no end, is left and the connection closed."""
        ask = walk.next()
        with self._web.asking(ask, deadline) as (head, pieces):
            if ask.method == "HEAD":
                # There is no body; to have seen its end lets the connection be used again.
                any(pieces)
            return head

    def _decide(self, walk: Walk, verdict: Verdict) -> None:
        walk.decided = datetime.now(UTC)
        self._decided.put((walk, verdict))

    def _named(self, verdict: Verdict) -> Verdict:
        """Return the verdict; of a host without an address it is "broken" only if the resolver knows any other."""
        if verdict.nameless and self._hosts.names_resolve:
            return Verdict(LinkState.BROKEN, verdict.status, verdict.final, verdict.reason)
        return verdict
