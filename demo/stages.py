"""Seconds by stage, from the task runs of a flow run. A task run is named `<stage>: <step>` (docs/decisions/0006)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

from earthcode_platform.models.frozen import Frozen

__all__ = ["STAGES", "Step", "Timing", "reached", "seconds_by_stage", "stage_of", "timings"]

STAGES: Final = ("develop", "validate", "execute", "archive", "publish")
"""The five stages, in their order."""


class Step(Protocol):
    """What this module needs to know of a task run."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def start_time(self) -> datetime | None:
        """When it began; None before that."""

    @property
    def end_time(self) -> datetime | None:
        """When it ended; None before that."""


class Timing(Frozen):
    """When a stage ran."""

    stage: str
    """Its name."""
    start: datetime
    """Start of its first step."""
    end: datetime | None
    """End of its last step; None while one of them runs."""

    @property
    def seconds(self) -> float:
        """Wall seconds from the start of the first step to the end of the last; 0 while it runs."""
        return 0.0 if self.end is None else (self.end - self.start).total_seconds()


def stage_of(step: Step) -> str:
    """Return the name of the stage that `step` belongs to, or an empty string."""
    head, colon, _ = step.name.partition(": ")
    return head if colon and head in STAGES else ""


def timings(steps: Sequence[Step]) -> list[Timing]:
    """Return the timing of each stage that has begun, in the order in which they began."""
    return sorted(_timings(steps), key=lambda timing: timing.start)


def _timings(steps: Sequence[Step]) -> Iterator[Timing]:
    for stage in sorted({stage_of(step) for step in steps} - {""}):
        own = [step for step in steps if stage_of(step) == stage]
        starts = [step.start_time for step in own if step.start_time is not None]
        ends = [step.end_time for step in own if step.end_time is not None]
        if starts:
            yield Timing(stage=stage, start=min(starts), end=max(ends) if len(ends) == len(own) else None)


def seconds_by_stage(steps: Sequence[Step]) -> dict[str, float]:
    """Return the wall seconds of each finished stage, to the millisecond, in the order in which they began."""
    return {timing.stage: round(timing.seconds, 3) for timing in timings(steps) if timing.end is not None}


def reached(known: Sequence[Timing], *, over: bool) -> list[Timing]:
    """Return the stages of `known` that are done: all if the run is `over`, else those that a later one followed.

    The pause between two steps of one stage looks like its end; only the next stage's start tells.
    """
    return [timing for timing in (known if over else known[:-1]) if timing.end is not None]
