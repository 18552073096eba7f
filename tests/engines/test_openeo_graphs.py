"""Graphs are computed in order, each node once, with parameters in their scopes."""

import sys
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process_calls import Node, NodeReference, Parameters, evaluated

from earthcode_platform.engines.openeo.registry import processes
from earthcode_platform.errors import ExecutionError, UnknownNameError
from earthcode_platform.process_graphs.graph import Graph


def chain(length: int) -> dict[str, Node]:
    """Return diamonds in a row: each node is used twice by the next."""
    nodes = {"n0": Node("n0", "constant", {"x": 1})}
    for at in range(1, length + 1):
        before = NodeReference(f"n{at - 1}")
        nodes[f"l{at}"] = Node(f"l{at}", "add", {"x": before, "y": 0})
        nodes[f"r{at}"] = Node(f"r{at}", "subtract", {"x": before, "y": 0})
        nodes[f"n{at}"] = Node(f"n{at}", "max", {"data": [NodeReference(f"l{at}"), NodeReference(f"r{at}")]})
    return nodes


def test_200_diamonds_are_computed_in_no_time() -> None:
    processes()
    started = time.perf_counter()
    assert evaluated(chain(200), "n200", {}) == 1
    assert time.perf_counter() - started < 1


def test_long_chains_need_no_deep_recursion() -> None:
    length = sys.getrecursionlimit() * 2
    nodes = {f"n{at}": Node(f"n{at}", "add", {"x": NodeReference(f"n{at - 1}"), "y": 1}) for at in range(1, length)}
    nodes["n0"] = Node("n0", "constant", {"x": 0})
    assert evaluated(nodes, f"n{length - 1}", {}) == length - 1
    nodes["n0"] = Node("n0", "constant", {"x": NodeReference(f"n{length - 1}")})
    assert len(Graph(nodes, "n1").cycle()) == length + 1


@settings(deadline=None)
@given(edges=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_the_order_puts_sources_first_or_there_is_a_cycle(edges: set[tuple[int, int]]) -> None:
    nodes = {
        str(name): Node(
            str(name), "constant", {"x": [NodeReference(str(source)) for user, source in edges if user == name]}
        )
        for name in range(8)
    }
    graph = Graph(nodes, "0")
    cycle = graph.cycle()
    if cycle:
        assert cycle[0] == cycle[-1]
        assert all((int(user), int(source)) in edges for user, source in pairwise(cycle))
        return
    order = graph.order()
    assert set(order) == graph.needed()
    assert all(order.index(str(s)) < order.index(str(u)) for u, s in edges if str(u) in order)


def test_the_parameters_of_a_callback_hide_those_around_it() -> None:
    inner = Graph({"n": Node("n", "add", {"x": Parameters("x"), "y": Parameters("y")})}, "n")
    nodes = {"n": Node("n", "array_apply", {"data": [1, 2], "process": inner})}
    assert evaluated(nodes, "n", {"x": 100, "y": 10}) == [11, 12]


def test_callbacks_see_through_several_layers() -> None:
    innermost = Graph({"n": Node("n", "add", {"x": Parameters("x"), "y": Parameters("offset")})}, "n")
    middle = Graph({
        "a": Node("a", "array_create", {"data": [Parameters("x"), Parameters("x")]}),
        "b": Node("b", "array_apply", {"data": NodeReference("a"), "process": innermost}),
        "c": Node("c", "sum", {"data": NodeReference("b")}),
    }, "c")  # fmt: skip
    nodes = {"n": Node("n", "array_apply", {"data": [1, 2], "process": middle})}
    assert evaluated(nodes, "n", {"offset": 0.5}) == [3, 5]


def test_what_fails_names_its_node() -> None:
    inner = Graph({"deep": Node("deep", "add", {"x": Parameters("x"), "y": "one"})}, "deep")
    nodes = {"outer": Node("outer", "array_apply", {"data": [1], "process": inner})}
    with pytest.raises(ExecutionError, match=r"node 'deep' \(add\): 'one' is no number"):
        evaluated(nodes, "outer", {})
    with pytest.raises(ExecutionError, match=r"node 'n' \(date_shift\): TypeError"):
        evaluated({"n": Node("n", "date_shift", {"date": "2020-01-01", "value": "x", "unit": "month"})}, "n", {})
    with pytest.raises(UnknownNameError, match="no parameter 'a'"):
        evaluated({"n": Node("n", "constant", {"x": Parameters("a")})}, "n", {})


def test_every_process_says_what_it_does_and_what_it_takes() -> None:
    known = processes()
    assert len(known) >= 60
    assert all(process.function.__doc__ for process in known.values())
    assert known["reduce_dimension"].arguments["reducer"].callback == ("data", "context")
    assert list(known["linear_scale_range"].arguments) == ["x", "inputMin", "inputMax", "outputMin", "outputMax"]
    assert known["load_stac"].with_session
