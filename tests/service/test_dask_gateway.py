"""A real dask-gateway server starts a cluster for a run, and stops it whatever becomes of the run."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from dask_processes import SlowMap, streamed
from distributed import default_client
from gateway_server import PASSWORD, USER, GatewayProcess, gateway_running
from pydantic import SecretStr

from blocks.compute import DaskCompute
from blocks.measuring import MEASURES, REPORT, measured
from earthcode_platform import checksums
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.streaming.stream import Streamed, stream
from earthcode_platform.errors import InputError, UnavailableError

pytestmark = [pytest.mark.service, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    with gateway_running(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A server that gives no workers any more."""
    with gateway_running(tmp_path_factory.mktemp("full"), most=0) as running:
        yield running


def block(server: GatewayProcess, password: str = PASSWORD, **more: float) -> DaskCompute:
    return DaskCompute(gateway=server.address, gateway_user=USER, gateway_password=SecretStr(password), **more)


def then_fail(gateway: GatewayProcess, job: Streamed, run: Path) -> None:
    """Stream a product on a cluster of two workers, and fail afterwards."""
    with block(gateway).client() as address, measured(run):
        default_client().wait_for_workers(2)
        stream(job, lambda _fraction: None)
        assert address.startswith("gateway://127.0.0.1:")
        assert len(gateway.clusters()) == 1
        default_client().submit(lambda: 1 / 0).result()


def test_a_streamed_product_is_the_one_that_threads_make_and_its_cluster_ends_with_the_run(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    stream(streamed(SlowMap(str(tmp_path / "notes-here"), seconds=0), here)[0], lambda _fraction: None)
    source = SlowMap(str(tmp_path / "notes"), seconds=0.05)
    job, _ = streamed(source, there)
    run = tmp_path / "run"
    with pytest.raises(ZeroDivisionError):
        then_fail(gateway, job, run)
    assert gateway.clusters() == []
    assert checksums.of_path(job.path) == checksums.of_path(here / "result" / "map.zarr")
    np.testing.assert_array_equal(reopen(job.path).values, source.values())
    assert os.getpid() not in {process for process, *_ in source.noted()}
    assert len({process for process, *_ in source.noted()}) == 2
    measures = json.loads((run / MEASURES).read_text())
    assert measures["workers"] == 2
    assert measures["peak_memory_of_workers_mb"] > 50
    assert "Dask Performance Report" in (run / REPORT).read_text()
    assert PASSWORD not in (run / REPORT).read_text()


def test_who_is_refused_or_finds_nobody_is_told_so(gateway: GatewayProcess, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dask-gateway refuses: 401 Unauthorized\. Correct gateway") as wrong:
        block(gateway, "wrong-secret").client().__enter__()
    assert "wrong-secret" not in str(wrong.value) + repr(wrong.value.__dict__)
    assert wrong.value.where == gateway.address
    nobody = GatewayProcess("http://127.0.0.1:1", tmp_path)
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1: dask-gateway starts no cluster: Cannot connect"):
        block(nobody).client().__enter__()


def test_a_server_that_gives_no_workers_is_waited_for_and_then_left(full: GatewayProcess) -> None:
    with (
        pytest.warns(UserWarning, match="exceed resource limit of 0 workers"),
        pytest.raises(UnavailableError, match="none of 2 workers within 20 s; perhaps no quota is left"),
    ):
        block(full, start_timeout=20).client().__enter__()
    assert full.clusters() == []
