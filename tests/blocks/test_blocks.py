import logging
from pathlib import Path

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites import BlockStandardTestSuite
from pydantic import ValidationError

from blocks.catalog import OpenScienceCatalog
from blocks.compute import DaskCompute
from blocks.container_registry import ContainerRegistry
from blocks.cwl_packages import CWLPackages
from blocks.home import home
from blocks.input_access import InputAccess
from blocks.ogc_api_processes import OGCAPIProcesses
from blocks.openeo_backend import OpenEOBackend
from blocks.policy import GatePolicy
from blocks.results_delivery import ResultsDelivery
from blocks.results_store import ResultsStore
from blocks.web_access import WebAccess
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.isolation.limits import Isolation, Limits

KINDS = [
    ResultsStore,
    OpenScienceCatalog,
    DaskCompute,
    WebAccess,
    InputAccess,
    OpenEOBackend,
    OGCAPIProcesses,
    CWLPackages,
    ContainerRegistry,
    GatePolicy,
    ResultsDelivery,
]


class TestStandards(BlockStandardTestSuite):
    @pytest.fixture(params=KINDS)
    def block(self, request: pytest.FixtureRequest) -> type[Block]:
        kind: type[Block] = request.param
        return kind

    def test_has_a_valid_image(self, block: type[Block]) -> None:
        # A logo would have to lie at a public address, and the UI would ask an outside host for it.
        assert block._to_block_type().logo_url is None  # noqa: SLF001 - no public reader


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_default_and_a_description(kind: type[Block]) -> None:
    kind()
    for name, field in kind.model_fields.items():
        assert not field.is_required(), name
        assert field.description, name


@pytest.mark.parametrize("kind", [one for one in KINDS if one is not DaskCompute])
def test_a_block_shows_no_secret_that_it_refuses(kind: type[Block]) -> None:
    for name, field in kind.model_fields.items():
        if "SecretStr" in str(field.annotation) or any("_open" in str(one) for one in field.metadata):
            with pytest.raises(ValidationError) as caught:
                kind.model_validate({name: {"x": "hunter2"}})
            assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["ada:hunter2@example.org/team", "ada@example.org", "https://ada:hunter2@example.org/team"]
)
def test_an_address_of_a_registry_holds_no_user(address: str) -> None:
    with pytest.raises(ValidationError, match="leave it out of the address") as caught:
        ContainerRegistry(address=address)
    assert "hunter2" not in str(caught.value)
    assert ContainerRegistry(address="example.org:5000/team").get_registry() is not None


def test_the_home_comes_from_one_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHCODE_HOME", str(tmp_path / "h"))
    assert home() == tmp_path / "h"
    assert ResultsStore().get_store().href("x") == f"file://{tmp_path}/h/archive/x"
    monkeypatch.delenv("EARTHCODE_HOME")
    monkeypatch.chdir(tmp_path)
    assert home() == tmp_path / ".earthcode"


def test_the_own_catalog_is_made_on_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHCODE_HOME", str(tmp_path))
    assert not (tmp_path / "catalog.git").exists()
    OpenScienceCatalog().get_repository()
    assert (tmp_path / "catalog.git" / "HEAD").is_file()


def test_a_local_cluster_is_current_only_inside(tmp_path: Path) -> None:
    del tmp_path
    import dask.array as da
    from distributed import get_client

    with DaskCompute(threads=2).client() as address:
        assert get_client().scheduler.address == address
        assert int(da.ones((4, 4), chunks=2).sum().compute()) == 16
    with pytest.raises(ValueError, match="No global client"):
        get_client()


def test_a_scheduler_that_is_no_address_is_named() -> None:
    with pytest.raises(InputError, match=r"'foo://x:1' is no address"), DaskCompute(scheduler="foo://x:1").client():
        pass


@pytest.mark.parametrize("url", ["https://ada:hunter2@example.org/x.git", ""])
def test_an_address_with_credentials_or_without_content_is_no_catalog(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        OpenScienceCatalog(url=url)
    assert "hunter2" not in str([error["msg"] for error in caught.value.errors()])
    with pytest.raises(ValidationError):
        ResultsStore(public_url="https://ada:hunter2@example.org/archive")


def test_a_scheduler_that_is_not_there_is_named() -> None:
    block = DaskCompute(scheduler="tcp://127.0.0.1:9", timeout=0.5)
    with pytest.raises(UnavailableError, match=r"'tcp://127\.0\.0\.1:9' does not answer"), block.client():
        pass


def _logged() -> list[str]:
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("rasterio._env")
    logger.addHandler(handler)
    logger.warning("code on %s", "https://s3.example/b/k?X-Amz-Signature=abc123")
    logger.removeHandler(handler)
    return told


def test_workers_of_a_named_cluster_log_no_signatures() -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        DaskCompute(scheduler=cluster.scheduler_address).client(),
    ):
        from distributed import get_client

        (told,) = get_client().run(_logged).values()
    assert told == ["code on https://s3.example/b/k?X-Amz-Signature=…"]


def test_what_programs_may_use_and_how_isolated_is_said_by_the_block() -> None:
    options = DaskCompute(isolation="process", memory_gib=0.5).for_programs()
    assert options["least"] is Isolation.PROCESS
    assert isinstance(options["limits"], Limits)
    assert options["limits"].memory_bytes == 512 * 1024**2
    assert DaskCompute().for_programs()["least"] is Isolation.NAMESPACES
    with pytest.raises(ValidationError):
        DaskCompute(isolation="none")
