"""What hangs on classes alone is looked up, and gives the numbers that the steps give."""

import operator
from typing import Any

import numpy as np
import pytest
from dask._task_spec import Task, TaskRef
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.fused.lookup import shortened, spread
from earthcode_platform.engines.openeo.fused.program import Program

ALL = slice(None)
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, np.nan, np.inf, -7.5])


@st.composite
def tables(draw: st.DrawFn) -> NDArray[Any]:
    """Draw a table of a few stretches of equal numbers, or of none."""
    kind = draw(st.sampled_from(["float32", "float64"]))
    if draw(st.booleans()):
        return np.random.default_rng(draw(st.integers(0, 99))).normal(size=256).astype(kind)
    begins = [0, *sorted(draw(st.sets(st.integers(1, 255), max_size=9)))]
    table = np.empty(256, kind)
    for begin in begins:
        table[begin:] = draw(NUMBERS)
    return table


@given(
    tables(), st.sampled_from([(1, 1, 1, 256), (1, 1, 256)]), st.sampled_from(["uint8", "int8"]), st.integers(1, 256)
)
@settings(max_examples=60, deadline=None)
def test_numbers_are_those_of_the_table_bit_by_bit(
    table: NDArray[Any], shape: tuple[int, ...], kind: str, most: int
) -> None:
    stored = np.random.default_rng(5).integers(0, most, (3, 41)).astype("uint8")
    found = spread(table.reshape(shape), stored.view(kind))
    assert (found.shape, found.dtype) == ((3, *shape[1:-1], 41), table.dtype)
    assert found.tobytes() == table[stored].tobytes()


def test_truth_values_that_are_no_floats_are_looked_up_too() -> None:
    table = (np.arange(256) % 3 == 0).reshape(1, 1, 256)
    stored = np.arange(24, dtype="uint8").reshape(2, 12)
    np.testing.assert_array_equal(spread(table, stored)[:, 0], stored % 3 == 0)


@pytest.mark.parametrize(
    ("index", "looked_up"),
    [
        ((ALL, 0, ALL, ALL), True),
        ((ALL, None, ALL, ALL, ALL), True),
        ((None, ALL, ALL, ALL, ALL), False),
        ((0, ALL, ALL, ALL), False),
        ((ALL, ALL, ALL, 0), False),
        ((ALL, ALL, ALL, ALL, None), False),
    ],
)
def test_dates_stay_first_and_pixels_last_in_a_table(index: tuple[object, ...], *, looked_up: bool) -> None:
    band, same, moved, result = ("band", 0, 0, 0, 0), ("same", 0), ("moved", 0), ("result", 0)
    steps = (
        (same, Task(same, operator.getitem, TaskRef(band), (ALL, ALL, ALL, ALL)), ()),
        (moved, Task(moved, operator.getitem, TaskRef(same), index), ()),
        (result, Task(result, np.cumsum, TaskRef(moved)), ()),
    )
    program = Program(steps, frozenset({band}), ((result, ()),), (), np.dtype("float32"))
    lookups = shortened(program, [band])[1]
    assert [one.found for one in lookups] == ([(moved,)] if looked_up else [])
