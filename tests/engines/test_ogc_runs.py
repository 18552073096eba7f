"""Packages that run at a provider: deployed, executed, followed, and their results made a product."""

from pathlib import Path

import cwl_pieces
import numpy as np
import pytest
import rasterio
from processes_api import TOKEN, ProcessesAPI, offering
from processes_runs import endpoint, engine, handed_back, pinned, with_catalog
from pydantic import SecretStr

from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine
from earthcode_platform.engines.registry import available, engine_named, find_engine


def test_it_is_chosen_by_its_name_and_never_by_a_kind() -> None:
    assert isinstance(engine_named("ogc-api-processes"), ProcessesEngine)
    assert find_engine("cwl") is CWLEngine
    assert available()["cwl"] == "cwl"


@pytest.mark.service
def test_a_package_gives_at_a_provider_what_it_gives_here(provider: ProcessesAPI, tmp_path: Path) -> None:
    app, files = with_catalog()
    experiment = pinned(provider, tmp_path / "e", app, files)
    told: list[tuple[float, str]] = []
    there = ProcessesEngine(endpoint(provider), lambda fraction, step: told.append((fraction, step)))
    assert [
        one
        for one in there.check(experiment.workflow, experiment.inputs, experiment.experiment)
        if one.severity == "error"
    ] == []
    assert (provider.packages, provider.jobs.made) == ({}, 0)
    result = there.run(experiment, tmp_path / "w")
    (made,) = result.files
    assert Path(made.path) == tmp_path / "w" / "result" / "copied.tif"
    assert (made.start.isoformat(), made.title) == ("2020-02-02T00:00:00+00:00", "A copied raster")
    assert Path(result.quicklook).read_bytes().startswith(b"\x89PNG")
    here = CWLEngine(settings=Settings(containers=())).run(experiment, tmp_path / "h")
    assert made.data_checksum == here.files[0].data_checksum
    remote = result.engine.remote
    assert remote is not None
    (name,) = provider.packages
    assert (remote.backend, remote.job, remote.api_version) == (provider.url, "job-1", "1.0")
    assert set(remote.processes) == {name, f"{name}/package"}
    assert remote.verified == {"a/data": ("content",)}
    assert remote.logs[-1] == "done"
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert "job job-1: successful: done" in [step for _, step in told]
    assert {path.name for path in (tmp_path / "w").iterdir()} == {"result", "quicklook.png", "remote-process.json"}
    (asked,) = provider.requests("POST", f"/processes/{name}/execution")
    assert asked.headers["prefer"] == "respond-async"


@pytest.mark.service
def test_results_by_value_and_items_as_texts(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.texts, provider.transmits, provider.takes = True, ("value",), ("application/cwl+yaml",)
    inputs = {"scenes": {"href": provider.data("scenes/collection.json")}}
    experiment = pinned(provider, tmp_path / "e", cwl_pieces.scattered(), inputs=inputs)
    result = engine(provider).run(experiment, tmp_path / "w")
    assert len(result.files) == 2
    with rasterio.open(result.files[0].path) as first, rasterio.open(result.files[1].path) as second:
        np.testing.assert_array_equal(abs(second.read(1) - first.read(1)), 1.0)
    assert [one.headers["content-type"] for one in provider.requests("POST", "/processes")] == [
        "application/cwl+json",
        "application/cwl+yaml",
    ]


def test_a_process_is_deployed_once_and_its_token_sent_to_it_alone(tmp_path: Path, scenes: Path) -> None:
    with offering(ProcessesAPI(scenes, token=TOKEN)) as provider:
        experiment = pinned(provider, tmp_path / "e")
        provider.jobs.instead = handed_back(provider)
        there = engine(provider, token=SecretStr(TOKEN))
        for number in range(2):
            result = there.run(experiment, tmp_path / f"w{number}")
        assert result.engine.remote is not None
        assert result.engine.remote.verified == {"scene-2023-08-01/B01": ("size", "checksum", "content")}
        assert len(provider.requests("POST", "/processes")) == 1
        assert provider.jobs.made == 2
        data = [one for one in provider.asked if one.path.startswith("/data/")]
        assert data
        assert not any("authorization" in one.headers for one in data)
        kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert not any(TOKEN.encode() in content for content in kept)


def test_what_a_run_made_there_is_taken_away_where_the_block_says_so(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.instead = handed_back(provider)
    there = engine(provider, deletes=True, undeploys=True)
    there.run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert (provider.packages, provider.jobs.dismissed) == ({}, ["job-1"])


def test_a_process_that_the_block_names_stands_for_a_workflow(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.instead = handed_back(provider)
    experiment = pinned(provider, tmp_path / "e")
    engine(provider).run(experiment, tmp_path / "w")
    (name,) = provider.packages
    provider.packages["theirs"] = provider.packages.pop(name)
    provider.conforms = [one for one in provider.conforms if "processes-2" not in one]
    there = engine(provider, processes={"copying": "theirs"})
    found = there.check(experiment.workflow, experiment.inputs, experiment.experiment)
    assert "workflow-backend-process" in [one.code for one in found]
    remote = there.run(experiment, tmp_path / "v").engine.remote
    assert remote is not None
    assert set(remote.processes) == {"theirs"}


@pytest.mark.parametrize("named", [False, True])
def test_results_as_pygeoapi_hands_them_out(provider: ProcessesAPI, tmp_path: Path, *, named: bool) -> None:
    results = handed_back(provider)
    provider.jobs.instead = {"outputs": [results["made"] | {"id": "made"}] if named else [results]}
    rel = "http://www.opengis.net/def/rel/ogc/1.0/results"
    provider.changed["/jobs/{id}"] = lambda held: (
        held
        | {
            "links": [
                {"href": f"{provider.url}/page", "rel": rel, "type": "text/html"},
                {"href": f"{provider.url}/jobs/job-1/results", "rel": rel, "type": "application/json"},
            ]
        }
    )
    assert len(engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w").files) == 1


@pytest.mark.parametrize("takes", ["application/ogcapppkg+json"])
def test_a_provider_that_takes_application_packages_gets_one(
    provider: ProcessesAPI, tmp_path: Path, takes: str
) -> None:
    provider.takes = (takes,)
    provider.conforms = [*(one for one in provider.conforms if not one.endswith("/cwl")),
                         "http://www.opengis.net/spec/ogcapi-processes-2/1.0/conf/ogcapppkg"]  # fmt: skip
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert len(provider.packages) == 1
