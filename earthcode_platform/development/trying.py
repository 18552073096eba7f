"""A trial: the workflow on small parts of its inputs, with what that takes, and what everything would take."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from earthcode_platform.development.estimating import estimated
from earthcode_platform.development.finding import found
from earthcode_platform.development.measuring import measured
from earthcode_platform.development.parts import Cut, cuts
from earthcode_platform.engines.contract import Engine
from earthcode_platform.errors import ExecutionError, RefusedError
from earthcode_platform.models.development import Measured, Part, Trial
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import EngineUsed

__all__ = ["try_out"]

_ROUNDS: Final = 2
"""How often each part runs, after the first run of all."""
_LONG: Final = 60.0
"""Seconds after which no further round begins."""


def try_out(
    pinned: PinnedExperiment, engine: Engine, scratch: Path, told: Callable[[str], None] = lambda _text: None
) -> tuple[Trial | None, list[Finding]]:
    """Run the workflow on small parts of its inputs and return what that took, or why it failed.

    The first run loads what is loaded once and does not count. Then the parts take turns, so that what else the machine
    does weighs on both. Codes: `develop-trial-failed`, an error if it ran on everything and a warning if on a part:
    some workflows need all of their inputs.

    Args:
        pinned: The experiment.
        engine: What runs it.
        scratch: Folder in which each run has one of its own, for as long as it takes.
        told: Who is told which run is on.

    Raises:
        UnavailableError: A service did not answer.
        NotIsolatedError: This machine cannot isolate the workflow's programs as far as the engine wants.
    """
    part, tried = cuts(pinned)
    try:
        used, first = _run(tried[0], engine, scratch, told)
        runs = [first] if part is Part.WHOLE else _in_turns(tried, engine, scratch, told)
    except (ExecutionError, RefusedError) as error:
        whole = part is Part.WHOLE
        message = f"the trial on {'all' if whole else f'{tried[0].share:.2%}'} of the inputs failed: {_cause(error)}"
        remedy = error.remedy or "Mend the workflow." if whole else "Run it as a whole if it needs all of its inputs."
        severity = Severity.ERROR if whole else Severity.WARNING
        return None, [found("trial-failed", severity, pinned.experiment.workflow.entry, message, remedy)]
    trial = Trial(part=part, first_seconds=first.seconds, runs=tuple(runs), estimate=estimated(runs), engine=used)
    return trial, []


def _in_turns(tried: list[Cut], engine: Engine, scratch: Path, told: Callable[[str], None]) -> list[Measured]:
    began, runs = time.monotonic(), list[Measured]()
    for _ in range(_ROUNDS):
        runs += [_run(cut, engine, scratch, told)[1] for cut in tried]
        if time.monotonic() - began > _LONG:
            break
    return runs


def _run(cut: Cut, engine: Engine, scratch: Path, told: Callable[[str], None]) -> tuple[EngineUsed, Measured]:
    told(f"trial on {cut.share:.2%}" if cut.share < 1 else "trial on all inputs")
    scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="trial-", dir=scratch))
    try:
        run, taken = measured(cut.share, lambda: engine.run(cut.pinned, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return run.engine, taken


def _cause(error: ExecutionError | RefusedError) -> str:
    if isinstance(error, RefusedError):
        return next((str(one) for one in error.findings if one.severity is Severity.ERROR), error.message)
    return f"{error.where}: {error.message}" if error.where else error.message
