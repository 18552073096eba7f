"""What published graphs count on, beyond the words of the specification (docs/decisions/0019)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cube_factories import cube
from graph_pieces import graph, node, parameter, process, ref
from process_calls import Node, Parameters, call, callback, evaluated, over_time

from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.engines.openeo.check import examine
from earthcode_platform.engines.openeo.executor import Executor
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import ExecutionError
from earthcode_platform.process_graphs.document import document_of
from earthcode_platform.process_graphs.graph import Graph

VALUES = np.arange(16.0).reshape(2, 2, 2, 2)


def sample() -> Any:  # noqa: ANN401 - a cube
    return cube(VALUES, ("B04", "B08"))


def test_an_array_is_chosen_as_a_whole_where_pixels_differ() -> None:
    made = sample()
    low = callback("lt", x=Parameters("x"), y=8)
    truth = call("apply", data=made, process=low)
    chosen = call("if", value=truth, accept=[1, 0.5, None], reject=[0, made, 7])
    assert isinstance(chosen, Along)
    found = chosen.cube.transpose(..., chosen.dimension).values
    below = VALUES < 8
    np.testing.assert_array_equal(found[..., 0], np.where(below, 1, 0))
    np.testing.assert_array_equal(found[..., 1], np.where(below, 0.5, VALUES))
    np.testing.assert_array_equal(found[..., 2], np.where(below, np.nan, 7))


def test_a_choice_between_one_and_zero_serves_as_a_truth_value_and_no_other_number_does() -> None:
    made = sample()
    truth = call("apply", data=made, process=callback("gt", x=Parameters("x"), y=3))
    chosen = call("if", value=truth, accept=1, reject=call("if", value=truth, accept=0, reject=1))
    both = call("and", x=chosen, y=truth)
    np.testing.assert_array_equal(both.values, VALUES > 3)
    # It is a number nevertheless.
    np.testing.assert_array_equal(
        call("add", x=call("if", value=truth, accept=1, reject=0), y=1).values, (VALUES > 3) + 1
    )
    with pytest.raises(ExecutionError, match="no truth value"):
        call("and", x=call("if", value=truth, accept=2, reject=0), y=truth)


def test_a_process_graph_in_an_array_stands_for_its_value() -> None:
    inner = Graph({"e": Node("e", "eq", {"x": Parameters("data"), "y": 3})}, "e")
    other = Graph({"g": Node("g", "gt", {"x": Parameters("data"), "y": 9})}, "g")
    both = Graph({"a": Node("a", "array_create", {"data": [inner, other]})}, "a")
    nodes = {"d": Node("d", "apply_dimension", {"data": Parameters("cube"), "dimension": "bands", "process": both})}
    found = evaluated(nodes, "d", {"cube": sample().isel(bands=[0])})
    np.testing.assert_array_equal(found.values[:, 0], VALUES[:, 0] == 3)  # type: ignore[attr-defined]  # a cube
    np.testing.assert_array_equal(found.values[:, 1], VALUES[:, 0] > 9)  # type: ignore[attr-defined]  # a cube


def test_a_mask_of_one_label_masks_all_labels() -> None:
    made = sample()
    one = cube(np.where(VALUES[:, :1] > 9, 1.0, 0.0), ("SCL",))
    found = call("mask", data=made, mask=one.expand_dims({"kind": ["a"]}))
    np.testing.assert_array_equal(found.values, np.where(VALUES[:, :1] > 9, np.nan, VALUES))
    with pytest.raises(ExecutionError, match="do not fit together"):
        call("mask", data=made, mask=cube(VALUES, ("a", "b")))


def test_a_cube_without_bands_is_one_band_more() -> None:
    made = sample()
    found = call("merge_cubes", cube1=made, cube2=made.isel(bands=0, t=0, drop=True))
    assert found["bands"].values.tolist() == ["B04", "B08", "2"]
    np.testing.assert_array_equal(found.values[:, 2], np.broadcast_to(VALUES[0, 0], (2, 2, 2)))
    with pytest.raises(ExecutionError, match="OverlapResolverMissing"):
        call("merge_cubes", cube1=made, cube2=made.isel(t=0, drop=True))


def test_masks_of_numbers_and_medians_agree_with_numpy() -> None:
    np.testing.assert_array_equal(over_time("median", sample()), np.median(VALUES, axis=0))


def findings(content: dict[str, Any]) -> list[tuple[str, str]]:
    found = examine(document_of(content, "workflow.json"), [], "workflow.json").findings
    return [(str(one.severity), one.code) for one in found]


def test_what_has_no_effect_is_a_warning() -> None:
    saved = node("save_result", data=parameter("cube"), format_="png", options={"colormap": "viridis"})
    told = {"parameters": [{"name": "cube", "schema": {}}], **process(s=saved)}
    assert findings(told) == [("warning", "workflow-other-format"), ("warning", "workflow-unused-argument")]
    hinted = graph(load=node("load_collection", id=parameter("scenes"), featureflags={"tilesize": 128}))
    assert ("warning", "workflow-unused-argument") in findings(hinted)
    exported = process(e=node("export_workspace", data=parameter("cube"), workspace="bucket"))
    assert findings({**told, **exported}) == [("warning", "workflow-unused-argument")]


def test_the_name_of_a_collection_may_be_a_parameter(tmp_path: Path) -> None:
    _ = tmp_path
    content = {
        "parameters": [{"name": "which", "schema": {"type": "string"}, "optional": True, "default": "SENTINEL2_L2A"}],
        **process(load=node("load_collection", id=parameter("which"))),
    }
    (found,) = examine(document_of(content, "workflow.json"), [], "workflow.json").findings
    assert found.code == "workflow-unknown-input"


def test_only_the_chosen_way_is_computed_with_a_period_that_is_null() -> None:
    reducer = process(m=node("mean", data=parameter("data")))
    content = {
        "parameters": [{"name": name, "schema": {}} for name in ("cube", "period")],
        **process(
            monthly=node(
                "aggregate_temporal_period", data=parameter("cube"), period=parameter("period"), reducer=reducer
            ),
            whole=node("reduce_dimension", data=parameter("cube"), dimension="t", reducer=reducer),
            known=node("is_valid", x=parameter("period")),
            chosen=node("if", value=ref("known"), accept=ref("monthly"), reject=ref("whole")),
        ),
    }
    document = document_of(content, "workflow.json")
    assert document.graph is not None
    run = Executor(Session({}, None)).run
    found = run(document.graph, {"cube": sample(), "period": None})
    np.testing.assert_array_equal(found.values, VALUES.mean(axis=0))  # type: ignore[attr-defined]  # a cube
    monthly = run(document.graph, {"cube": sample(), "period": "month"})
    assert monthly.sizes["t"] == 1  # type: ignore[attr-defined]  # a cube
