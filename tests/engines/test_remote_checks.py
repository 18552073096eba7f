"""What a back-end would not do is told before any job is made there, with the node and the nearest name."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from factories import GRAPH
from openeo_backend import OpenEOBackend
from remote_runs import engine, options, pinned

from earthcode_platform.engines.remote_openeo.sources import source_of
from earthcode_platform.errors import MissingExtraError, RefusedError
from earthcode_platform.models.experiment import Grouping
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment


def graph(node: str = "", **arguments: object) -> dict[str, Any]:
    changed = copy.deepcopy(GRAPH)
    if node:
        changed["process_graph"][node]["arguments"] |= arguments
    return changed


def findings(backend: OpenEOBackend, experiment: PinnedExperiment, **changes: object) -> dict[str, Finding]:
    """Return what is found, by code, notes aside; nothing may be made at the back-end."""
    found = engine(backend, **changes).check(experiment.workflow, experiment.inputs, experiment.experiment)
    assert backend.jobs.made == 0
    return {one.code: one for one in found if one.severity != "note"}


def without(backend: OpenEOBackend, *names: str) -> None:
    """Take processes away from the back-end."""
    backend.changed["/processes"] = lambda held: {
        **held,
        "processes": [one for one in held["processes"] if one["id"] not in names],
    }


def test_a_good_experiment_has_a_note_on_what_it_costs(backend: OpenEOBackend, tmp_path: Path) -> None:
    experiment = pinned(backend, tmp_path)
    (note,) = engine(backend, budget=5.0).check(experiment.workflow, experiment.inputs, experiment.experiment)
    assert (note.code, note.severity) == ("workflow-backend-billing", "note")
    assert "EUR, plan 'free', at most 5 EUR a job" in note.message


def test_a_process_that_is_not_offered_is_named_with_its_node_and_the_nearest(
    backend: OpenEOBackend, tmp_path: Path
) -> None:
    without(backend, "multiply", "reduce_dimension")
    found = engine(backend).check(pinned(backend, tmp_path).workflow, pinned(backend, tmp_path).inputs)
    places = {one.where: one for one in found if one.code == "workflow-unsupported-process"}
    inner = places["workflow.json, node 'scaled' > process > node 'times'"]
    assert "does not offer the process 'multiply'" in inner.message
    assert "The nearest that it offers: 'rename_dimension'" in places["workflow.json, node 'mean'"].remedy


@pytest.mark.parametrize(
    ("node", "arguments", "code", "words"),
    [
        ("mean", {"dimensoin": "t"}, "workflow-unknown-argument", "Did you mean 'dimension'?"),
        ("save", {"format": "GTif"}, "workflow-unsupported-format", "Did you mean 'GTiff'?"),
        ("save", {"format": "SHP"}, "workflow-unsupported-format", "It writes COG, CSV, GTiff"),
        ("load", {"url": "https://example.org/other.json"}, "workflow-unknown-input", "no input of the experiment"),
        ("load", {"url": {"from_node": "mean"}}, "workflow-cycle", "load"),
    ],
)
def test_arguments_that_the_back_end_does_not_take(
    backend: OpenEOBackend, tmp_path: Path, node: str, arguments: dict[str, Any], code: str, words: str
) -> None:
    found = findings(backend, pinned(backend, tmp_path, graph(node, **arguments)))
    assert code in found
    assert words in str(found[code])


def test_an_argument_that_is_needed_there_is_missing(backend: OpenEOBackend, tmp_path: Path) -> None:
    changed = graph()
    del changed["process_graph"]["mean"]["arguments"]["dimension"]
    found = findings(backend, pinned(backend, tmp_path, changed))
    assert "needs the argument 'dimension'" in found["workflow-missing-argument"].message


def test_a_local_input_cannot_be_sent(backend: OpenEOBackend, tmp_path: Path) -> None:
    path = str(backend.folder / "scenes" / "collection.json")
    experiment = pinned(backend, tmp_path, hrefs={"scenes": path})
    (found,) = findings(backend, experiment).values()
    assert found.code == "workflow-local-input"
    assert "'scenes' lies on this machine" in found.message
    assert "map its STAC collection" in found.remedy
    with pytest.raises(RefusedError):
        engine(backend).run(experiment, tmp_path / "run")


def test_a_collection_that_is_not_there_is_named_with_the_nearest(backend: OpenEOBackend, tmp_path: Path) -> None:
    (found,) = findings(backend, pinned(backend, tmp_path), collections={"scenes": "SCENE"}).values()
    assert found.code == "workflow-unknown-collection"
    assert "Did you mean 'SCENES'?" in found.remedy


def test_a_loader_or_filter_that_is_needed_in_place_of_anothers_is_missed(
    backend: OpenEOBackend, tmp_path: Path
) -> None:
    without(backend, "load_collection", "filter_bbox")
    window = {"scenes": {"href": backend.data("scenes/collection.json"), "bbox": [10.0, 45.0, 10.4, 45.4]}}
    cut = graph("load", spatial_extent={"west": 10, "south": 45, "east": 11, "north": 46})
    experiment = pinned(backend, tmp_path, cut, inputs=window)
    assert "'filter_bbox'" in str(findings(backend, experiment)["workflow-unsupported-process"])
    experiment = pinned(backend, tmp_path)
    found = findings(backend, experiment, collections={"scenes": "SCENES"})
    assert "'load_collection'" in str(found["workflow-unsupported-process"])


def test_a_box_across_the_antimeridian_cannot_be_sent(backend: OpenEOBackend, tmp_path: Path) -> None:
    experiment = pinned(backend, tmp_path)
    across = experiment.inputs[0].model_copy(update={"bbox": (170.0, -10.0, -170.0, 10.0)})
    found = findings(backend, experiment.model_copy(update={"inputs": (across,)}))
    assert "crosses the antimeridian" in found["workflow-unsendable-window"].message


def test_dates_by_the_sun_cannot_be_asked_of_a_back_end(backend: OpenEOBackend, tmp_path: Path) -> None:
    experiment = pinned(backend, tmp_path)
    grouped = experiment.inputs[0].model_copy(update={"group": Grouping.SOLAR_DAY})
    found = findings(backend, experiment.model_copy(update={"inputs": (grouped,)}))
    assert "grouped by solar_day" in found["workflow-unsendable-group"].message


def test_an_address_of_the_own_network_cannot_be_read_by_a_public_back_end(
    backend: OpenEOBackend, tmp_path: Path
) -> None:
    (entry,) = pinned(backend, tmp_path).inputs
    public = options(backend, url="https://openeo.example.org")
    assert source_of(entry, public).code == "workflow-unreachable-input"
    assert source_of(entry, options(backend)).href == entry.href
    elsewhere = entry.model_copy(update={"href": "https://stac.example.org/scenes.json"})
    assert source_of(elsewhere, public).argument == {"url": "https://stac.example.org/scenes.json"}
    signed = entry.model_copy(update={"href": "https://stac.example.org/scenes.json?sig=abc"})
    assert "abc" not in str(source_of(signed, public))
    assert source_of(signed, public).code == "workflow-unreachable-input"


def test_the_collection_of_single_items_is_looked_up(backend: OpenEOBackend, tmp_path: Path) -> None:
    href = backend.data("scenes/scene-2023-08-01/scene-2023-08-01.json")
    (entry,) = pinned(backend, tmp_path, inputs={"scenes": {"href": href}}).inputs
    assert source_of(entry, options(backend, collections={"scenes": "SCENES"})).collection == "SCENES"


def test_a_plan_and_endpoints_that_are_not_there(backend: OpenEOBackend, tmp_path: Path) -> None:
    backend.changed["/"] = lambda held: {
        **held,
        "endpoints": [one for one in held["endpoints"] if one["path"] != "/jobs"],
    }
    found = findings(backend, pinned(backend, tmp_path), plan="fre")
    assert "Did you mean 'free'?" in found["workflow-backend-plan"].remedy
    assert "does not offer POST /jobs" in found["workflow-backend-feature"].message


def test_what_the_back_end_itself_finds_is_told(backend: OpenEOBackend, tmp_path: Path) -> None:
    backend.jobs.refuses = [{"code": "BandNotFound", "message": "There is no band 'B01' at https://a:b@x.org/y."}]
    (found,) = findings(backend, pinned(backend, tmp_path)).values()
    assert found.code == "workflow-backend-refuses"
    assert found.message == "the back-end finds BandNotFound: There is no band 'B01' at https://x.org/y."


def test_without_the_client_the_extra_is_named(
    backend: OpenEOBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = pinned(backend, tmp_path)
    monkeypatch.setitem(sys.modules, "openeo", None)
    with pytest.raises(MissingExtraError, match=r"'earthcode-platform\[remote\]'"):
        engine(backend).check(experiment.workflow, experiment.inputs)


def test_the_engine_is_imported_without_the_client() -> None:
    code = "import sys, blocks.openeo_backend, earthcode_platform.engines.remote_openeo.engine; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "blocks.openeo_backend" in loaded
    assert {"openeo", "rasterio", "xarray"} & set(loaded) == set()


def test_a_broken_form_and_an_unused_input(backend: OpenEOBackend, tmp_path: Path) -> None:
    asked = len(backend.asked)
    broken = pinned(backend, tmp_path, {"process_graph": {}})
    assert "workflow-no-graph" in findings(backend, broken)
    assert len(backend.asked) == asked + 3  # the STAC documents: a broken form is no matter for a back-end
    href = {"href": backend.data("scenes/collection.json")}
    unused = pinned(backend, tmp_path, inputs={"scenes": href, "more": href})
    assert "'more'" in findings(backend, unused)["workflow-unused-input"].message
