"""Statistics that are gathered block by block, so that their memory does not grow with the data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RunningMoments", "RunningStatistics"]

_KEPT: Final = 2048
"""Order statistics that are kept of a block."""
_MOST: Final = 64 * _KEPT
"""Order statistics of all blocks above which they are thinned out."""


class RunningMoments:
    """Count, extremes, mean and standard deviation of values that come in blocks.

    Mean and deviation are exact, by the pairwise update of Chan, Golub and LeVeque (1983, The American Statistician 37,
    equations 1.5a and 1.5b). The same blocks in the same order give the same figures.
    """

    def __init__(self) -> None:
        self.count = 0
        """Values that came, no-data included."""
        self.valid = 0
        """Finite values."""
        self.minimum = math.inf
        """Smallest finite value."""
        self.maximum = -math.inf
        """Largest finite value."""
        self.mean = 0.0
        """Mean of the finite values."""
        self._squares = 0.0

    @property
    def stddev(self) -> float:
        """Standard deviation of the finite values, as of a population."""
        return math.sqrt(max(0.0, self._squares) / self.valid) if self.valid else math.nan

    def add(self, block: NDArray[np.floating]) -> None:
        """Take the values of a block; NaN and infinite ones are no data."""
        finite = self._finite(block)
        if finite.size:
            self._join(finite, float(finite.min()), float(finite.max()))

    def _finite(self, block: NDArray[np.floating]) -> NDArray[np.floating]:
        self.count += block.size
        finite: NDArray[np.floating] = block[np.isfinite(block)]
        return finite

    def _join(self, finite: NDArray[np.floating], low: float, high: float) -> None:
        self.minimum, self.maximum = min(self.minimum, low), max(self.maximum, high)
        mean = float(finite.mean(dtype="float64"))
        squares = float(np.square(finite - np.float64(mean)).sum())
        apart, total = mean - self.mean, self.valid + finite.size
        self._squares += squares + apart * apart * self.valid * finite.size / total
        self.mean += apart * finite.size / total
        self.valid = total


class RunningStatistics(RunningMoments):
    """The same, and quantiles, for which every block is put in order.

    Quantiles are exact for up to 2 048 values; of more, each block is represented by 2 048 evenly spaced order
    statistics with their weights, and the rank of a quantile is off by one part in a thousand at most.
    """

    def __init__(self) -> None:
        super().__init__()
        self._values = np.empty(0)
        self._weights = np.empty(0)

    def add(self, block: NDArray[np.floating]) -> None:
        """Take the values of a block; NaN and infinite ones are no data."""
        finite = self._finite(block)
        if not finite.size:
            return
        ascending = np.sort(finite, axis=None)
        self._join(finite, float(ascending[0]), float(ascending[-1]))
        kept, weights = _evenly(ascending)
        self._values, self._weights = np.append(self._values, kept), np.append(self._weights, weights)
        if self._values.size > _MOST:
            order = np.argsort(self._values, kind="stable")
            self._values, self._weights = _thinned(self._values[order], self._weights[order], _MOST // 2)

    def quantile(self, part: float) -> float:
        """Return the value below which this part of the finite values lies; NaN if there is none.

        Between two neighbours it is interpolated, as NumPy does (Hyndman and Fan 1996, definition 7).
        """
        if not self.valid:
            return math.nan
        order = np.argsort(self._values, kind="stable")
        values, weights = self._values[order], self._weights[order]
        # The rank of each kept value is the middle of the values that it stands for, counted from 0.
        ranks = np.cumsum(weights) - weights / 2 - 0.5
        return float(np.interp(part * (self.valid - 1), ranks, values, left=self.minimum, right=self.maximum))


def _evenly(ascending: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return evenly spaced order statistics of a block and what each stands for; all values of a small one."""
    if ascending.size <= _KEPT:
        return ascending.astype("float64"), np.ones(ascending.size)
    places = ((np.arange(_KEPT) + 0.5) * (ascending.size / _KEPT)).astype("intp")
    return ascending[places].astype("float64"), np.full(_KEPT, ascending.size / _KEPT)


def _thinned(
    ascending: NDArray[np.float64], weights: NDArray[np.float64], kept: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return `kept` values that stand for equal shares of all; all of them if they are not more."""
    if ascending.size <= kept:
        return ascending, weights
    total = float(weights.sum())
    ranks = (np.arange(kept) + 0.5) * (total / kept)
    return ascending[np.searchsorted(np.cumsum(weights), ranks)], np.full(kept, total / kept)
