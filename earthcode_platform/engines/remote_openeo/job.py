"""A batch job at a back-end: made once, started, watched, and stopped if nobody waits for it any more."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.remote_openeo.record import JobRecord, digest
from earthcode_platform.errors import EarthCodeError, ExecutionError, InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from earthcode_platform.engines.remote_openeo.connecting import Connected

__all__ = ["Job", "opened"]

_OVER: Final = ("finished", "error", "canceled")
_WAITING: Final = ("created", "canceled")
"""States of a job that computes nothing until it is started."""
_BEGUN: Final = ("queued", "running")
_GONE: Final = "JobNotFound"
_GROWTH: Final = 1.25
_SHOWN: Final = 10
"""How many log lines an error holds."""
_KEPT: Final = 500
"""How many log lines are kept."""


class Job:
    """A batch job.

    Args:
        connected: Its back-end.
        id_: Its id there.
    """

    def __init__(self, connected: Connected, id_: str) -> None:
        self.id = id_
        self._connected = connected
        self._backend = connected.backend

    def __repr__(self) -> str:
        return f"<job {self.id} at {self._connected.url}>"

    def describe(self) -> dict[str, Any]:
        """Return what the back-end says of it (openEO API 1.2, `GET /jobs/{job_id}`)."""
        return self._connected.ask(lambda one: dict(one.job(self.id).describe()))

    def run(self, told: Callable[[float, str], None]) -> None:
        """Start it unless it was started before, and wait for its end.

        Whatever ends the waiting stops the job too, except that the back-end is away: then another try finds it.

        Args:
            told: Who is told how far it is, between 0 and 1, and in which state.

        Raises:
            ExecutionError: It failed, was cancelled by somebody, or took longer than allowed.
            UnavailableError: The back-end does not answer; the job is not stopped.
        """
        with self._stopped_with_us():
            status = str(self.describe().get("status", ""))
            if status in _WAITING:
                self._connected.ask(lambda one: one.job(self.id).start())
            self._wait(told)

    def _wait(self, told: Callable[[float, str], None]) -> None:
        pause, until = self._backend.pace.first, time.monotonic() + self._backend.limit
        begun = False
        while True:
            described = self.describe()
            status = str(described.get("status", ""))
            progress = described.get("progress")
            told(min(max(float(progress), 0.0), 100.0) / 100 if isinstance(progress, int | float) else 0.0, status)
            if begun and status == "created":
                status = "canceled"  # what a stopped job without partial results is called again (openEO API 1.2)
            if status in _OVER:
                break
            begun = begun or status in _BEGUN
            if time.monotonic() > until:
                raise ExecutionError(
                    f"the job {self.id} was stopped: it was not done after {self._backend.limit:.0f} seconds.",
                    where=self._connected.url,
                    remedy="Allow it more time in the block of the back-end, or choose a smaller window.",
                )
            time.sleep(min(pause, max(until - time.monotonic(), 0.05)))
            pause = min(pause * _GROWTH, self._backend.pace.longest)
        if status != "finished":
            raise self._failed(status)

    def _failed(self, status: str) -> ExecutionError:
        if status == "canceled":
            return ExecutionError(
                f"the job {self.id} was cancelled at the back-end.",
                where=self._connected.url,
                remedy="Start the run again.",
            )
        try:
            lines = self.logs("error") or self.logs()
        except EarthCodeError as error:
            lines = [f"its logs cannot be had: {error.message}"]
        told = "".join(f"\n  {line}" for line in lines[-_SHOWN:]) or " It logged nothing."
        return ExecutionError(
            f"the job {self.id} failed at the back-end.{told}",
            where=self._connected.url,
            remedy="\nMend the workflow, or ask the back-end's provider, naming the job.",
        )

    def logs(self, level: str = "info") -> list[str]:
        """Return what it logged at that level and above, without secrets, the last lines of many."""
        secrets = self._connected.secrets
        entries = self._connected.ask(lambda one: list(one.job(self.id).logs(level=level)))
        shown = [secrets.shown(_line(entry)) for entry in entries if isinstance(entry, dict)]
        return shown[-_KEPT:]

    def delete(self) -> None:
        """Delete it with its results. That it cannot be deleted now is no failure of the run."""
        with suppress(EarthCodeError):
            self._connected.ask(lambda one: one.job(self.id).delete())

    def _stop(self) -> None:
        """Stop it, quickly: a process that was told to end has seconds."""
        with suppress(EarthCodeError):
            self._connected.ask(lambda one: one.job(self.id).stop())
        if self._backend.deletes:
            self.delete()

    @contextmanager
    def _stopped_with_us(self) -> Iterator[None]:
        """Stop the job when the block ends by anything but an outage: an error, a signal, a cancelled run."""
        try:
            yield
        except UnavailableError as error:
            raise UnavailableError(
                error.message, where=error.where, remedy=f"The job {self.id} goes on there; the next try looks for it."
            ) from None
        except BaseException:
            with self._connected.hastened():
                self._stop()
            raise


def opened(connected: Connected, process: dict[str, Any], request: dict[str, Any], workspace: Path) -> Job:
    """Return the job that an earlier try of this run made, or a new one.

    Args:
        connected: The back-end.
        process: The process graph.
        request: What else a new job is given: title, description, plan, budget.
        workspace: The folder of the run, where its id is kept.

    Raises:
        ExecutionError: The back-end refuses to make it.
        UnavailableError: The back-end does not answer.
    """
    wanted = digest(process)
    known = JobRecord.load(workspace)
    if known is not None and (known.backend, known.process) == (connected.url, wanted):
        job = Job(connected, known.job)
        try:
            job.describe()
        except ExecutionError as error:
            if _GONE not in error.message:
                raise
        else:
            return job
    made = connected.ask(lambda one: one.create_job(process, **request, validate=False))
    name = str(made.job_id)
    if not name or connected.secrets.cut(name) != name or "/" in name:
        raise InputError(f"the back-end calls a job {connected.secrets.shown(name)!r}.", where=connected.url)
    JobRecord(backend=connected.url, process=wanted, job=name).save(workspace)
    return Job(connected, name)


def _line(entry: dict[str, Any]) -> str:
    path = entry.get("path")
    node = path[0].get("node_id") if isinstance(path, list) and path and isinstance(path[0], dict) else None
    told = f"{entry.get('level', 'info')}: {entry.get('message', '')}"
    return f"node {node!r}: {told}" if node else told
