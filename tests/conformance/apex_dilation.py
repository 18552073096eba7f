"""Clouds and their surroundings, as openEO Geotrellis defines `to_scl_dilation_mask`, by Fourier transforms."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["dilated_clouds"]


def dilated_clouds(
    classes: NDArray[np.floating[Any]],
    *,
    near: int = 17,
    far: int = 201,
    erosion: int = 0,
    good: Sequence[int] = (2, 4, 5, 6, 7),
    bad: Sequence[int] = (3, 8, 9, 10, 11),
) -> NDArray[np.bool_]:
    """Return where each date is masked."""
    masks = []
    for plane in classes:
        doubtful, cloudy = ~np.isin(plane, good), np.isin(plane, bad)
        if erosion:
            doubtful, cloudy = (_without_edges(mask, erosion // 2) for mask in (doubtful, cloudy))
        masks.append((_spread(doubtful, near) > 0.057) | (_spread(cloudy, far) > 0.025))
    return np.stack(masks)


def _without_edges(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    kept = mask.copy()
    rows, columns = np.nonzero(~mask)
    for row, column in zip(rows, columns, strict=True):
        for down in range(-radius, radius + 1):
            for right in range(-radius, radius + 1):
                inside = 0 <= row + down < mask.shape[0] and 0 <= column + right < mask.shape[1]
                if inside and down**2 + right**2 <= radius**2:
                    kept[row + down, column + right] = False
    return kept


def _spread(mask: NDArray[np.bool_], size: int) -> NDArray[np.float64]:
    distance = np.arange(size) - size // 2
    bell = np.exp(-(distance[:, None] ** 2 + distance**2) / (2 * (size / 6) ** 2))
    shape = [length + size for length in mask.shape]
    product = np.fft.rfft2(mask, shape) * np.fft.rfft2(bell / bell.sum(), shape)
    whole = np.fft.irfft2(product, shape)
    return whole[size // 2 :, size // 2 :][: mask.shape[0], : mask.shape[1]]
