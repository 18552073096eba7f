"""What the tasks have in common: which failures are worth another try, and the tags that name their stage."""

from typing import Any, Final

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from earthcode_platform.errors import UnavailableError

__all__ = ["BACKOFF", "TRIES_AGAIN", "stage", "try_again"]

TRIES_AGAIN: Final = 3
"""How often a step is tried again after a service did not answer."""

BACKOFF: Final = [2.0, 8.0, 30.0]
"""Seconds between those tries."""


def stage(name: str) -> list[str]:
    """Return the tags of a task that belongs to the stage `name`."""
    return [f"stage:{name}"]


def try_again(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell Prefect to try again only after an `UnavailableError`: wrong input stays wrong."""
    return isinstance(getattr(state.data, "result", state.data), UnavailableError)
