"""Lazy cubes are computed on the cluster at hand, else on threads, and tell how far they are."""

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from distributed import Client, LocalCluster

from earthcode_platform.cubes.compute import compute


def lazy() -> xr.DataArray:
    return cube(np.arange(256.0).reshape(1, 1, 16, 16)) * 2


def assert_told(told: list[float]) -> None:
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) == len(set(told)) > 3
    assert min(told) >= 0


def test_threads_report_progress() -> None:
    told: list[float] = []
    (found,) = compute([lazy()], told.append)
    assert isinstance(found.data, np.ndarray)
    np.testing.assert_array_equal(found.values.ravel(), np.arange(256) * 2)
    assert_told(told)


def test_a_cluster_at_hand_is_used() -> None:
    told: list[float] = []
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        first, second = compute([lazy(), lazy() + 1], told.append)
        done = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_log)
        assert len(done) > 0
    assert isinstance(first.data, np.ndarray)
    np.testing.assert_array_equal(second.values, first.values + 1)
    assert_told(told)


def test_cubes_in_memory_pass_through() -> None:
    told: list[float] = []
    (found,) = compute([lazy().compute()], told.append)
    np.testing.assert_array_equal(found.values, lazy().values)
    assert told[-1] == 1.0


def test_what_fails_while_computing_is_raised() -> None:
    def fail(_block: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
        raise ValueError("no such pixel")

    broken = lazy().copy(data=lazy().data.map_blocks(fail, dtype="float64", meta=np.empty(0)))
    with pytest.raises(ValueError, match="no such pixel"):
        compute([broken], lambda _fraction: None)
