"""Whose turn it is: jobs by host, so that a host that must wait keeps nobody else waiting."""

import heapq
import time
from collections import deque
from threading import Condition
from typing import Generic, TypeVar

__all__ = ["Pacer"]

T = TypeVar("T")


class _Line(Generic[T]):
    """The jobs of one host."""

    def __init__(self) -> None:
        self.jobs: deque[T] = deque()
        self.next_at = 0.0
        self.busy = False
        self.armed = False


class Pacer(Generic[T]):
    """Hands out jobs to several threads, of each host one at a time. All moments are on the monotonic clock.

    Args:
        seconds: From the end of one job to the beginning of the next of the same host. A request reaches its host at
            some moment between its beginning and its end, so any two reach it at least so far apart.
        deadline: When no more jobs are handed out.
    """

    def __init__(self, seconds: float, deadline: float) -> None:
        self._seconds = seconds
        self._deadline = deadline
        self._lines: dict[str, _Line[T]] = {}
        self._turns: list[tuple[float, str]] = []
        self._waiting = 0
        self._out = 0
        self._changed = Condition()

    def put(self, host: str, job: T, *, first: bool = False) -> None:
        """Queue a job for a host; `first` puts one that was begun before those that were not."""
        with self._changed:
            line = self._lines.setdefault(host, _Line())
            self._waiting += 1
            if first:
                line.jobs.appendleft(job)
            else:
                line.jobs.append(job)
            self._arm(host, line)
            self._changed.notify()

    def take(self) -> tuple[str, T] | None:
        """Wait for the next job and return it with its host; None if there is none any more, or none in time.

        Whoever takes one calls `done` with its host afterwards.
        """
        with self._changed:
            while True:
                now = time.monotonic()
                if now >= self._deadline or not (self._waiting or self._out):
                    return None
                if not self._turns:
                    self._changed.wait(self._deadline - now)
                    continue
                at, host = self._turns[0]
                if at <= now:
                    heapq.heappop(self._turns)
                    found = self._turn(host, now)
                    if found is not None:
                        return host, found
                elif at >= self._deadline and not self._out:
                    return None
                else:
                    self._changed.wait(min(at, self._deadline) - now)

    def done(self, host: str) -> None:
        """Say that a job of the host that was taken is over."""
        with self._changed:
            line = self._lines[host]
            line.busy = False
            line.next_at = max(line.next_at, time.monotonic() + self._seconds)
            self._out -= 1
            self._arm(host, line)
            self._changed.notify_all()

    def pause(self, host: str, until: float) -> None:
        """Hand out no job of the host before `until`."""
        with self._changed:
            line = self._lines.setdefault(host, _Line())
            line.next_at = max(line.next_at, until)

    def drain(self, host: str) -> list[T]:
        """Take away and return all jobs of the host that are waiting."""
        with self._changed:
            line = self._lines.setdefault(host, _Line())
            jobs = list(line.jobs)
            line.jobs.clear()
            self._waiting -= len(jobs)
            self._changed.notify_all()
            return jobs

    def close(self) -> None:
        """Hand out nothing any more."""
        with self._changed:
            self._deadline = 0.0
            self._changed.notify_all()

    def _arm(self, host: str, line: _Line[T]) -> None:
        if line.jobs and not line.armed and not line.busy:
            line.armed = True
            heapq.heappush(self._turns, (line.next_at, host))

    def _turn(self, host: str, now: float) -> T | None:
        line = self._lines[host]
        line.armed = False
        if not line.jobs or line.next_at > now:
            self._arm(host, line)
            return None
        job = line.jobs.popleft()
        self._waiting -= 1
        line.busy = True
        self._out += 1
        return job
