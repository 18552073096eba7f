"""The inside of the isolated process: loads the model, and answers block after block.

Started as `python -m earthcode_platform.engines.mlflow_models.predicting JOB`. It reads blocks `<n>.npy` from the
folder that the job names as soon as they are there, writes the answers to another and tells what it did in lines that
begin with `TELLS`. Everything else that it writes is the model's own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypedDict

import numpy as np

__all__ = ["END", "TELLS", "Job", "main"]

TELLS: Final = "@earthcode "
"""How a line begins that is meant for the platform."""
END: Final = "end"
"""Name of the file that says: no further block comes."""
_PAUSE: Final = 0.004
_FEWEST: Final = 1024
_MOST: Final = 4_194_304
_COPIES: Final = 12
"""How often the numbers of a row are in memory at once: table, checked table, the library's copies and its answer."""


class Job(TypedDict):
    """What the platform asks."""

    model: str
    """Folder of the model."""
    blocks: str
    """Folder where blocks appear."""
    answers: str
    """Folder where answers go."""
    columns: list[tuple[str, str]]
    """Name and NumPy type of each column."""
    tensor: bool
    """Whether the model takes an array instead of a table."""
    outputs: list[tuple[str, int]]
    """Name and width of all that the model gives."""
    kept: list[str]
    """Names of what is kept of it."""
    parameters: dict[str, Any]
    """Values of the model's own parameters."""
    memory_bytes: int
    """What the process may use."""


def main() -> None:
    """Do the job whose path is the first argument."""
    job: Job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    step = "loading the model"
    try:
        predictor = _Predictor(job)
        _tell(loaded=predictor.facts())
        number = 0
        while (block := _next(Path(job["blocks"]), number)) is not None:
            step = f"block {number + 1}"
            answer = predictor.answer(np.load(block, allow_pickle=False))
            part = Path(job["answers"]) / f"{number}.part.npy"
            np.save(part, answer, allow_pickle=False)
            part.rename(part.with_name(f"{number}.npy"))
            _tell(done=number)
            number += 1
    except Exception as error:
        _tell(failed=f"{type(error).__name__}: {error}", step=step)
        raise


def _tell(**facts: object) -> None:
    """Write one line for the platform."""
    sys.stdout.write(f"\n{TELLS}{json.dumps(facts, default=str)}\n")
    sys.stdout.flush()


def _next(folder: Path, number: int) -> Path | None:
    """Wait for a block, and return its file; None if there is no further one."""
    block, end = folder / f"{number}.npy", folder / END
    while not block.exists():
        if end.exists() and not block.exists():
            return None
        time.sleep(_PAUSE)
    return block


class _Predictor:
    """The loaded model."""

    def __init__(self, job: Job) -> None:
        import mlflow.pyfunc

        self._job = job
        self._model = mlflow.pyfunc.load_model(job["model"])
        bytes_of_a_row = 8 * _COPIES * (len(job["columns"]) + sum(width for _, width in job["outputs"]))
        free = max(0, job["memory_bytes"] - _resident()) // 2
        self._batch = min(_MOST, max(_FEWEST, free // bytes_of_a_row))

    def facts(self) -> dict[str, object]:
        """Return what only the loaded model tells of itself."""
        raw = None
        with suppress(Exception):  # a model of its own code has nothing below it
            raw = self._model.get_raw_model()
        settings = raw.get_params() if raw is not None and hasattr(raw, "get_params") else {}
        plain = {name: value for name, value in settings.items() if isinstance(value, bool | int | float | str)}
        return {"architecture": type(raw).__name__ if raw is not None else "", "hyperparameters": plain}

    def answer(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return (pixels, numbers kept) for rows (pixels, columns), a batch at a time."""
        parts = [self._predict(rows[start : start + self._batch]) for start in range(0, len(rows), self._batch)]
        return np.concatenate(parts) if parts[1:] else parts[0]

    def _predict(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        predicted = self._model.predict(self._given(rows), params=self._job["parameters"] or None)
        layers = _layers(predicted, self._job["outputs"], len(rows))
        return np.concatenate([layers[name] for name in self._job["kept"]], axis=1)

    def _given(self, rows: np.ndarray[Any, Any]) -> object:
        columns = self._job["columns"]
        if self._job["tensor"]:
            return np.ascontiguousarray(rows, dtype=columns[0][1])
        import pandas as pd

        named = [name or number for number, (name, _) in enumerate(columns)]
        typed = [rows[:, number].astype(dtype) for number, (_, dtype) in enumerate(columns)]
        return pd.DataFrame(dict(zip(named, typed, strict=True)))


def _layers(predicted: Any, outputs: list[tuple[str, int]], count: int) -> dict[str, np.ndarray[Any, Any]]:  # noqa: ANN401 - whatever a model returns
    """Return each output as (pixels, numbers); the model must give what its signature says."""
    names = [name for name, _ in outputs]
    if isinstance(predicted, dict) or (
        hasattr(predicted, "columns") and set(names) <= set(map(str, predicted.columns))
    ):
        missing = [name for name in names if name not in predicted]
        if missing:
            raise ValueError(f"the model gave {', '.join(map(str, predicted))}, and its signature says {missing[0]!r}")
        layers = {name: np.asarray(predicted[name]).reshape(count, -1) for name in names}
    else:
        whole = np.asarray(predicted).reshape(count, -1)
        edges = np.cumsum([0, *(width for _, width in outputs)])
        if whole.shape[1] != edges[-1]:
            raise ValueError(f"the model gave {whole.shape[1]} numbers a pixel, and its signature says {edges[-1]}")
        layers = {name: whole[:, edges[at] : edges[at + 1]] for at, name in enumerate(names)}
    for name, width in outputs:
        if layers[name].shape[1] != width:
            raise ValueError(f"{name!r} has {layers[name].shape[1]} numbers a pixel, and its signature says {width}")
    return {name: layer.astype("float64") for name, layer in layers.items()}


def _resident() -> int:
    """Return the bytes of memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
