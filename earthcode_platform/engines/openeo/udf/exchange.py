"""Values between the platform and a process that runs code of strangers: arrays as NumPy writes them, the rest as JSON.

Nothing is pickled, so that what comes back can be read without trust. Standard library, NumPy and xarray only: the
process in isolation imports this, too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_value", "write_value"]

_DIMENSIONS: Final = "dims"
_LABELS: Final = "labels"
_MOMENTS: Final = "moments"


def write_value(folder: Path, value: object) -> None:
    """Write a cube, or a value that JSON holds, as files in a folder, which is made.

    Raises:
        TypeError: It is neither.
    """
    folder.mkdir()
    told: dict[str, Any] = {"value": value}
    if isinstance(value, xr.DataArray):
        labels: dict[str, list[Any]] = {}
        moments = []
        for name in value.dims:
            if name not in value.coords:
                continue
            kind = value[name].dtype.kind
            moments += [name] if kind == "M" else []
            labels[str(name)] = (
                [str(label) for label in value[name].to_numpy()] if kind == "M" else value[name].to_numpy().tolist()
            )
        told = {_DIMENSIONS: list(value.dims), _LABELS: labels, _MOMENTS: moments}
        np.save(folder / "values.npy", np.asarray(value.to_numpy()), allow_pickle=False)
    (folder / "value.json").write_text(json.dumps(told), encoding="utf-8")


def read_value(folder: Path) -> Any:  # noqa: ANN401 - whatever was written
    """Return what `write_value` wrote.

    Raises:
        ValueError: The files are not what it writes.
        OSError: They are missing.
    """
    told = json.loads((folder / "value.json").read_bytes())
    if not isinstance(told, dict) or _DIMENSIONS not in told:
        return told["value"] if isinstance(told, dict) and "value" in told else None
    values = np.load(folder / "values.npy", allow_pickle=False)
    coords = {
        name: np.array(labels, dtype="datetime64[ns]") if name in told[_MOMENTS] else labels
        for name, labels in told[_LABELS].items()
    }
    return xr.DataArray(values, coords, dims=[str(name) for name in told[_DIMENSIONS]])
