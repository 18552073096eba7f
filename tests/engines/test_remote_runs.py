"""The same experiment, computed at a back-end and here; and what is sent for it."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from cube_factories import gridded
from factories import GRAPH
from openeo_backend import CANARY, OpenEOBackend
from openeo_jobs import Jobs
from remote_runs import BASIC, MACHINE, PERSON, engine, options, pinned, serving_scenes

from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.engines.remote_openeo.backend import Credentials
from earthcode_platform.errors import InputError
from earthcode_platform.models.run import RunResult


def local(backend: OpenEOBackend) -> dict[str, str]:
    # GDAL would wait, with Python's lock in its hand, for the server in this process: here the files are local.
    return {"scenes": str(backend.folder / "scenes" / "collection.json")}


def both(backend: OpenEOBackend, folder: Path, graph: dict[str, Any], **changes: object) -> tuple[RunResult, RunResult]:
    """Return what comes out there and here."""
    there = engine(backend).run(pinned(backend, folder / "experiment", graph, **changes), folder / "there")
    here = OpenEOEngine().run(pinned(backend, folder / "experiment", graph, local(backend), **changes), folder / "here")
    return there, here


def test_the_product_is_the_one_that_is_computed_here(backend: OpenEOBackend, tmp_path: Path) -> None:
    there, here = both(backend, tmp_path, GRAPH)
    kept = ("bands", "units", "grid", "bbox", "media_type", "checksum", "data_checksum", "statistics")
    for name in kept:
        assert getattr(there.files[0], name) == getattr(here.files[0], name), name
    assert Path(there.quicklook).read_bytes() == Path(here.quicklook).read_bytes()
    assert there.fingerprint == here.fingerprint
    assert here.engine.remote is None


def test_the_job_is_in_the_provenance(backend: OpenEOBackend, tmp_path: Path) -> None:
    steps: list[tuple[float, str]] = []
    runner = engine(backend, budget=10.0, plan="free", deletes=True)
    runner._progress = lambda fraction, step: steps.append((fraction, step))  # noqa: SLF001 - the option is the other one
    run = runner.run(pinned(backend, tmp_path / "experiment"), tmp_path / "there")
    remote = run.engine.remote
    assert remote is not None
    assert (remote.job, remote.backend, remote.api_version) == ("job-1", f"{backend.origin}/api/v1", "1.2.0")
    assert (remote.costs, remote.currency, remote.logs) == (1.5, "EUR", ("info: It runs.", "info: It is done."))
    assert set(remote.processes) == {"load_stac", "apply", "multiply", "reduce_dimension", "mean", "save_result"}
    assert remote.verified == {"result-1.tif": ("size", "checksum", "content")}
    assert backend.jobs.held == {}
    assert [fraction for fraction, _ in steps] == sorted(fraction for fraction, _ in steps)
    assert steps[0][0] == 0.0
    assert steps[-1] == (1.0, "done")
    made = json.loads(next(one.body for one in backend.asked if one.path.endswith("/jobs")))
    assert (made["plan"], made["budget"]) == ("free", 10.0)
    assert run == RunResult.model_validate_json(run.model_dump_json())


def sent(backend: OpenEOBackend) -> dict[str, Any]:
    job = backend.jobs.held[f"job-{backend.jobs.made}"]
    return job.graph


def test_values_and_inputs_become_constants(backend: OpenEOBackend, tmp_path: Path) -> None:
    engine(backend).run(pinned(backend, tmp_path / "experiment"), tmp_path / "there")
    graph = sent(backend)
    assert graph["load"]["arguments"] == {"url": backend.data("scenes/collection.json"), "bands": ["B01"]}
    inner = graph["scaled"]["arguments"]["process"]["process_graph"]["times"]["arguments"]
    assert inner == {"x": {"from_parameter": "x"}, "y": 2}


def test_a_value_named_like_the_parameter_of_a_callback_does_not_reach_into_it(
    backend: OpenEOBackend, tmp_path: Path
) -> None:
    graph = copy.deepcopy(GRAPH)
    graph["parameters"][1]["name"] = "x"
    graph["process_graph"]["scaled"]["arguments"]["process"]["process_graph"]["times"]["arguments"]["y"] = 3
    graph["process_graph"]["late"] = {
        "process_id": "apply",
        "arguments": {
            "data": {"from_node": "mean"},
            "process": {"process_graph": {"p": {"process_id": "add", "arguments": {
                "x": {"from_parameter": "x"}, "y": {"from_parameter": "context"}}, "result": True}}},
            "context": {"from_parameter": "x"},
        },
    }  # fmt: skip
    graph["process_graph"]["save"]["arguments"]["data"] = {"from_node": "late"}
    there, here = both(backend, tmp_path, graph, configuration={"x": 100})
    assert there.files[0].data_checksum == here.files[0].data_checksum
    assert there.files[0].statistics["minimum"] == 107.5


def test_the_window_of_an_input_goes_before_that_of_the_graph(backend: OpenEOBackend, tmp_path: Path) -> None:
    graph = copy.deepcopy(GRAPH)
    graph["process_graph"]["load"]["arguments"]["spatial_extent"] = {"west": 10, "south": 45, "east": 10.5, "north": 46}
    window = {"datetime": "2023-08-01/2023-08-05", "bbox": [10.2, 45.1, 10.8, 45.7]}
    inputs = {"scenes": {"href": backend.data("scenes/collection.json"), **window}}
    there, here = both(backend, tmp_path, graph, inputs=inputs)
    assert there.files[0].data_checksum == here.files[0].data_checksum
    assert (there.files[0].grid.shape, there.files[0].statistics["minimum"]) == ((6, 3), 8.0)
    first, last = sent(backend)["load-1"]["arguments"], sent(backend)["load"]
    assert first["temporal_extent"] == ["2023-08-01T00:00:00Z", "2023-08-06T00:00:00Z"]
    assert first["spatial_extent"] == {"west": 10.2, "south": 45.1, "east": 10.8, "north": 45.7}
    assert (last["process_id"], last["arguments"]["data"]) == ("filter_bbox", {"from_node": "load-1"})


@pytest.mark.parametrize("key", ["href", "scenes"])
def test_a_mapped_input_is_loaded_from_the_collection_of_the_back_end(
    backend: OpenEOBackend, tmp_path: Path, key: str
) -> None:
    experiment = pinned(backend, tmp_path / "experiment", hrefs=local(backend))
    mapped = {experiment.inputs[0].href if key == "href" else key: "SCENES"}
    run = engine(backend, collections=mapped).run(experiment, tmp_path / "there")
    assert sent(backend)["load"] == {"process_id": "load_collection", "arguments": {"id": "SCENES", "bands": ["B01"]}}
    assert run.files[0].data_checksum == OpenEOEngine().run(experiment, tmp_path / "here").files[0].data_checksum


def test_a_bare_graph_takes_what_it_refers_to(backend: OpenEOBackend, tmp_path: Path) -> None:
    experiment = pinned(backend, tmp_path / "experiment", GRAPH["process_graph"])
    assert {one.name for one in engine(backend).parameters(experiment.workflow)} == {"scenes", "factor"}


def test_a_cube_comes_back_as_netcdf(backend: OpenEOBackend, tmp_path: Path) -> None:
    graph = copy.deepcopy(GRAPH)
    del graph["process_graph"]["mean"]
    graph["process_graph"]["save"]["arguments"] = {"data": {"from_node": "scaled"}, "format": "NetCDF"}
    product = {"id": "small-cube", "title": "Two scenes", "format": "NetCDF"}
    there, here = both(backend, tmp_path, graph, product=product)
    assert there.files[0].data_checksum == here.files[0].data_checksum
    assert there.files[0].path.endswith("small-cube.nc")


@pytest.mark.parametrize(("method", "who"), [("basic", BASIC), ("oidc", PERSON), ("oidc", MACHINE)])
def test_who_we_are_is_told_and_told_again_when_a_token_expires(
    tmp_path: Path, method: str, who: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    with serving_scenes(tmp_path / "provider", method) as backend:
        backend.jobs.when_running = lambda _job: backend.tokens.clear()
        run = engine(backend, who).run(pinned(backend, tmp_path / "experiment"), tmp_path / "there")
        assert (backend.given, backend.jobs.made) == (2, 1)
        assert run.engine.remote is not None
        left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert CANARY.encode() not in left + pickle.dumps(run)
        assert CANARY not in repr(options(backend, who)) + repr(who) + repr(engine(backend, who))
        for held in (who, options(backend, who)):
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(held)


def test_an_address_that_cannot_be_told_a_secret_is_told_none(backend: OpenEOBackend) -> None:
    with pytest.raises(InputError, match="sent by https alone"):
        options(backend, BASIC, url="http://openeo.example.org")
    with pytest.raises(InputError, match="carried a user name") as refused:
        options(backend, url=f"https://ada:{CANARY}@openeo.example.org")
    assert CANARY not in str(refused.value)
    with pytest.raises(InputError, match="needs 'username' and 'password'"):
        options(backend, Credentials(BASIC.method))
    with pytest.raises(InputError, match="was given no back-end"):
        type(engine(backend))().run(pinned(backend, backend.folder / "experiment"), backend.folder)


def test_a_netcdf_file_in_another_layout_is_read_by_its_conventions(
    backend: OpenEOBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = gridded(tmp_path / "foreign.nc", [10.0, 10.5, 11.0], [45.0, 45.5], months=1)
    monkeypatch.setattr(Jobs, "_compute", lambda _jobs, job: job.files.append(foreign))
    monkeypatch.setattr(Jobs, "file", lambda *_: foreign.read_bytes())
    run = engine(backend).run(pinned(backend, tmp_path / "experiment"), tmp_path / "there")
    (file,) = run.files
    assert (file.bands, file.units, file.grid.shape, file.path[-4:]) == (("temp",), ("K",), (2, 3), ".tif")
    assert file.statistics["maximum"] == pytest.approx(45.511)
    assert (file.start.year, file.end.year) == (2023, 2023)
