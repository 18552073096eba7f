"""What is wrong with a graph is found before anything runs, all of it, each with its node."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from cube_factories import collection, item, pinned, raster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy import ones

from earthcode_platform import checksums
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedInput, PinnedWorkflow

GOOD: dict[str, Any] = {
    "id": "good",
    "parameters": [
        {"name": "scenes", "schema": {"type": "string"}},
        {"name": "factor", "schema": {"type": "number"}, "default": 2, "optional": True},
    ],
    "process_graph": {
        "load": {
            "process_id": "load_stac",
            "arguments": {"url": {"from_parameter": "scenes"}, "bands": ["B04", "B08"]},
        },
        "index": {
            "process_id": "reduce_dimension",
            "arguments": {
                "data": {"from_node": "load"},
                "dimension": "bands",
                "reducer": {
                    "process_graph": {
                        "red": {
                            "process_id": "array_element",
                            "arguments": {"data": {"from_parameter": "data"}, "label": "B04"},
                        },
                        "times": {
                            "process_id": "multiply",
                            "arguments": {"x": {"from_node": "red"}, "y": {"from_parameter": "factor"}},
                            "result": True,
                        },
                    }
                },
            },
        },
        "mean": {
            "process_id": "reduce_dimension",
            "arguments": {
                "data": {"from_node": "index"},
                "dimension": "t",
                "reducer": {
                    "process_graph": {
                        "m": {
                            "process_id": "mean",
                            "arguments": {"data": {"from_parameter": "data"}},
                            "result": True,
                        }
                    }
                },
            },
        },
        "save": {"process_id": "save_result", "arguments": {"data": {"from_node": "mean"}}, "result": True},
    },
}


@pytest.fixture
def scenes(tmp_path: Path) -> PinnedInput:
    raster(tmp_path / "a.tif", ones((2, 2), dtype="uint8"))
    bands = {
        key: {"href": "./a.tif", "type": "image/tiff", "eo:bands": [{"name": key, "common_name": common}]}
        for key, common in (("B04", "red"), ("B08", "nir"), ("SCL", ""))
    }
    return pinned(collection(tmp_path, [item("one", "2020-01-01T00:00:00Z", bands)]))


def workflow(folder: Path, content: object) -> PinnedWorkflow:
    path = folder / "workflow.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(json.dumps(content), encoding="utf-8")
    return PinnedWorkflow(kind=WorkflowKind.OPENEO, path=str(path), checksum=checksums.of_file(path))


def checked(folder: Path, content: object, *inputs: PinnedInput) -> list[Finding]:
    return OpenEOEngine().check(workflow(folder, content), inputs)


def changed(*path: str | int, to: object = None) -> dict[str, Any]:
    """Return GOOD with the value at a path replaced, or taken out if the new value is `...`."""
    content = copy.deepcopy(GOOD)
    place: Any = content
    for key in path[:-1]:
        place = place[key]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return content


GRAPH = "process_graph"
MEAN = (GRAPH, "mean", "arguments")
REDUCER = (GRAPH, "index", "arguments", "reducer", GRAPH)
AGAIN = {"process_id": "apply", "arguments": {"data": {"from_node": "other"}, "process": {"process_graph": {
    "a": {"process_id": "absolute", "arguments": {"x": {"from_parameter": "x"}}, "result": True}}}}}  # fmt: skip
CYCLE = {**GOOD[GRAPH], "mean": AGAIN, "other": {**AGAIN, "arguments": {
    **AGAIN["arguments"], "data": {"from_node": "mean"}}}}  # type: ignore[dict-item]  # fmt: skip

BROKEN: dict[str, tuple[object, str, str, str]] = {
    "empty file": (b"", "workflow-not-json", "line 1", "no JSON"),
    "half a file": (b'{"process_graph": {', "workflow-not-json", "line 1", "no JSON"),
    "not UTF-8": (b'{"a": "\xff"}', "workflow-not-json", "workflow.json", "no JSON"),
    "deeply nested": (b"[" * 200_000, "workflow-not-json", "workflow.json", "too deeply"),
    "deep arguments": (
        json.dumps({"a": {"process_id": "constant", "result": True, "arguments": {"x": None}}})
        .replace("null", "[" * 400 + "]" * 400).encode(),
        "workflow-unused-input", "workflow.json", "does not load",
    ),
    "a list": ([], "workflow-no-graph", "workflow.json", "list"),
    "no graph": ({"process_graph": {}}, "workflow-no-graph", "workflow.json", "no process graph"),
    "other JSON": ({"title": "x"}, "workflow-no-graph", "workflow.json", "no process graph"),
    "a key twice": (b'{"a": 1, "a": 2}', "workflow-duplicate-key", "workflow.json", "'a' stands twice"),
    "no result": (changed(GRAPH, "save", "result", to=...), "workflow-no-result", "workflow.json", "exactly one"),
    "two results": (
        changed(GRAPH, "mean", "result", to=True), "workflow-many-results", "workflow.json", "'mean', 'save'",
    ),
    "not a node": (changed(GRAPH, "mean", to={"process": "x"}), "workflow-not-a-node", "node 'mean'", "process_id"),
    "strange key": (changed(GRAPH, "mean", "proces", to=1), "workflow-not-a-node", "node 'mean'", "'proces'"),
    "unknown node": (changed(*MEAN, "data", "from_node", to="indx"), "workflow-unknown-node", "node 'mean'", "'indx'"),
    "unknown reference": (
        changed(*MEAN, "data", to={"from_nod": "index"}), "workflow-unknown-reference", "node 'mean'", "from_nod",
    ),
    "cycle": ({**GOOD, GRAPH: CYCLE}, "workflow-cycle", "node 'mean'", "mean → other → mean"),
    "own result": (
        changed(*REDUCER, "red", "arguments", "data", to={"from_node": "times"}), "workflow-cycle", "reducer", "→",
    ),
    "unsupported process": (
        changed(GRAPH, "mean", "process_id", to="reduce_dimensions"), "workflow-unsupported-process", "node 'mean'",
        "'reduce_dimensions' is not supported",
    ),
    "unsupported in a callback": (
        changed(*REDUCER, "times", "process_id", to="sen2like"), "workflow-unsupported-process",
        "node 'index' > reducer > node 'times'", "'sen2like'",
    ),
    "other namespace": (
        changed(GRAPH, "mean", "namespace", to="user-1"), "workflow-unknown-namespace", "node 'mean'", "'user-1'",
    ),
    "unknown argument": (changed(*MEAN, "reduce", to=1), "workflow-unknown-argument", "node 'mean'", "'reduce'"),
    "missing argument": (
        changed(*MEAN, "dimension", to=...), "workflow-missing-argument", "node 'mean'", "'dimension'",
    ),
    "wrong type": (changed(*MEAN, "dimension", to=5), "workflow-argument-type", "node 'mean'", "is 5"),
    "null for a text": (changed(*MEAN, "dimension", to=None), "workflow-argument-type", "node 'mean'", "is None"),
    "no callback": (changed(*MEAN, "reducer", to="mean"), "workflow-argument-type", "node 'mean'", "'mean'"),
    "text for a list": (
        changed(GRAPH, "load", "arguments", "bands", to="B04"), "workflow-argument-type", "node 'load'", "'B04'",
    ),
    "graph for a text": (
        changed(*MEAN, "dimension", to=GOOD[GRAPH]["mean"]["arguments"]["reducer"]), "workflow-argument-type",
        "node 'mean'", "a process graph",
    ),
    "unknown parameter": (
        changed(*REDUCER, "times", "arguments", "y", "from_parameter", to="facter"), "workflow-unknown-parameter",
        "node 'times'", "'facter'",
    ),
    "parameter of another callback": (
        changed(*MEAN, "data", to={"from_parameter": "data"}), "workflow-unknown-parameter", "node 'mean'", "'data'",
    ),
    "parameter without a name": (
        changed("parameters", 0, to={}), "workflow-not-a-parameter", "parameters[0]", "no name",
    ),
    "unknown input": (
        changed(GRAPH, "load", "arguments", "url", to="https://example.org/c.json"), "workflow-unknown-input",
        "node 'load'", "example.org",
    ),
    "unknown band": (
        changed(GRAPH, "load", "arguments", "bands", to=["B04", "B09"]), "workflow-unknown-band", "node 'load'",
        "'B09'",
    ),
    "band that was not loaded": (
        changed(*REDUCER, "red", "arguments", "label", to="SCL"), "workflow-unknown-band", "node 'red'", "'SCL'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_found_before_anything_runs(tmp_path: Path, scenes: PinnedInput, case: str) -> None:
    content, code, where, words = BROKEN[case]
    found = checked(tmp_path, content, scenes)
    matching = [one for one in found if one.code == code]
    assert matching, found
    assert where in matching[0].where
    assert words in matching[0].message
    assert matching[0].where.startswith("workflow.json")
    assert all(one.remedy for one in found)


def test_a_good_graph_has_no_findings(tmp_path: Path, scenes: PinnedInput) -> None:
    assert checked(tmp_path, GOOD, scenes) == []


def test_all_is_reported_at_once(tmp_path: Path, scenes: PinnedInput) -> None:
    content = copy.deepcopy(GOOD)
    content[GRAPH]["mean"]["arguments"]["dimensions"] = content[GRAPH]["mean"]["arguments"].pop("dimension")
    content[GRAPH]["load"]["arguments"]["bands"] = ["B09"]
    codes = {found.code for found in checked(tmp_path, content, scenes)}
    assert {"workflow-unknown-argument", "workflow-missing-argument", "workflow-unknown-band"} <= codes


def test_suggestions_name_what_is_near(tmp_path: Path, scenes: PinnedInput) -> None:
    (found,) = checked(tmp_path, changed(GRAPH, "mean", "process_id", to="reduce_dimensions"), scenes)
    assert "'reduce_dimension'" in found.remedy


def test_dead_nodes_and_unused_inputs_are_warnings(tmp_path: Path, scenes: PinnedInput) -> None:
    content = copy.deepcopy(GOOD)
    content[GRAPH]["idle"] = {"process_id": "pi", "arguments": {}}
    other = scenes.model_copy(update={"name": "other"})
    found = {one.code: one for one in checked(tmp_path, content, scenes, other)}
    assert found.keys() == {"workflow-dead-node", "workflow-unused-input"}
    assert {one.severity for one in found.values()} == {Severity.WARNING}
    assert "node 'idle'" in found["workflow-dead-node"].where
    assert "'other'" in found["workflow-unused-input"].message


def test_common_names_may_be_loaded_and_filtered(tmp_path: Path, scenes: PinnedInput) -> None:
    content = changed(GRAPH, "load", "arguments", "bands", to=["red", "nir"])
    content[GRAPH]["index"]["arguments"]["reducer"][GRAPH]["red"]["arguments"]["label"] = "red"
    assert checked(tmp_path, content, scenes) == []


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    gone = PinnedWorkflow(kind=WorkflowKind.OPENEO, path=str(tmp_path / "gone.json"), checksum="1220" + "0" * 64)
    (found,) = OpenEOEngine().check(gone, ())
    assert found.code == "workflow-not-readable"
    assert OpenEOEngine().parameters(gone) == ()


def test_parameters_are_those_declared(tmp_path: Path) -> None:
    first, second = OpenEOEngine().parameters(workflow(tmp_path, GOOD))
    assert (first.name, first.required, first.json_schema) == ("scenes", True, {"type": "string"})
    assert (second.name, second.required, second.default) == ("factor", False, 2)


def test_a_bare_graph_takes_what_it_refers_to(tmp_path: Path, scenes: PinnedInput) -> None:
    engine, bare = OpenEOEngine(), workflow(tmp_path, GOOD[GRAPH])
    assert [parameter.name for parameter in engine.parameters(bare)] == ["scenes", "factor"]
    assert engine.check(bare, (scenes,)) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["process_graph", "process_id", "arguments", "from_node", "from_parameter", "result", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def paths(content: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    """Return the way to every value in a JSON document."""
    keys = content.keys() if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    return [before, *(path for key in keys for path in paths(content[key], (*before, key)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(paths(GOOD)[1:]), value=anything)
def test_no_document_makes_the_check_fail(
    tmp_path: Path, scenes: PinnedInput, path: tuple[Any, ...], value: object
) -> None:
    content = changed(*path, to=value)
    found = checked(tmp_path, content, scenes)
    assert all(one.code.startswith("workflow-") and one.message for one in found)
    OpenEOEngine().parameters(workflow(tmp_path, content))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(anything, st.binary(max_size=40)))
def test_no_file_makes_the_check_fail(tmp_path: Path, scenes: PinnedInput, content: object) -> None:
    assert checked(tmp_path, content, scenes) != []


def test_the_notation_of_api_0_4_is_read_with_a_warning(tmp_path: Path, scenes: PinnedInput) -> None:
    (found,) = checked(tmp_path, changed(*REDUCER, "red", "arguments", "data", to={"from_argument": "data"}), scenes)
    assert (found.code, found.severity) == ("workflow-legacy-reference", Severity.WARNING)
    assert found.where.endswith("node 'index' > reducer > node 'red' > data")
    assert found.remedy == "Write {'from_parameter': 'data'}."
