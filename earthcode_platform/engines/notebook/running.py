"""One run of a notebook: laid out in a folder, isolated, followed, and read back."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from earthcode_platform.engines.notebook.execution import EXECUTED, JOB, OUTCOME, PAGE
from earthcode_platform.engines.notebook.failing import plain
from earthcode_platform.engines.notebook.job import Failure, Job, Outcome, Step
from earthcode_platform.engines.notebook.literals import masked
from earthcode_platform.engines.notebook.parameters import OUTPUT_FOLDER
from earthcode_platform.engines.notebook.staging import local_files, stage_input
from earthcode_platform.errors import ExecutionError
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended, EndedBy, Isolation, Limits
from earthcode_platform.provenance.staging import stage_workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from earthcode_platform.engines.notebook.document import Document
    from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["Ran", "Running", "limits_of"]

_OUTPUT: Final = "output"
_LARGEST_OUTCOME: Final = 256 * 1024 * 1024
_TAIL: Final = 600
"""Characters of what the process said last, for an error that nobody expected."""
_ENDED: Final = {
    EndedBy.TIME: ("it did not end within {limits.seconds:.0f} s", "Compute less, or declare more seconds."),
    EndedBy.MEMORY: (
        "it used more than {mib:,} MiB of memory",
        "Read the data in blocks, or declare more memory_mib.",
    ),
    EndedBy.PROCESSES: ("it had more than {limits.processes} processes and threads", "Start fewer."),
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a notebook left behind when all its cells had run."""

    outcome: Outcome
    """What it told."""
    output: Path
    """Its output folder."""
    executed: Path
    """The executed notebook."""
    page: Path
    """Its page."""
    isolation: Isolation
    """How far it was kept from everything else."""


class Running:
    """Runs one notebook of an experiment.

    Args:
        pinned: The experiment.
        document: Its notebook, without findings.
        limits: What it may use.
        cell_seconds: Seconds that one of its cells may take.
        least: How little isolation is accepted.
    """

    def __init__(
        self, pinned: PinnedExperiment, document: Document, limits: Limits, cell_seconds: int, least: Isolation
    ) -> None:
        self._pinned = pinned
        self._document = document
        self._cell_seconds = cell_seconds
        self._limits = limits
        self._least = least
        self._step = Step(cell=0, of=len(document.cells), heading="")

    def run(self, folder: Path, on_step: Callable[[Step], None]) -> Ran:
        """Run it in `folder`, which is made anew.

        Raises:
            ExecutionError: A cell failed, or a limit ended it; the message names the cell.
            IntegrityError: A file changed after it was pinned.
            NotIsolatedError: This machine cannot isolate it.
            UnavailableError: A STAC document could not be had.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        job = self._lay_out(folder)
        (folder / JOB).write_text(job.model_dump_json(), encoding="utf-8")
        isolated = Isolated(
            folder,
            readable=tuple(path for entry in self._pinned.inputs for path in local_files(entry)),
            network=self._document.declared.network,
            limits=self._limits,
            least=self._least,
        )

        def follow(line: str) -> None:
            step = _step(line)
            if step is not None:
                self._step = step
                on_step(step)

        command = [sys.executable, "-m", "earthcode_platform.engines.notebook.execution", "."]
        ended = isolated.run(command, on_line=follow)
        return self._read(folder, ended)

    def _lay_out(self, folder: Path) -> Job:
        """Put notebook, files and inputs into place; it gets paths relative to the folder it runs in."""
        notebook = stage_workflow(self._pinned.workflow, folder / "work")
        (folder / _OUTPUT).mkdir()
        inputs = {entry.name: stage_input(entry, folder / "inputs" / entry.name) for entry in self._pinned.inputs}
        places = {**inputs, OUTPUT_FOLDER: folder / _OUTPUT}
        values = self._pinned.experiment.configuration
        return Job(
            notebook=notebook.relative_to(folder).as_posix(),
            parameters={**values, **{name: os.path.relpath(place, notebook.parent) for name, place in places.items()}},
            title=self._pinned.experiment.title,
            cell_seconds=self._cell_seconds,
            hidden=self._hidden(folder),
        )

    def _hidden(self, folder: Path) -> dict[str, str]:
        """Return the folders of this machine that a published notebook should not show."""
        known = {str(folder.absolute()): "run", self._pinned.folder: "experiment", sys.prefix: "python"}
        known |= {str(Path(entry.href).parent): entry.name for entry in self._pinned.inputs if entry.local}
        return {place: name for place, name in known.items() if len(Path(place).parts) > 1}

    def _read(self, folder: Path, ended: Ended) -> Ran:
        if ended.ended_by in _ENDED:
            told, remedy = _ENDED[ended.ended_by]
            mib = self._limits.memory_bytes // 1024**2
            raise self._error(f"{told.format(limits=self._limits, mib=mib)}.", remedy)
        outcome = _outcome(folder / OUTCOME) if ended.well else None
        if outcome is None or not all(_is_file(folder / name) for name in (EXECUTED, PAGE)):
            tail = masked(plain(ended.output_tail)[-_TAIL:].strip())
            raise self._error(
                f"its process ended with {ended.code} before the notebook did: {tail or 'it said nothing'}.",
                "Run the notebook in Jupyter; if it works there, tell the operator of the platform.",
            )
        if outcome.failure is not None:
            raise _failed(outcome.failure, self._document.name)
        return Ran(outcome, folder / _OUTPUT, folder / EXECUTED, folder / PAGE, ended.isolation)

    def _error(self, message: str, remedy: str) -> ExecutionError:
        cells = self._document.cells
        place = cells[self._step.cell - 1].place if 0 < self._step.cell <= len(cells) else "before its first cell"
        return ExecutionError(message, where=f"{self._document.name}, {place}", remedy=remedy)


def _step(line: str) -> Step | None:
    """Return the step that a line of the process tells; its other lines are the notebook's own."""
    try:
        return Step.model_validate_json(line) if line.startswith('{"cell":') else None
    except ValidationError:
        return None


def _outcome(path: Path) -> Outcome | None:
    """Read what the process told. Code of the notebook could have written it: it is looked at, not trusted."""
    try:
        if not _is_file(path) or path.stat().st_size > _LARGEST_OUTCOME:
            return None
        return Outcome.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _is_file(path: Path) -> bool:
    """Tell whether there is a file, and no link: a link would be followed with the rights of the platform."""
    return path.is_file() and not path.is_symlink()


def _failed(failure: Failure, name: str) -> ExecutionError:
    heading = f" {failure.heading!r}" if failure.heading else ""
    parts = [f"{failure.name}: {failure.value}", failure.source, failure.traceback]
    message = "\n".join(part for part in parts if part)
    return ExecutionError(message, where=f"{name}, cell {failure.cell}{heading}", remedy="\nMend the cell.")


def limits_of(document: Document, limits: Limits) -> Limits:
    """Return the platform's limits, lowered to what the notebook declares."""
    declared = document.declared
    memory = (declared.memory_mib or sys.maxsize) * 1024**2
    return replace(
        limits,
        seconds=min(limits.seconds, declared.seconds or limits.seconds),
        memory_bytes=min(limits.memory_bytes, memory),
    )
