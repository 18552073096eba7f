"""The process that runs a notebook: `python -m earthcode_platform.engines.notebook.execution FOLDER`.

It reads `job.json` from the folder, runs the notebook in a kernel of its own, and leaves `executed.ipynb`,
`executed.html` and `outcome.json` there. Each cell that begins is a line of its output. The engine starts it isolated.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.notebook.cells import Cell, cells_of
from earthcode_platform.engines.notebook.failing import failure_of
from earthcode_platform.engines.notebook.job import Job, Outcome, Step
from earthcode_platform.engines.notebook.kept import cleaned
from earthcode_platform.engines.notebook.page import page_of
from earthcode_platform.engines.notebook.scraps import scraps_of

if TYPE_CHECKING:
    from earthcode_platform.engines.notebook.job import Failure

__all__ = ["EXECUTED", "JOB", "OUTCOME", "PAGE", "main", "run_notebook"]

JOB: Final = "job.json"
OUTCOME: Final = "outcome.json"
EXECUTED: Final = "executed.ipynb"
PAGE: Final = "executed.html"
_NUMBER: Final = "earthcode_cell"
"""Cell metadata that carry the number of a cell through papermill, which inserts one."""
_KERNEL_START: Final = 120
"""Seconds until the kernel must have answered; on a busy machine its imports take long."""


def run_notebook(job: Job, folder: Path) -> Outcome:
    """Run the notebook and write it, and its page, into `folder`; return how it ended.

    Args:
        job: What to run.
        folder: Where `job.notebook` lies below; the kernel starts beside the notebook.
    """
    content = json.loads((folder / job.notebook).read_text(encoding="utf-8"))
    runner = _Runner(job, cells_of(content["cells"]))
    for number, cell in enumerate(content["cells"], start=1):
        cell["metadata"][_NUMBER] = number
    failure = runner.run(content, folder)
    executed = json.loads((folder / EXECUTED).read_text(encoding="utf-8"))
    scraps = scraps_of(executed["cells"])
    executed["cells"] = [_without_number(cell) for cell in executed["cells"]]
    kept = cleaned(executed, job.hidden)
    (folder / EXECUTED).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    # A cell can print half a character, which no file in UTF-8 holds.
    (folder / PAGE).write_text(page_of(kept, job.title), encoding="utf-8", errors="replace")
    info = kept["metadata"].get("language_info", {})
    return Outcome(failure=failure, scraps=scraps, kernel={"python": str(info.get("version", ""))})


def _without_number(cell: dict[str, Any]) -> dict[str, Any]:
    return {**cell, "metadata": {key: value for key, value in cell["metadata"].items() if key != _NUMBER}}


class _Runner:
    """Runs one notebook and knows which cell is running."""

    def __init__(self, job: Job, cells: tuple[Cell, ...]) -> None:
        self._job = job
        self._cells = cells
        self._running = Cell(0, "code", "", "", frozenset())

    def run(self, content: dict[str, Any], folder: Path) -> Failure | None:
        import nbformat
        import papermill
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from papermill.exceptions import PapermillExecutionError

        with tempfile.TemporaryDirectory(dir=_short(), prefix="kernel-") as sockets:
            # Sockets have short paths (unix(7)): 108 bytes.
            os.environ["JUPYTER_RUNTIME_DIR"] = sockets
            try:
                papermill.execute_notebook(
                    nbformat.from_dict(content),
                    str((folder / EXECUTED).absolute()),
                    parameters=self._job.parameters,
                    progress_bar=False,
                    cwd=str((folder / self._job.notebook).parent.absolute()),
                    start_timeout=_KERNEL_START,
                    execution_timeout=self._job.cell_seconds,
                    on_cell_start=self._begins,
                    config=_talking_by(self._job.transport),
                )
            except PapermillExecutionError as error:
                return self._failed(error.ename, error.evalue, error.traceback)
            except CellTimeoutError:
                told = f"the cell did not end within {self._job.cell_seconds} s"
                return self._failed("CellTimeoutError", told, [])
            except DeadKernelError:
                return self._failed("DeadKernelError", "the kernel ended before the cell did", [])
        return None

    def _begins(self, cell: Any, cell_index: int) -> None:  # noqa: ANN401 - a node of nbformat, which has no types
        number = cell.metadata.get(_NUMBER)
        if cell.cell_type != "code" or number is None:
            return
        self._running = self._cells[number - 1]
        step = Step(cell=number, of=len(self._cells), heading=self._running.heading)
        sys.stdout.write(f"{step.model_dump_json()}\n")
        sys.stdout.flush()
        del cell_index

    def _failed(self, name: str, value: str, traceback: list[str]) -> Failure:
        return failure_of(self._running, name, value, traceback)


def _short() -> str | None:
    return "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - a folder of its own is made in it


def _talking_by(transport: str) -> object:
    from traitlets.config import Config

    return Config({"KernelManager": {"transport": transport}})


def main(folder: Path) -> None:
    """Run the job in `folder`."""
    job = Job.model_validate_json((folder / JOB).read_text(encoding="utf-8"))
    outcome = run_notebook(job, folder)
    (folder / OUTCOME).write_text(outcome.model_dump_json(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
