"""Cubes read a few rows at a time, so that what is asked of a whole product never needs it in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, X, Y

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Moments", "slabs"]

_SLAB_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a slab, as float64."""


def slabs(cube: xr.DataArray, multiple: int = 1) -> Iterator[NDArray[Any]]:
    """Yield the values of a cube some rows at a time, from the first to the last.

    A lazy cube is read here, on this thread, and never on a cluster: what it reads is a file beside us.

    Args:
        cube: A cube in memory or a lazy one; without x and y it comes in one piece.
        multiple: Each slab but the last has a multiple of so many rows.
    """
    if Y not in cube.dims or X not in cube.dims:
        yield _values(cube)
        return
    row = 8 * max(1, cube.size // max(1, cube.sizes[Y]))
    step = max(1, _SLAB_BYTES // row // multiple) * multiple
    for start in range(0, cube.sizes[Y], step):
        yield _values(cube.isel({Y: slice(start, start + step)}))


def _values(cube: xr.DataArray) -> NDArray[Any]:
    if cube.chunks is None:
        return cube.values
    values: NDArray[Any] = np.asarray(cube.data.compute(scheduler="synchronous"))
    return values


class Moments(NamedTuple):
    """What statistics are made of; parts of a whole add up (Chan, Golub and LeVeque 1979)."""

    size: int = 0
    """How many values there are, no-data included."""
    finite: int = 0
    """How many are finite."""
    low: float = np.inf
    high: float = -np.inf
    mean: float = 0.0
    spread: float = 0.0
    """Sum of the squared deviations from the mean."""

    @classmethod
    def of(cls, values: NDArray[Any]) -> Moments:
        """Return those of some values."""
        valid = values[np.isfinite(values)].astype("float64")
        if not valid.size:
            return cls(values.size)
        mean = float(valid.mean())
        spread = float(np.square(valid - mean).sum())
        return cls(values.size, valid.size, float(valid.min()), float(valid.max()), mean, spread)

    @classmethod
    def by_band(cls, cube: xr.DataArray) -> list[Moments]:
        """Return those of each band of a cube, read a few rows at a time."""
        bands = cube.sizes.get(BANDS, 1)
        found = [cls()] * bands
        axis = cube.dims.index(BANDS) if BANDS in cube.dims else None
        for slab in slabs(cube):
            layers = [slab] if axis is None else np.moveaxis(slab, axis, 0)
            found = [known.joined(cls.of(layer)) for known, layer in zip(found, layers, strict=True)]
        return found

    def joined(self, other: Moments) -> Moments:
        """Return those of both together."""
        size, finite = self.size + other.size, self.finite + other.finite
        if not self.finite or not other.finite:
            return (other if other.finite else self)._replace(size=size)
        apart = other.mean - self.mean
        return Moments(
            size,
            finite,
            min(self.low, other.low),
            max(self.high, other.high),
            self.mean + apart * other.finite / finite,
            self.spread + other.spread + apart * apart * self.finite * other.finite / finite,
        )

    @property
    def statistics(self) -> dict[str, float]:
        """minimum, maximum, mean, stddev and valid_percent (STAC 1.1); the last alone where nothing is valid."""
        percent = {"valid_percent": 100.0 * self.finite / max(1, self.size)}
        if not self.finite:
            return percent
        stddev = float(np.sqrt(self.spread / self.finite))
        return {"minimum": self.low, "maximum": self.high, "mean": self.mean, "stddev": stddev, **percent}
