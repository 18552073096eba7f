"""Colours for numbers: one scale for amounts, one for deviations from zero. Both are our own tables of stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AMOUNTS", "DEVIATIONS", "NODATA", "colours"]

AMOUNTS: Final = np.array(
    [
        (41, 20, 86),
        (58, 60, 128),
        (47, 100, 142),
        (31, 137, 141),
        (41, 174, 122),
        (116, 203, 77),
        (190, 219, 47),
        (250, 231, 66),
    ],
    dtype="float64",
)
"""Dark violet over blue and green to yellow: even steps of lightness, legible in grey and to the colour-blind."""
DEVIATIONS: Final = np.array(
    [
        (12, 44, 107),
        (35, 102, 172),
        (92, 155, 203),
        (168, 206, 229),
        (247, 247, 246),
        (249, 193, 161),
        (230, 124, 96),
        (190, 41, 49),
        (103, 3, 32),
    ],
    dtype="float64",
)
"""Blue below, white at zero, red above."""
NODATA: Final = (214, 214, 211)
"""Light grey."""


_STEPS: Final = 1 << 16
"""Steps of a table of colours: a power of two, so that the step of a position is exact."""
_AT_ONCE: Final = 1 << 18
"""Values that are coloured at a time; what is computed on the way stays in the processor's cache."""


def colours(values: NDArray[np.floating], low: float, high: float, stops: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return 8-bit RGB for each value, between the first stop at `low` and the last at `high`; NaN is light grey.

    Many values are looked up in a table (decision 0056); each has the colour that it would have by itself.
    """
    flat = values.ravel()
    picture = np.empty((flat.size, 3), "uint8")
    table = None if flat.size < _STEPS else _Table(stops)
    for start in range(0, flat.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        position = np.clip((flat[part] - low) / (high - low if high > low else 1.0), 0.0, 1.0)
        missing = np.isnan(position)
        position[missing] = 0.0
        picture[part] = _exact(position, stops) if table is None else table.colours(position)
        picture[part][missing] = NODATA
    return picture.reshape(*values.shape, 3)


def _exact(position: NDArray[np.floating], stops: NDArray[np.float64]) -> NDArray[np.uint8]:
    places = np.linspace(0.0, 1.0, len(stops))
    channels = [np.interp(position, places, stops[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype("uint8")


class _Table:
    """The colours of a scale, step by step.

    Between two stops no channel turns. A step without a stop in it, whose ends have one colour, has it throughout.
    """

    def __init__(self, stops: NDArray[np.float64]) -> None:
        self._stops = stops
        self._colours = _exact(np.arange(_STEPS + 1) / _STEPS, stops)
        self._even = np.append((self._colours[1:] == self._colours[:-1]).all(axis=-1), [True])
        self._even[(np.linspace(0.0, 1.0, len(stops))[:-1] * _STEPS).astype("int64")] = False

    def colours(self, position: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Return the colour of each position from 0 to 1; where its step has several, it is computed."""
        step = (position * _STEPS).astype("int32")
        found = self._colours.take(step, axis=0)
        uneven = np.flatnonzero(~self._even.take(step))
        found[uneven] = _exact(position[uneven], self._stops)
        return found
