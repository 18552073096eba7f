import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthcode_platform.cubes.running import RunningMoments, RunningStatistics

BLOCKS = st.lists(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=0, max_size=20), min_size=1, max_size=6
)


@given(BLOCKS)
def test_small_data_give_the_figures_of_numpy(blocks: list[list[float]]) -> None:
    found = RunningStatistics()
    for block in blocks:
        found.add(np.array(block, dtype="float64"))
    values = np.array([number for block in blocks for number in block])
    valid = values[np.isfinite(values)]
    assert (found.count, found.valid) == (values.size, valid.size)
    if not valid.size:
        assert np.isnan([found.quantile(0.5), found.stddev]).all()
        return
    assert (found.minimum, found.maximum) == (valid.min(), valid.max())
    np.testing.assert_allclose([found.mean, found.stddev], [valid.mean(), valid.std()], rtol=1e-9, atol=1e-6)
    for part in (0.0, 0.02, 0.5, 0.98, 1.0):
        np.testing.assert_allclose(found.quantile(part), np.quantile(valid, part), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("count", [5, 400])
def test_ranks_of_large_data_are_off_by_a_thousandth_at_most(count: int) -> None:
    drawn = np.random.default_rng(7)
    blocks = [drawn.gamma(2.0, size=4000).astype("float32") + number % 3 for number in range(count)]
    found = RunningStatistics()
    for block in blocks:
        found.add(block)
    values = np.concatenate(blocks)
    for part in (0.02, 0.25, 0.5, 0.75, 0.98):
        assert abs((values < found.quantile(part)).mean() - part) < 1e-3
    np.testing.assert_allclose(found.mean, values.mean(dtype="float64"), rtol=1e-12)


def test_infinite_values_are_no_data() -> None:
    found = RunningStatistics()
    found.add(np.array([np.inf, -np.inf, 3.0]))
    assert (found.count, found.valid, found.maximum) == (3, 1, 3.0)


@given(BLOCKS)
def test_moments_need_no_order(blocks: list[list[float]]) -> None:
    moments, statistics = RunningMoments(), RunningStatistics()
    for block in blocks:
        moments.add(np.array(block, dtype="float64"))
        statistics.add(np.array(block, dtype="float64"))
    for name in ("count", "valid", "minimum", "maximum", "mean", "stddev"):
        np.testing.assert_equal(getattr(moments, name), getattr(statistics, name))
