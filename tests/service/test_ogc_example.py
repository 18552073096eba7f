"""The example of a package, sent to a provider with its scripts: what comes back is what is computed here."""

from pathlib import Path

import pytest
from processes_api import ProcessesAPI, offering

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine
from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.experiments.overrides import override
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]


def pinned(checkout: Path, scenes: str) -> PinnedExperiment:
    folder = checkout / "examples" / "water-mask-cwl"
    declared = override(read_experiment(folder), {"scenes": scenes}, {})
    return PinnedExperiment(
        experiment=declared, folder=str(folder), workflow=pin_workflow(declared, folder),
        inputs=pin_inputs(declared.inputs, folder),
    )  # fmt: skip


def test_the_example_gives_at_a_provider_what_it_gives_here(checkout: Path, shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "ls5-nbar-canberra-1992"
    here = CWLEngine(settings=Settings(containers=())).run(
        pinned(checkout, str(data / "collection.json")), tmp_path / "here"
    )
    with offering(ProcessesAPI(data, jobs_in=tmp_path / "jobs")) as provider:
        engine = ProcessesEngine(Endpoint(provider.url, pace=Pace(first=0.2, longest=1.0)))
        there = engine.run(pinned(checkout, provider.data("collection.json")), tmp_path / "there")
        (package,) = provider.packages.values()
    assert "contents" in str(package)
    assert there.files[0].data_checksum == here.files[0].data_checksum
