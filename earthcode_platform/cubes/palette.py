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


def colours(values: NDArray[np.floating], low: float, high: float, stops: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return 8-bit RGB for each value, between the first stop at `low` and the last at `high`; NaN is light grey."""
    position = np.clip((values - low) / (high - low if high > low else 1.0), 0.0, 1.0)
    places = np.linspace(0.0, 1.0, len(stops))
    channels = [np.interp(np.nan_to_num(position), places, stops[:, channel]) for channel in range(3)]
    picture = np.stack(channels, axis=-1).round().astype("uint8")
    picture[np.isnan(values)] = NODATA
    return picture
