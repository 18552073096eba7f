"""Which engine runs a workflow: by its language here, by the block that `backend` names at a provider."""

from pathlib import Path

import cwl_pieces
import pytest

from blocks.compute import DaskCompute
from blocks.cwl_packages import CWLPackages
from blocks.engines import chosen_engine
from blocks.input_access import InputAccess
from blocks.ogc_api_processes import OGCAPIProcesses
from blocks.openeo_backend import OpenEOBackend
from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.engines.remote_openeo.engine import RemoteOpenEOEngine
from earthcode_platform.errors import InputError
from earthcode_platform.isolation.limits import Limits
from tasks.develop import lint
from tasks.validate import gate_workflow


def nobody(_name: str) -> None:
    raise ValueError("there is none")


@pytest.fixture(autouse=True)
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both kinds of provider have a block of any name, and the packages none."""
    for kind in (OpenEOBackend, OGCAPIProcesses):
        monkeypatch.setattr(kind, "load", classmethod(lambda cls, _name: cls(url="https://near.example.org")))
    monkeypatch.setattr(CWLPackages, "load", nobody)


def test_without_a_block_the_engine_here_is_chosen() -> None:
    assert isinstance(chosen_engine("openeo", None), OpenEOEngine)
    assert isinstance(chosen_engine("cwl", None), CWLEngine)


def test_one_parameter_names_the_block_and_the_language_says_of_which_kind() -> None:
    assert isinstance(chosen_engine("openeo", "near-the-data"), RemoteOpenEOEngine)
    assert isinstance(chosen_engine("cwl", "near-the-data"), ProcessesEngine)
    with pytest.raises(InputError, match="'notebook' run at no provider, and the run names the back-end 'near'"):
        chosen_engine("notebook", "near")


def test_what_packages_may_use_is_the_less_of_both_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = CWLPackages(runtimes=[], cores=2, memory_gib=2, tool_hours=0.5, without_images=True)
    monkeypatch.setattr(CWLPackages, "load", classmethod(lambda _cls, _name: allowed))
    engine = chosen_engine("cwl", None, offered={"limits": Limits(seconds=60, memory_bytes=2**30)})
    assert isinstance(engine, CWLEngine)
    settings = engine.settings
    assert (settings.containers, settings.cores, settings.without_images) == ((), 2, True)
    assert (settings.memory_mib, settings.seconds, settings.tool.seconds) == (1024, 60, 60)


def test_packages_are_gated_and_tried_by_what_the_blocks_allow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = cwl_pieces.tool(requirements={"ResourceRequirement": {"ramMin": 600, "coresMin": 3}})
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path, files={"tools/copy.cwl": tool}))
    monkeypatch.setattr(CWLPackages, "load", classmethod(lambda cls, _name: cls(runtimes=[], cores=2)))
    monkeypatch.setattr(DaskCompute, "load", classmethod(lambda cls, _name: cls(memory_gib=0.5)))
    monkeypatch.setattr(InputAccess, "load", nobody)
    for findings in (gate_workflow.fn(pinned, "small", None), lint.fn(pinned, "small")[1]):
        told = [one.message for one in findings if one.code == "workflow-too-large"]
        assert any("600 MiB of memory at least, and this platform gives 512" in one for one in told)
        assert any("3 cores at least, and this platform gives 2" in one for one in told)
