"""The two policies of tasks: try again while a service does not answer, or never.

Every task is named `<stage>: <step>`, which is what the UI shows and what a follower of the run groups by. A tag would
say the same at the price of a request for a concurrency slot with each task run (on SQLite 2 s where it must wait).
"""

from collections.abc import Callable
from typing import Any, Final, TypedDict

from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from earthcode_platform.errors import UnavailableError

__all__ = ["ONCE", "PATIENT", "Once", "Patient", "try_again"]


class Once(TypedDict):
    """The options of a task that is never tried again."""

    cache_policy: CachePolicy


class Patient(Once):
    """The options of a task that is tried again after a service did not answer."""

    retries: int
    retry_delay_seconds: list[float]
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], bool]


def try_again(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell Prefect to try again only after an `UnavailableError`: wrong input stays wrong."""
    return isinstance(getattr(state.data, "result", state.data), UnavailableError)


# Nothing is cached: a run that is asked for is run, and archive and catalog know what they hold already.
ONCE: Final[Once] = {"cache_policy": NO_CACHE}
"""For steps whose outcome another try would not change."""

PATIENT: Final[Patient] = {
    "cache_policy": NO_CACHE,
    "retries": 3,
    "retry_delay_seconds": [2.0, 8.0, 30.0],
    "retry_condition_fn": try_again,
}
"""For steps that need a service: three more tries, but only after an `UnavailableError`."""
