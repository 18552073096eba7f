"""A model applied to a picture: blocks go into an isolated process, and answers come out of it."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.compute import compute
from earthcode_platform.engines.mlflow_models.predicting import END, TELLS, Job
from earthcode_platform.errors import EarthCodeError, ExecutionError
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended, EndedBy, Isolation, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pydantic import JsonValue

    from earthcode_platform.engines.mlflow_models.picture import Block, Picture
    from earthcode_platform.engines.mlflow_models.signature import Signature

__all__ = ["Inference"]

_AHEAD: Final = 2
"""How many blocks may wait for the model: one is read while another is predicted."""
_ENVIRONMENT: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_ENV_MANAGER_CONDA_WARNING": "TRUE",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_SHOWN: Final = 1500
"""Characters of a failed model's last words that are shown."""


class Inference:
    """One application of one model.

    Args:
        model: Folder with the model's files, which are those of the record.
        folder: An empty folder for what is exchanged.
        limits: What the model may use.
        least: How little isolation is accepted where the machine cannot do more.
        progress: Takes the fraction of blocks that are done.
    """

    def __init__(
        self, model: Path, folder: Path, limits: Limits, least: Isolation, progress: Callable[[float], None]
    ) -> None:
        self._model = model
        self._blocks, self._work = folder / "blocks", folder / "work"
        self._limits, self._least = limits, least
        self._progress = progress
        self._stop = threading.Event()
        self._room = threading.Semaphore(_AHEAD)
        self._waiting: dict[int, tuple[Block, NDArray[np.bool_]]] = {}
        self._trouble: BaseException | None = None
        self._told: dict[str, Any] = {}
        self.facts: dict[str, JsonValue] = {}
        """What the loaded model told of itself."""
        self.isolation = Isolation.NAMESPACES
        """How far it was kept from everything else."""

    def apply(self, picture: Picture, signature: Signature) -> NDArray[Any]:
        """Return the answers for the whole picture, (t, bands, y, x); pixels without data stay NaN.

        Raises:
            ExecutionError: The model failed, used more than it may, or gave something else than it says.
            NotIsolatedError: This machine cannot isolate it.
            UnavailableError: Remote data did not answer.
        """
        for folder in (self._blocks, self._work):
            folder.mkdir()
        (self._work / "answers").mkdir()
        job = self._work.parent / "job.json"
        job.write_text(json.dumps(self._job(picture, signature)), encoding="utf-8")
        self._answers = picture.empty()
        self._picture = picture
        self._parts = sum(output.width for output in picture.outputs)
        blocks = picture.blocks(self._limits.memory_bytes)
        self._total = len(blocks)
        feeder = threading.Thread(target=self._feed, args=(blocks,), name="blocks for a model")
        # Opened before the model runs: it cannot put another folder in its place.
        self._outbox = os.open(self._work / "answers", os.O_RDONLY | os.O_DIRECTORY)
        feeder.start()
        try:
            ended = self._isolated(job).run(self._command(job), self._follow, self._stop)
        finally:
            self._stop.set()
            feeder.join()
            os.close(self._outbox)
        self.isolation = ended.isolation
        self._require_well(ended)
        return self._answers

    def _job(self, picture: Picture, signature: Signature) -> Job:
        return {
            "model": str(self._model),
            "blocks": str(self._blocks),
            "answers": str(self._work / "answers"),
            "columns": [(column.name, column.dtype) for column in signature.inputs],
            "tensor": signature.tensor,
            "outputs": [(output.name, output.width) for output in signature.outputs],
            "kept": [output.name for output in picture.outputs],
            "parameters": picture.choices.parameters,
            "memory_bytes": self._limits.memory_bytes,
        }

    def _isolated(self, job: Path) -> Isolated:
        return Isolated(
            self._work,
            readable=(self._model, self._blocks, job),
            environment=_ENVIRONMENT,
            limits=self._limits,
            least=self._least,
        )

    def _command(self, job: Path) -> list[str]:
        # -P: nothing that lies in the folder it starts in is taken for a module.
        return [sys.executable, "-P", "-m", "earthcode_platform.engines.mlflow_models.predicting", str(job)]

    def _feed(self, blocks: list[Block]) -> None:
        """Write one block after the other, never more than a few ahead of the model."""
        try:
            number = 0
            for block in blocks:
                (values,) = compute([self._picture.cut(block)], lambda _: None)
                rows, valid = self._picture.pixels(values.values)
                if not len(rows):
                    self._total -= 1
                    continue
                while not self._room.acquire(timeout=0.1):
                    if self._stop.is_set():
                        return
                self._waiting[number] = (block, valid)
                part = self._blocks / f"{number}.part"
                with part.open("wb") as stream:
                    np.save(stream, rows, allow_pickle=False)
                part.chmod(0o644)
                part.rename(self._blocks / f"{number}.npy")
                number += 1
            (self._blocks / END).touch()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self._trouble = error
            self._stop.set()

    def _follow(self, line: str) -> None:
        """Take what the other side tells; what it tells is believed only as far as it can do no harm."""
        if not line.startswith(TELLS):
            return
        try:
            told = json.loads(line.removeprefix(TELLS))
        except ValueError:
            return
        if not isinstance(told, dict):
            return
        if isinstance(told.get("loaded"), dict):
            self.facts = told["loaded"]
        elif told.get("done") in self._waiting:
            self._take(int(told["done"]))
        elif "failed" in told:
            self._told = told

    def _take(self, number: int) -> None:
        """Put the answer for a block in its place."""
        block, valid = self._waiting.pop(number)
        answer = self._read(f"{number}.npy", int(valid.sum()))
        target = self._answers[:, :, block.rows, block.columns]
        np.moveaxis(target, 1, -1)[valid] = answer
        (self._blocks / f"{number}.npy").unlink()
        self._room.release()
        self._progress((number + 1) / max(1, self._total))

    def _read(self, name: str, count: int) -> NDArray[Any]:
        """Read an answer as a stranger's file: no link is followed, and nothing in it is run."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._outbox)
            with os.fdopen(descriptor, "rb") as stream:
                # A pipe or a device is no array, and is not waited for.
                regular = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
                answer: NDArray[Any] = np.load(stream, allow_pickle=False) if regular else np.empty(0)
            os.unlink(name, dir_fd=self._outbox)
        except (OSError, ValueError) as error:
            raise ExecutionError(f"an answer of the model cannot be read: {error}.", where=name) from None
        if answer.shape != (count, self._parts) or answer.dtype != np.float64:
            message = f"the model answered {answer.dtype} of shape {answer.shape} to {count} pixels."
            raise ExecutionError(message, where=name, remedy="Check what it gives against its signature.")
        return answer

    def _require_well(self, ended: Ended) -> None:
        if self._trouble is not None:
            raise self._trouble
        if ended.well and not self._waiting:
            return
        last = ended.output_tail.strip()[-_SHOWN:]
        if str(self._told.get("failed")).startswith("MemoryError"):
            message, remedy = _WHY[EndedBy.MEMORY]
            raise _failed(message.format(ended=ended, limits=self._limits), remedy, "")
        if self._told:
            message = f"the model failed at {self._told.get('step')}: {str(self._told['failed'])[:_SHOWN]}."
            raise ExecutionError(message, where="the model", remedy="Try it on a few rows of the input's bands.")
        message, remedy = _WHY[ended.ended_by]
        raise _failed(message.format(ended=ended, limits=self._limits), remedy, last)


def _failed(message: str, remedy: str, last: str) -> EarthCodeError:
    told = f" Its last words: {last}" if last else ""
    return ExecutionError(f"{message}{told}", where="the model", remedy=remedy)


_WHY: Final = {
    EndedBy.EXIT: ("the model ended with the code {ended.code} before it had answered.", "Look at its own output."),
    EndedBy.SIGNAL: ("the model was ended by the signal {ended.code} minus 128.", "Look at its own output."),
    EndedBy.TIME: ("the model took longer than {limits.seconds:g} s.", "Use a smaller window, or a faster model."),
    EndedBy.MEMORY: (
        "the model used more than {limits.memory_bytes:,} bytes of memory.",
        "Use a smaller model, or a platform that grants more memory.",
    ),
    EndedBy.PROCESSES: (
        "the model had more than {limits.processes} processes and threads.",
        "Let it use fewer, such as n_jobs=1.",
    ),
    EndedBy.CANCEL: ("the model was cancelled.", ""),
}
