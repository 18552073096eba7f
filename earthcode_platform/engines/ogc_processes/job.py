"""A job at a provider: begun once, watched, and dismissed if nobody waits for it any more."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

from earthcode_platform.engines.provider.kept import Kept
from earthcode_platform.errors import EarthCodeError, ExecutionError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from earthcode_platform.engines.ogc_processes.service import Service

__all__ = ["Job", "JobRecord", "opened"]

_SUCCESSFUL: Final = "successful"
_OVER: Final = (_SUCCESSFUL, "failed", "dismissed")
_STATUSES: Final = ("accepted", "running", *_OVER)
"""What a job may be (OGC 18-062r2, section 7.12, statusCode)."""
_GONE: Final = (404, 410)
_BAD_REQUEST: Final = 400
_GROWTH: Final = 1.25
_KEPT: Final = 500
"""How many messages are kept."""
_SHOWN: Final = 10
"""How many messages an error holds."""


class JobRecord(Kept):
    """Which job at which provider computes what, noted in the run's folder: another try of the run goes on with it."""

    file_name: ClassVar[str] = "remote-process.json"
    provider: str
    """Address of the provider, without userinfo."""
    request: str
    """SHA-256 of the process and of its inputs, in hexadecimal."""
    job: str
    """Address of the job."""
    deployed: bool
    """Whether this run deployed its process."""


class Job:
    """A job.

    Args:
        service: Its provider.
        url: Its address there.
        deployed: Whether this run deployed its process.
    """

    def __init__(self, service: Service, url: str, *, deployed: bool) -> None:
        self.url = url
        self.deployed = deployed
        self.messages: list[str] = []
        self._service = service
        self._endpoint = service.caller.endpoint
        self._over = False

    def __repr__(self) -> str:
        return f"<job at {self.url}>"

    @property
    def id(self) -> str:
        """Its id: the end of its address."""
        return self.url.rstrip("/").rpartition("/")[2]

    def status(self) -> dict[str, Any]:
        """Return what the provider says of it (`statusInfo`).

        Raises:
            ExecutionError: It is in no state that the API knows, or gone.
        """
        held = self._service.caller.call("GET", self.url).document()
        if held.get("status") not in _STATUSES:
            raise ExecutionError(
                f"it says the job is {self._shown(held.get('status'))!r}, which is none of {', '.join(_STATUSES)}.",
                where=self.url,
                remedy="Tell its provider.",
            )
        return held

    def run(self, told: Callable[[float, str], None]) -> dict[str, Any]:
        """Wait for its end, and return what the provider says of it then.

        Args:
            told: Who is told how far it is, between 0 and 1, and in which state.

        Raises:
            ExecutionError: It failed, was dismissed by somebody, or took longer than allowed.
            UnavailableError: The provider does not answer.
        """
        pause, until = self._endpoint.pace.first, time.monotonic() + self._endpoint.limit
        while True:
            held = self.status()
            status, message = str(held["status"]), self._shown(held.get("message") or "")
            if message and (not self.messages or self.messages[-1] != message):
                self.messages = [*self.messages, message][-_KEPT:]
            told(_share(held.get("progress")), f"{status}: {message}" if message else status)
            self._over = status in _OVER
            if self._over:
                break
            if time.monotonic() > until:
                raise ExecutionError(
                    f"the job {self.id} was dismissed: it was not done after {self._endpoint.limit:.0f} seconds.",
                    where=self.url,
                    remedy="Allow it more time in the block of the provider, or choose a smaller window.",
                )
            time.sleep(min(pause, max(until - time.monotonic(), 0.05)))
            pause = min(pause * _GROWTH, self._endpoint.pace.longest)
        if status != _SUCCESSFUL:
            raise self._failed(status, held)
        return held

    def _failed(self, status: str, held: Mapping[str, Any]) -> ExecutionError:
        if status == "dismissed":
            return ExecutionError(
                f"the job {self.id} was dismissed at the provider.", where=self.url, remedy="Start the run again."
            )
        lines = [*self.messages[-_SHOWN:], *self._reasons(held)]
        told = "".join(f"\n  {line}" for line in dict.fromkeys(lines)) or " It says nothing of why."
        return ExecutionError(
            f"the job {self.id} failed at the provider.{told}",
            where=self.url,
            remedy="\nMend the workflow, or ask the provider, naming the job.",
        )

    def _reasons(self, held: Mapping[str, Any]) -> Iterator[str]:
        """Yield why it failed, as its status or, in the place of results, an exception says."""
        exception = held.get("exception")
        if isinstance(exception, dict):
            yield self._shown(exception.get("detail") or exception.get("title") or exception.get("type") or "")
        with suppress(EarthCodeError):
            reply = self._service.caller.ask("GET", f"{self.url}/results")
            if reply.status >= _BAD_REQUEST:
                yield self._service.caller.words(reply)

    def remove(self) -> None:
        """Take it away with its results. That it cannot be taken away now is no failure of the run."""
        with suppress(EarthCodeError):
            self._service.caller.call("DELETE", self.url)

    @contextmanager
    def dismissed_with_us(self) -> Iterator[None]:
        """Dismiss the job when the block ends by an error, a signal or a cancelled run, unless the job has ended.

        Not so after an outage: then another try finds it.
        """
        try:
            yield
        except UnavailableError as error:
            raise UnavailableError(
                error.message, where=error.where, remedy=f"The job {self.id} is kept there; the next try looks for it."
            ) from None
        except BaseException:
            if not self._over:
                with self._service.caller.hastened():
                    self.remove()
            raise

    def _shown(self, text: object) -> str:
        return self._service.caller.secrets.shown(text)


def opened(service: Service, process: str, request: Mapping[str, Any], workspace: Path, *, deployed: bool) -> Job:
    """Return the job that an earlier try of this run began, or a new one.

    Args:
        service: The provider.
        process: Id of the process.
        request: Its inputs and the outputs that are wanted.
        workspace: The folder of the run, where the job is noted.
        deployed: Whether this try deployed the process.

    Raises:
        ExecutionError: The provider refuses to begin it.
        UnavailableError: The provider does not answer.
    """
    text = json.dumps({"process": process, **request}, sort_keys=True)
    wanted = hashlib.sha256(text.encode()).hexdigest()
    known, provider = JobRecord.load(workspace), service.caller.home.asked
    if known is not None and (known.provider, known.request) == (provider, wanted):
        reply = service.caller.ask("GET", known.job)
        if reply.status not in _GONE:
            return Job(service, known.job, deployed=known.deployed or deployed)
    job = Job(service, service.begun(process, request), deployed=deployed)
    with job.dismissed_with_us():
        JobRecord(provider=provider, request=wanted, job=job.url, deployed=deployed).save(workspace)
    return job


def _share(progress: object) -> float:
    if not isinstance(progress, int | float) or isinstance(progress, bool):
        return 0.0
    return min(max(float(progress), 0.0), 100.0) / 100
