"""A run is computed on the cluster that the block names, within its memory, and told what it took."""

import json
import re
import sys
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from dask.system import CPU_COUNT
from distributed import default_client
from pydantic import ValidationError

from blocks.compute import DaskCompute
from blocks.dask_clusters import local_threads
from blocks.measuring import MEASURES, REPORT, measured
from earthcode_platform.cubes.streaming.memory import require_room, require_room_for_all
from earthcode_platform.errors import ExecutionError, MissingExtraError

GIB = 1024**3


class Blocks:
    """A source of which only the size counts."""

    shape = (4096, 4096)
    dtype = np.dtype("float32")
    side = 1024
    hrefs = ()

    def __init__(self, block_bytes: int) -> None:
        self.block_bytes = block_bytes

    def __getitem__(self, key: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        raise AssertionError(f"nothing is computed: {key}")


def test_a_local_cluster_has_a_thread_for_each_core_that_has_memory() -> None:
    assert local_threads(None, 64 * 1024 * GIB) == CPU_COUNT
    assert local_threads(None, GIB // 2) == 1
    assert local_threads(7, GIB) == 7
    with DaskCompute(cluster_memory_gib=1.5).client():
        (worker,) = default_client().scheduler_info(n_workers=-1)["workers"].values()
    assert (worker["nthreads"], worker["memory_limit"]) == (1, int(1.5 * GIB))


def test_what_does_not_fit_is_refused_before_it_runs() -> None:
    huge = xr.DataArray(da.zeros((8, 16_384, 16_384), chunks=4096), dims=("t", "y", "x"))
    with DaskCompute(cluster_memory_gib=2, threads=4).client():
        require_room(Blocks(GIB // 4), "here")
        with pytest.raises(
            ExecutionError, match=r"4 blocks at a time would need at least 4\.25 GiB .* there are 2\.00"
        ):
            require_room(Blocks(GIB), "here")
        require_room_for_all([huge[0, :512, :512]], "here")
        with pytest.raises(ExecutionError, match=r"the whole result would need at least 48\.25 GiB .* COG or Zarr"):
            require_room_for_all([huge], "here")


@pytest.mark.parametrize(("field", "package"), [("gateway", "dask-gateway"), ("kubernetes", "dask-kubernetes")])
def test_a_cluster_that_needs_a_package_names_it(field: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package.replace("-", "_"), None)
    block = DaskCompute(**{field: "https://gateway.example.org"})
    with pytest.raises(MissingExtraError, match=f"by {package}, which is not installed.*pip install"), block.client():
        pass


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError) as caught:
        DaskCompute(gateway="https://me:hunter2@gateway.example.org")
    assert "hunter2" not in str(caught.value)


def test_a_run_has_one_cluster() -> None:
    with pytest.raises(ValidationError, match="scheduler and gateway are both given"):
        DaskCompute(scheduler="tcp://127.0.0.1:8786", gateway="https://gateway.example.org")


def test_memory_and_the_report_of_dask_are_kept_with_the_run(tmp_path: Path) -> None:
    with DaskCompute(threads=1).client(), measured(tmp_path) as took:
        assert float(cube(np.ones((1, 1, 8, 8))).sum().compute()) == 64
    told = json.loads((tmp_path / MEASURES).read_text())
    assert told == {**took.rows, "seconds": told["seconds"]}
    assert (told["workers"], told["threads"]) == (1, 1)
    assert told["peak_memory_mb"] > 50
    page = (tmp_path / REPORT).read_text()
    assert "<html" in page
    assert "<script src=" not in page
    assert not re.search(r"<(?:link|img|iframe)\b[^>]*https?:", page)
    assert took.report == tmp_path / REPORT


def test_a_run_that_fails_is_measured_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), measured(tmp_path):
        raise ValueError("broken")
    assert json.loads((tmp_path / MEASURES).read_text())["workers"] == 0
    assert not (tmp_path / REPORT).exists()
