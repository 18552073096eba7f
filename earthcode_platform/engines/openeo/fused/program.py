"""What a graph does to the values of a few pixels, as steps that run one after the other on NumPy arrays.

The steps are not written a second time: they are the tasks that the processes themselves gave Dask for a cube of a few
pixels. So a block gets the same values as the lazy cube, by the same functions, without a scheduler between two steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dask._task_spec import GraphNode
    from dask.array import Array
    from numpy.typing import NDArray

__all__ = ["Program", "compiled"]

Key: TypeAlias = Any
"""A key of Dask: a tuple of a name and the place of a block."""


@dataclass(frozen=True)
class Program:
    """Steps from given arrays to one result."""

    steps: tuple[tuple[Key, GraphNode, tuple[Key, ...]], ...]
    """What is computed, by what, and which arrays nobody needs behind it."""
    given: frozenset[Key]
    """The arrays that it starts from."""
    parts: tuple[tuple[Key, tuple[slice, ...]], ...]
    """Blocks of the result, and where they lie in it."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def run(self, arrays: Mapping[Key, NDArray[Any]]) -> NDArray[Any]:
        """Return the result for the arrays given, by their keys."""
        results = self.values(arrays, [key for key, _ in self.parts])
        if len(self.parts) == 1:
            (only,) = results.values()
            return only
        result = np.empty(self.shape, self.dtype)
        for key, place in self.parts:
            result[place] = results[key]
        return result

    def values(self, arrays: Mapping[Key, NDArray[Any]], wanted: Iterable[Key]) -> dict[Key, NDArray[Any]]:
        """Return arrays that the steps make of those given, by their keys."""
        values: dict[Key, Any] = dict(arrays)
        for key, step, done in self.steps:
            values[key] = step(values)
            for finished in done:
                del values[finished]
        return {key: values[key] for key in wanted}

    def steps_of(self, keys: Collection[Key]) -> Program:
        """Return a program of some steps, which keeps every array."""
        return replace(self, steps=tuple((key, step, ()) for key, step, _ in self.steps if key in keys), parts=())

    def without(self, keys: Collection[Key], given: Collection[Key]) -> Program:
        """Return the program without some steps; what is needed of them is given to it."""
        kept = [(key, step) for key, step, _ in self.steps if key not in keys]
        return _program(kept, self.given | set(given), self.parts, (self.shape, self.dtype))


def _program(
    steps: Sequence[tuple[Key, GraphNode]],
    starts: Collection[Key],
    parts: tuple[tuple[Key, tuple[slice, ...]], ...],
    kind: tuple[tuple[int, ...], np.dtype[Any]],
) -> Program:
    """Return a program that lets go of each array behind its last use."""
    results = {key for key, _ in parts}
    last = {source: key for key, step in steps for source in step.dependencies}
    finished: dict[Key, list[Key]] = {}
    for source, key in last.items():
        if source not in results:
            finished.setdefault(key, []).append(source)
    return Program(
        steps=tuple((key, step, tuple(finished.get(key, ()))) for key, step in steps),
        given=frozenset(starts) & {*last, *results},
        parts=parts,
        shape=kind[0],
        dtype=kind[1],
    )


def compiled(array: Array, given: Iterable[Key]) -> Program:
    """Return the steps that compute a Dask array.

    Args:
        array: The array.
        given: Keys in its graph whose values will be handed over.
    """
    from dask._task_spec import convert_legacy_graph
    from dask.array.core import slices_from_chunks
    from dask.core import flatten

    nodes: dict[Key, GraphNode] = convert_legacy_graph(dict(array.__dask_graph__()))
    starts = frozenset(given)
    results = list(flatten(array.__dask_keys__()))  # type: ignore[no-untyped-call]  # dask annotates no arrays
    order = _ordered(nodes, results, starts)
    parts = tuple(zip(results, slices_from_chunks(array.chunks), strict=True))  # type: ignore[no-untyped-call]  # nor this
    return _program([(key, nodes[key]) for key in order], starts, parts, (array.shape, array.dtype))


def _ordered(nodes: Mapping[Key, GraphNode], results: list[Key], starts: frozenset[Key]) -> list[Key]:
    """Return the keys that the results need, each behind those that it needs itself, and close to its use."""
    ordered: dict[Key, None] = {}
    pending = [(key, False) for key in reversed(results)]
    while pending:
        key, expanded = pending.pop()
        if key in ordered or key in starts:
            continue
        if expanded:
            ordered[key] = None
        else:
            pending.append((key, True))
            pending += [(source, False) for source in sorted(nodes[key].dependencies, key=str)]
    return list(ordered)
