"""A trial: the workflow on small parts of its inputs, with what that takes, and what everything would take."""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from earthcode_platform.development.estimating import estimated
from earthcode_platform.development.finding import found
from earthcode_platform.development.measuring import measured, memory_used
from earthcode_platform.development.parts import Cut, cuts
from earthcode_platform.engines.contract import Engine
from earthcode_platform.errors import ExecutionError, RefusedError
from earthcode_platform.models.development import Measured, Part, Trial
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import EngineUsed

__all__ = ["try_out"]

_ENOUGH: Final = 3.0
"""Seconds of a run from which on it says something of a longer one."""
_GROWN: Final = 1.5
"""How many times as long as the run before it must have taken, too: what is always the same tells nothing."""
_SHORT: Final = 20.0
"""Seconds that everything may be expected to take to be run as a whole."""
_LONG: Final = 90.0
"""Seconds of all runs after which no larger part is tried."""


def try_out(
    pinned: PinnedExperiment, engine: Engine, scratch: Path, told: Callable[[str], None] = lambda _text: None
) -> tuple[Trial | None, list[Finding]]:
    """Run the workflow on small parts of its inputs and return what that took, or why it failed.

    The first run loads what is loaded once and does not count. Then the parts grow until a run takes three seconds and
    half as long again as the one before; the last two run once more, since what else the machine does weighs on each.
    If everything is expected to take less than 20 seconds, it runs on everything. Codes: `develop-trial-failed`, an
    error if it ran on everything and a warning if on a part: some workflows need all of their inputs.

    Args:
        pinned: The experiment.
        engine: What runs it.
        scratch: Folder in which each run has one of its own, for as long as it takes.
        told: Who is told which run is on.

    Raises:
        UnavailableError: A service did not answer.
        NotIsolatedError: This machine cannot isolate the workflow's programs as far as the engine wants.
    """
    trial = _Trials(engine, scratch, told)
    part, parts = cuts(pinned)
    try:
        first = trial.run(parts[0])
        runs = [first] if len(parts) == 1 else trial.grow(parts)
    except (ExecutionError, RefusedError) as error:
        whole = trial.share >= 1
        message = f"the trial on {'all' if whole else f'{trial.share:.2%}'} of the inputs failed: {_cause(error)}"
        remedy = error.remedy or "Mend the workflow." if whole else "Run it as a whole if it needs all of its inputs."
        severity = Severity.ERROR if whole else Severity.WARNING
        return None, [found("trial-failed", severity, pinned.experiment.workflow.entry, message, remedy)]
    return Trial(
        part=Part.WHOLE if runs[-1].share >= 1 else part,
        first_seconds=first.seconds,
        runs=tuple(runs),
        estimate=estimated(runs),
        engine=trial.used,
    ), []


class _Trials:
    """Runs of one workflow on parts of its inputs, one after the other."""

    def __init__(self, engine: Engine, scratch: Path, told: Callable[[str], None]) -> None:
        self.share = 0.0
        """Part of the inputs of the last run."""
        self.used = EngineUsed(name="", version="", libraries={})
        """What ran the last one."""
        self._engine = engine
        self._scratch = scratch
        self._told = told
        self._began = time.monotonic()
        self._before = memory_used()

    def grow(self, parts: Sequence[Cut]) -> list[Measured]:
        """Return the runs that tell most: that on everything alone, or two on each of two parts."""
        runs: list[Measured] = []
        for cut in parts[:-1]:
            runs.append(self.run(cut))
            late = time.monotonic() - self._began > _LONG
            if len(runs) > 1 and (late or self._tells(runs[-2], runs[-1])):
                break
        # One part alone is a quarter of everything: no line goes through one point.
        if len(runs) == 1 or estimated(runs[-2:]).seconds < _SHORT:
            return [self.run(parts[-1])]
        return [*runs[-2:], *(self.run(cut) for cut in parts[len(runs) - 2 : len(runs)])]

    def run(self, cut: Cut) -> Measured:
        """Run the workflow once, in a folder that is gone afterwards."""
        self.share = cut.share
        self._told(f"trial on {cut.share:.2%}" if cut.share < 1 else "trial on all inputs")
        self._scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="trial-", dir=self._scratch))
        try:
            run, taken = measured(cut.share, lambda: self._engine.run(cut.pinned, folder), self._before)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self.used = run.engine
        return taken

    @staticmethod
    def _tells(small: Measured, large: Measured) -> bool:
        return large.seconds > _ENOUGH and large.seconds > _GROWN * small.seconds


def _cause(error: ExecutionError | RefusedError) -> str:
    if isinstance(error, RefusedError):
        return next((str(one) for one in error.findings if one.severity is Severity.ERROR), error.message)
    return f"{error.where}: {error.message}" if error.where else error.message
