"""Tables of statistics held against expectations, in a process of its own that is gone afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import earthcode_platform
from earthcode_platform.errors import ExecutionError
from earthcode_platform.gates.quality.arguments import COLUMNS, MOMENT, TEXTS, moment
from earthcode_platform.gates.quality.suite import Expectation
from earthcode_platform.models.quality import BandStatistics, ExpectationOutcome

__all__ = ["Asked", "Evaluated", "ask", "environment", "evaluate"]

_SECONDS: Final = 120
"""After which the process is ended: a suite takes a tenth of a second, the import of its library some seconds."""
_MODULE: Final = "earthcode_platform.gates.quality.evaluator"
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
_LONGEST: Final = 300


@dataclass(frozen=True)
class Asked:
    """A table, and what is expected of it."""

    name: str
    """What it is called."""
    rows: Sequence[BandStatistics]
    """Its rows."""
    expectations: Sequence[Expectation]
    """What is expected."""


@dataclass(frozen=True)
class Evaluated:
    """What became of one table's expectations."""

    library: str
    """What evaluated them, with its version."""
    outcomes: tuple[ExpectationOutcome, ...]
    """Outcomes, in the order asked."""
    errors: dict[int, str]
    """Why expectations could not be evaluated, by their place in the suite."""


def evaluate(tables: Sequence[Asked]) -> list[Evaluated]:
    """Return what becomes of the expectations about each table.

    Great Expectations runs in a process with nothing of the platform's environment, no network, and a scratch folder
    for home and current folder: it sends no telemetry and leaves no file.

    Raises:
        ExecutionError: The process failed, or was not done in two minutes.
    """
    answer = ask([_question(table) for table in tables])
    return [
        _evaluated(table, outcomes, answer["library"]) for table, outcomes in zip(tables, answer["tables"], strict=True)
    ]


def _question(table: Asked) -> dict[str, Any]:
    return {
        "name": table.name,
        "columns": list(COLUMNS),
        "texts": list(TEXTS),
        "moments": [MOMENT],
        "rows": [row.model_dump(mode="json") for row in table.rows],
        "expectations": [{"type": one.type, "kwargs": _exact(one.kwargs)} for one in table.expectations],
    }


def _exact(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with dates made moments: the library compares a moment with nothing else."""
    if kwargs.get("column") != MOMENT:
        return kwargs
    ends = {key: last for key, last in (("min_value", False), ("max_value", True)) if isinstance(kwargs.get(key), str)}
    return kwargs | {key: moment(kwargs[key], last=last).isoformat() for key, last in ends.items()}


def ask(question: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the process answers to a question (`evaluator.main`).

    Raises:
        ExecutionError: It failed, or was not done in two minutes.
    """
    with tempfile.TemporaryDirectory(prefix="earthcode-expectations-") as scratch:
        asked, answered = Path(scratch) / "question.json", Path(scratch) / "answer.json"
        asked.write_text(json.dumps(question), encoding="utf-8")
        command = [sys.executable, "-W", "ignore", "-m", _MODULE, str(asked), str(answered)]
        try:
            done = subprocess.run(
                command,
                cwd=scratch,
                env=environment(scratch),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _failed(f"they were not evaluated in {_SECONDS} seconds") from None
        if done.returncode or not answered.exists():
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise _failed(f"Great Expectations failed: {lines[-1][:_LONGEST] if lines else 'no reason given'}")
        answer: dict[str, Any] = json.loads(answered.read_bytes())
        return answer


def _failed(reason: str) -> ExecutionError:
    return ExecutionError(
        f"{reason}.", where="expectations.json", remedy="Take out what it stumbles over, or report it."
    )


def environment(scratch: str) -> dict[str, str]:
    """Return an environment with scratch places, without progress bars, and with telemetry off by name as well."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    places = [str(Path(earthcode_platform.__path__[0]).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        **kept,
        **dict.fromkeys(("HOME", "TMPDIR", "TEMP", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR"), scratch),
        "PYTHONPATH": os.pathsep.join(place for place in places if place),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "TQDM_DISABLE": "1",
        "OMP_NUM_THREADS": "1",
    }


def _evaluated(table: Asked, outcomes: Sequence[dict[str, Any]], library: str) -> Evaluated:
    made = tuple(
        ExpectationOutcome(
            at=one.at,
            type=one.type,
            arguments=one.kwargs,
            severity=one.severity,
            met=bool(found["met"]) and not found["error"],
            observed=_observed(found, table.rows),
            why=one.why,
        )
        for one, found in zip(table.expectations, outcomes, strict=True)
    )
    errors = {
        one.at: str(found["error"]) for one, found in zip(table.expectations, outcomes, strict=True) if found["error"]
    }
    return Evaluated(library, made, errors)


def _observed(found: dict[str, Any], rows: Sequence[BandStatistics]) -> str:
    """Return in words what was found: a figure, or the rows that are not as expected."""
    if found.get("observed") is not None:
        return _shown(found.get("observed"))
    if not found.get("unexpected"):
        return ""
    named = [
        f"{row.item}/{row.asset}/{row.band} ({_shown(value)})"
        for row, value in zip(_rows(found, rows), found["values"], strict=False)
    ]
    more = found["unexpected"] - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more > 0 and named else "")
    return (
        f"{found['unexpected']} of {found['count']} rows: {listed}"
        if named
        else f"{found['unexpected']} of {found['count']} rows"
    )


def _rows(found: dict[str, Any], rows: Sequence[BandStatistics]) -> list[BandStatistics]:
    return [rows[at] for at in found["rows"] if isinstance(at, int) and at < len(rows)]


def _shown(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
