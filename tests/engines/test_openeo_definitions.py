"""Processes that a workflow brings along: found by their namespace, each in its own scope, never standing on itself."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from cube_factories import UTM, collection, item, pinned, raster
from graph_pieces import graph, node, parameter, process, ref

from earthcode_platform import checksums
from earthcode_platform.engines.openeo.check import examine
from earthcode_platform.engines.openeo.executor import Executor
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import ExecutionError, UnknownNameError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedFile, PinnedInput
from earthcode_platform.process_graphs.document import read_document

Json = dict[str, Any]
ADDRESS = "https://processes.example.org/scaled.json"


def declared(name: str, schema: Json | None = None, **more: object) -> Json:
    return {"name": name, "schema": schema or {"type": "number"}, **more}


def defined(name: str, parameters: list[Json], **nodes: Json) -> Json:
    return {"id": name, "parameters": parameters, **process(**nodes)}


SCALED = defined(
    "scaled",
    [declared("x", {}), declared("factor", optional=True, default=10)],
    times=node("multiply", x=parameter("x"), y=parameter("factor")),
)


def called(name: str, namespace: str, **arguments: object) -> Json:
    return {"process_id": name, "namespace": namespace, "arguments": arguments}


class Bench:
    """A folder with a workflow and the files of processes beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[PinnedFile] = []

    def file(self, name: str, content: Json, *addresses: str) -> None:
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        self.files.append(PinnedFile(name=name, path=str(path), checksum=checksums.of_file(path), addresses=addresses))

    def checked(self, content: Json, inputs: list[PinnedInput] | None = None) -> list[Finding]:
        path = self.folder / "workflow.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return examine(read_document(path, self.files), inputs or [], path.name, files=self.files).findings

    def result(self, content: Json, **scope: object) -> object:
        path = self.folder / "workflow.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        document = read_document(path, self.files)
        assert document.graph is not None, document.findings
        session = Session({}, ProductFormat.NETCDF, files=self.files)
        result = Executor(session).run(document.graph, {**document.defaults(), **scope})
        assert session.results == []
        return result


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_process_of_a_file_takes_its_arguments_and_its_defaults(bench: Bench) -> None:
    bench.file("scaled.json", SCALED)
    once = process(once=called("scaled", "scaled.json", x=3))
    both = process(twice=called("scaled", "scaled.json", x=3, factor=2))
    assert (bench.result(once), bench.result(both)) == (30, 6)


def test_a_process_is_found_by_the_address_whose_copy_is_kept(bench: Bench) -> None:
    bench.file("kept.json", {"processes": [defined("other", [], pi=node("pi")), SCALED]}, ADDRESS)
    assert bench.result(process(one=called("scaled", ADDRESS, x=3))) == 30


def test_a_process_may_be_called_like_one_of_ours(bench: Bench) -> None:
    bench.file("own.json", defined("add", [declared("x")], r=node("subtract", x=parameter("x"), y=1)))
    assert bench.result(process(one=called("add", "own.json", x=3))) == 2


def test_a_process_sees_its_parameters_alone(bench: Bench) -> None:
    bench.file(
        "peeking.json", defined("peeking", [declared("x")], r=node("add", x=parameter("x"), y=parameter("outer")))
    )
    content = {"parameters": [declared("outer", optional=True, default=5)],
               **process(one=called("peeking", "peeking.json", x=3))}  # fmt: skip
    with pytest.raises(UnknownNameError, match="there is no parameter 'outer'"):
        bench.result(content)
    (found,) = [one for one in bench.checked(content) if one.code == "workflow-unknown-parameter"]
    assert found.where == "workflow.json, node 'one' > peeking > node 'r'"
    assert "'outer'" in found.message


def test_parameters_of_a_callback_hide_those_of_the_graph_and_others_are_seen(bench: Bench) -> None:
    inner = process(sum=node("add", x=parameter("x"), y=parameter("more")))
    content = {
        "parameters": [declared(name, optional=True, default=default) for name, default in (("x", 100), ("more", 1))],
        **process(each=node("array_apply", data=[1, 2], process=inner)),
    }
    assert bench.result(content) == [2, 3]


def test_what_a_process_saves_is_no_result_of_the_workflow(bench: Bench) -> None:
    bench.file("saving.json", defined("saving", [declared("data", {})], s=node("save_result", data=parameter("data"))))
    cube = xr.DataArray(np.ones((2, 2)), {"y": [1, 0], "x": [0, 1]}, ("y", "x"))
    content = {
        "parameters": [declared("cube", {})],
        **process(one=called("saving", "saving.json", data=parameter("cube"))),
    }
    assert isinstance(bench.result(content, cube=cube), xr.DataArray)


def test_a_cube_passes_through_processes_in_the_check(bench: Bench, tmp_path: Path) -> None:
    raster(tmp_path / "a.tif", np.ones((2, 2), dtype="uint8"), crs=UTM)
    scenes = pinned(
        collection(tmp_path, [item("a", "2020-01-01T00:00:00Z", {"a": {"href": "./a.tif", "type": "image/tiff"}})])
    )
    dropped = node("drop_dimension", data=parameter("data"), name=parameter("which"))
    bench.file(
        "dropping.json", defined("dropping", [declared("data", {}), declared("which", {"type": "string"})], d=dropped)
    )
    fine = graph(one=called("dropping", "dropping.json", data=ref("load"), which="t"))
    wrong = graph(one=called("dropping", "dropping.json", data=ref("load"), which="time"))
    assert bench.checked(fine, [scenes]) == []
    (found,) = bench.checked(wrong, [scenes])
    assert (found.code, found.where) == (
        "workflow-dimension-not-available", "workflow.json, node 'one' > dropping > node 'd'",
    )  # fmt: skip
    assert found.remedy == "Did you mean 't'?"


RECURSION = {
    "direct": ({"a.json": defined("a", [], n=called("a", "a.json"))}, "a → a"),
    "mutual": (
        {
            "a.json": defined("a", [], n=called("b", "b.json")),
            "b.json": defined("b", [], n=called("c", "c.json")),
            "c.json": defined("c", [], n=called("a", "a.json")),
        },
        "a → b → c → a",
    ),
    "in a callback": (
        {"a.json": defined("a", [], n=node("array_apply", data=[1], process=process(m=called("a", "a.json"))))},
        "a → a",
    ),
}


@pytest.mark.parametrize("case", RECURSION)
def test_a_process_that_stands_on_itself_is_refused_with_its_chain(bench: Bench, case: str) -> None:
    files, chain = RECURSION[case]
    for name, content in files.items():
        bench.file(name, content)
    (found,) = bench.checked(process(one=called("a", "a.json")))
    assert found.code == "workflow-recursion"
    assert found.message == f"processes stand on themselves: {chain}."


def test_two_users_of_one_process_are_no_recursion(bench: Bench) -> None:
    bench.file("scaled.json", SCALED)
    twice = process(one=called("scaled", "scaled.json", x=1), two=called("scaled", "scaled.json", x=ref("one")))
    assert bench.result(twice) == 100


WRONG: dict[str, tuple[Json, str, str, str]] = {
    "a file that is not declared": (
        called("scaled", "scale.json", x=1), "workflow-unknown-namespace", "'scale.json'",
        "Did you mean 'scaled.json'?",
    ),
    "an address without a copy": (
        called("scaled", "https://elsewhere.example.org/p", x=1), "workflow-unknown-namespace",
        "'https://elsewhere.example.org/p'", "workflow.copies",
    ),
    "a secret in an address": (
        called("scaled", "https://me:secret@elsewhere.example.org/p", x=1), "workflow-unknown-namespace",
        "elsewhere.example.org", "workflow.copies",
    ),
    "another platform's": (called("scaled", "vito", x=1), "workflow-unknown-namespace", "'vito'", "workflow.files"),
    "no text": ({**called("scaled", "x", x=1), "namespace": 5}, "workflow-not-a-node", "is 5", "Write it as a text"),
    "another process": (called("scale", "scaled.json", x=1), "workflow-unknown-process", "'scale'", "'scaled'"),
    "an unknown argument": (
        called("scaled", "scaled.json", x=1, fator=2), "workflow-unknown-argument", "'fator'", "Did you mean 'factor'?",
    ),
    "a missing argument": (called("scaled", "scaled.json"), "workflow-missing-argument", "'x'", "Give it."),
    "a value that does not fit": (
        called("scaled", "scaled.json", x=1, factor="ten"), "workflow-argument-value", "'factor'", "Mend the value.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_use_is_refused(bench: Bench, case: str) -> None:
    content, code, words, remedy = WRONG[case]
    bench.file("scaled.json", SCALED)
    (found,) = bench.checked(process(one=content))
    assert (found.code, found.where) == (code, "workflow.json, node 'one'")
    assert words in found.message
    assert "secret" not in str(found)
    assert remedy in found.remedy


def test_a_file_of_processes_is_checked_as_the_workflow_is(bench: Bench) -> None:
    broken = defined("broken", [declared("x")], r=node("add", x=parameter("x"), y=ref("nowhere")))
    bench.file("broken.json", broken)
    (found,) = bench.checked(process(one=called("broken", "broken.json", x=1)))
    assert (found.code, found.where) == ("workflow-unknown-node", "broken.json, node 'r'")


def test_a_branch_that_is_not_chosen_is_not_computed(bench: Bench) -> None:
    content = process(
        fails=node("divide", x="no number", y=1),
        works=node("add", x=1, y=1),
        result=node("if", value=parameter("which"), accept=ref("works"), reject=ref("fails")),
    )
    known = {"parameters": [declared("which", {"type": ["boolean", "null"]})], **content}
    assert bench.result(known, which=True) == 2
    with pytest.raises(ExecutionError, match="node 'fails'"):
        bench.result(known, which=None)


def test_two_hundred_diamonds_take_a_moment(bench: Bench) -> None:
    nodes = {"n0": node("add", x=1, y=0)}
    for at in range(200):
        nodes[f"left{at}"] = node("add", x=ref(f"n{at}"), y=1)
        nodes[f"right{at}"] = node("subtract", x=ref(f"n{at}"), y=1)
        nodes[f"n{at + 1}"] = node("max", data=[ref(f"left{at}"), ref(f"right{at}")])
    bench.file("deep.json", defined("deep", [], **nodes))
    content = process(**nodes)
    path = bench.folder / "workflow.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    document = read_document(path)
    assert document.graph is not None
    started = time.process_time()
    assert Executor(Session({}, None)).run(document.graph, {}) == 201
    assert time.process_time() - started < 1
    assert bench.result(process(one=called("deep", "deep.json"))) == 201
