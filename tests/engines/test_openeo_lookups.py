"""What hangs on classes alone is looked up, and gives the numbers that the steps give."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.fused.lookup import spread

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
