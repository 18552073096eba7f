"""Run the main job through its deployment, and show how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.states import Cancelled

from demo.screen import say
from demo.stages import reached, timings
from earthcode_platform.errors import ExecutionError, UnavailableError

__all__ = ["DEPLOYMENT", "follow", "start", "steps_of"]

DEPLOYMENT: Final = "lifecycle/local"
"""Name of the deployment that does the main job."""

_TAKEN_WITHIN: Final = 60.0
"""Seconds from the request to the start of the run."""
_DONE_WITHIN: Final = 600.0
"""Seconds from the request to the end of the run."""
_RECORDED_WITHIN: Final = 10.0
"""Seconds from the end of the run until the server has noted the end of each step; it notes them behind the run."""
_PAUSE: Final = 0.25


def start(client: SyncPrefectClient, experiment: str) -> UUID:
    """Ask for a run of the deployment on the folder `experiment`, and return its id."""
    deployment = client.read_deployment_by_name(DEPLOYMENT)
    run: FlowRun = client.create_flow_run_from_deployment(deployment.id, parameters={"experiment": experiment})
    return run.id


def follow(client: SyncPrefectClient, flow_run: UUID, require_alive: Callable[[], None]) -> FlowRun:
    """Wait until the run is over, with a line on the screen for each stage that is done, and return it.

    Args:
        client: Of the server that knows the run.
        flow_run: Id of the run.
        require_alive: Raises if the server or the worker has ended; asked while waiting.

    Raises:
        ExecutionError: The run failed; the message gives its reason, all findings of the gates included.
        UnavailableError: Nobody took the run, or it did not end in time. It was cancelled.
    """
    with _cancelled_unless_over(client, flow_run):
        run = _watched(client, flow_run, require_alive)
    if run.state is None or not run.state.is_completed():
        reason = (run.state.message if run.state else None) or "it gave no reason"
        raise ExecutionError(f"the run ended as {run.state_name}: {reason}")
    return run


def _watched(client: SyncPrefectClient, flow_run: UUID, require_alive: Callable[[], None]) -> FlowRun:
    began = time.monotonic()
    shown: set[str] = set()
    while True:
        require_alive()
        run = client.read_flow_run(flow_run)
        over = run.state is not None and run.state.is_final()
        for timing in reached(timings(steps_of(client, flow_run, settled=over)), over=over):
            if timing.stage not in shown:
                shown.add(timing.stage)
                say(f"  {timing.stage:<9} {timing.seconds:6.1f} s")
        if over:
            return run
        _require_in_time(run, time.monotonic() - began)
        time.sleep(_PAUSE)


def _require_in_time(run: FlowRun, waited: float) -> None:
    if run.start_time is None and waited > _TAKEN_WITHIN:
        raise UnavailableError(
            f"no worker began the run within {_TAKEN_WITHIN:.0f} s; it is {run.state_name}.",
            remedy="Is another run of the same deployment under way? The worker's log says what it did.",
        )
    if waited > _DONE_WITHIN:
        raise UnavailableError(f"the run did not end within {_DONE_WITHIN:.0f} s and was cancelled.")


@contextmanager
def _cancelled_unless_over(client: SyncPrefectClient, flow_run: UUID) -> Iterator[None]:
    """Cancel the run if the block is left early: a run that nobody stops keeps its place in the queue."""
    over = False
    try:
        yield
        over = True
    finally:
        if not over:
            # If the server itself is gone, that was reported already and there is nobody to tell.
            with suppress(httpx.HTTPError):
                client.set_flow_run_state(flow_run, Cancelled())


def steps_of(client: SyncPrefectClient, flow_run: UUID, *, settled: bool = False) -> list[TaskRun]:
    """Return the task runs of a flow run; if `settled`, after the server has noted the end of each of them."""
    deadline = time.monotonic() + _RECORDED_WITHIN
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run]))
    while True:
        found: list[TaskRun] = client.read_task_runs(flow_run_filter=wanted)
        open_ends = [step for step in found if step.start_time is not None and step.end_time is None]
        if not settled or not open_ends or time.monotonic() > deadline:
            return found
        time.sleep(_PAUSE)
