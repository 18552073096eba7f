"""Steps that hang on the classes of one band alone, taken from a table.

A band of classes, or of flags, has 256 different numbers at most. What comparisons and logic make of each of them is
computed once, by the same steps; what they make of a pixel is looked up. Masks are made that way in a tenth of the
time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from dask._task_spec import Task

from earthcode_platform.cubes.blocks import Step
from earthcode_platform.engines.openeo.lifting import Lifted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dask._task_spec import GraphNode
    from numpy.typing import NDArray

    from earthcode_platform.cubes.stack import Window
    from earthcode_platform.engines.openeo.fused.program import Key, Program

__all__ = ["Lookup", "shortened", "spread"]

_NUMBERS: Final = 256
_MOST_RUNS: Final = 12
"""Above so many stretches of equal results, looking up pixel by pixel is faster."""
_BITS: Final = {4: np.uint32, 8: np.uint64}


@dataclass(frozen=True)
class Lookup:
    """Steps from one band to the arrays that others need of it."""

    given: Key
    """The band."""
    program: Program
    """The steps."""
    found: tuple[Key, ...]
    """What they give."""

    def tables(self, window: Window, dtype: np.dtype[Any]) -> dict[Key, NDArray[Any]]:
        """Return what each stored number of one byte becomes: arrays (1, …, 1, 256), by key."""
        numbers = np.arange(_NUMBERS, dtype="uint8").view(window.stored.dtype)
        decoded = replace(window, stored=numbers[np.newaxis]).decoded(slice(None), dtype)
        with np.errstate(all="ignore"):
            return self.program.values({self.given: decoded[:, np.newaxis, np.newaxis, :]}, self.found)


def shortened(program: Program, given: Iterable[Key]) -> tuple[Program, tuple[Lookup, ...]]:
    """Return the program without the steps that hang on one of the given arrays alone, and these.

    Args:
        program: Steps from arrays (dates, 1, 1, pixels) to a result.
        given: Those of its arrays that hold few different numbers.
    """
    lookups = []
    for key in given:
        alone = _alone(program, key)
        found = tuple(name for name in alone if name != key and _is_used_elsewhere(program, name, alone))
        if found and len(found) < len(alone) - 1:
            own = program.steps_of(alone - {key})
            lookups.append(Lookup(key, own, found))
            program = program.without(alone - {key}, found)
    return program, tuple(lookups)


def _alone(program: Program, given: Key) -> set[Key]:
    """Return the key and those of steps that work pixel by pixel on nothing but what comes from it."""
    alone = {given}
    for key, step, _ in program.steps:
        if step.dependencies and set(step.dependencies) <= alone and _is_pixelwise(step):
            alone.add(key)
    return alone


def _is_pixelwise(step: GraphNode) -> bool:
    if not isinstance(step, Task) or step.kwargs:
        return False
    if isinstance(step.func, Step):
        return isinstance(step.func.kernel, Lifted)
    # Dask takes a band from an axis of one, or adds such an axis; a table has its dates first and its pixels last.
    index = step.args[1] if getattr(step.func, "__name__", "") == "getitem" else None
    if not isinstance(index, tuple) or not index or index[0] != slice(None) or index[-1] != slice(None):
        return False
    return all(one is None or one == 0 or one == slice(None) for one in index)


def _is_used_elsewhere(program: Program, name: Key, alone: set[Key]) -> bool:
    used = any(name in step.dependencies for key, step, _ in program.steps if key not in alone)
    return used or any(key == name for key, _ in program.parts)


def spread(table: NDArray[Any], stored: NDArray[Any]) -> NDArray[Any]:
    """Return what a table has for stored numbers of one byte (dates, pixels), as an array (dates, 1, …, pixels)."""
    numbers = stored.view("uint8")
    flat = table.reshape(-1)
    shape = (stored.shape[0], *table.shape[1:-1], stored.shape[1])
    kind = _BITS.get(flat.dtype.itemsize) if flat.dtype.kind == "f" else None
    runs = _runs(flat.view(kind)) if kind is not None else []
    if kind is None or len(runs) > _MOST_RUNS:
        taken: NDArray[Any] = flat.take(numbers)
        return taken.reshape(shape)
    common = max({value for value, _, _ in runs}, key=lambda bits: sum(e - b for v, b, e in runs if v == bits))
    result: NDArray[Any] | None = None
    for value in dict.fromkeys(value for value, _, _ in runs if value != common):
        hit = _hit(numbers, [(begin, end) for bits, begin, end in runs if bits == value])
        if hit.any():
            changed = hit.astype(kind)
            changed *= np.array(value ^ common, kind)
            result = changed if result is None else np.bitwise_xor(result, changed, out=result)
    if result is None:
        return np.full(shape, np.array(common, kind).view(flat.dtype)[()])
    if common:
        result ^= np.array(common, kind)
    return result.view(flat.dtype).reshape(shape)


def _runs(bits: NDArray[Any]) -> list[tuple[int, int, int]]:
    """Return stretches of equal numbers: the number, where it begins, and where it ends."""
    begins = [0, *(np.flatnonzero(np.diff(bits)) + 1).tolist(), bits.size]
    return [(int(bits[begin]), begin, end) for begin, end in pairwise(begins)]


def _hit(numbers: NDArray[Any], runs: list[tuple[int, int]]) -> NDArray[np.bool_]:
    found = np.zeros(numbers.shape, dtype=np.bool_)
    for begin, end in runs:
        if end - begin == 1:
            found |= numbers == begin
        else:
            # One comparison in place of two: what lies below wraps around.
            found |= numbers - np.uint8(begin) < np.uint8(end - begin) if end - begin < _NUMBERS else True
    return found
