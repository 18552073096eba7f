"""The rules of OGC 20-089r1, each broken once; what containers may be asked for; and what is read of the web."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cwl_pieces
import pytest

from earthcode_platform.application_packages.bestpractice import check_best_practice
from earthcode_platform.application_packages.document import Package, read_package
from earthcode_platform.application_packages.loading import Confined
from earthcode_platform.application_packages.parameters import accepts_window, parameters_of
from earthcode_platform.engines.cwl.broker import Broker, ContainerOrder
from earthcode_platform.engines.cwl.runtimes import Runtime, find_runtime
from earthcode_platform.errors import InputError


def proper() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a workflow and its tool that keep every rule."""
    tool = cwl_pieces.tool(requirements={"DockerRequirement": {"dockerPull": "e.org/copy:1"}})
    app = cwl_pieces.workflow(
        outputs={"made": {"type": "Directory", "outputSource": "copy/made"}},
        **{"$namespaces": {"s": "https://schema.org/"}, "s:softwareVersion": "1.0.0"},
    )
    return app, tool


def package(folder: Path, app: dict[str, Any], tool: dict[str, Any]) -> Package:
    (folder / "tools").mkdir()
    (folder / "tools" / "copy.cwl").write_text(json.dumps(tool))
    (folder / "app.cwl").write_text(json.dumps(app))
    return read_package(folder / "app.cwl", folder)


def test_a_package_that_keeps_every_rule(tmp_path: Path) -> None:
    assert list(check_best_practice(package(tmp_path, *proper()))) == []


def drop(part: int, *path: str) -> Callable[[Any], None]:
    def change(parts: Any) -> None:  # noqa: ANN401 - documents in a tuple
        section = parts[part]
        for key in path[:-1]:
            section = section[key]
        del section[path[-1]]

    return change


def put(part: int, **values: object) -> Callable[[Any], None]:
    return lambda parts: parts[part].update(values)


RULES: list[tuple[int, Callable[[Any], None], str, str]] = [
    (7, lambda parts: parts[1].update({"class": "ExpressionTool"}), "app.cwl", "CommandLineTool"),
    (8, drop(1, "id"), "tools/copy.cwl", "id"),
    (8, drop(1, "baseCommand"), "tools/copy.cwl", "baseCommand"),
    (8, put(1, requirements={"NetworkAccess": {"networkAccess": False}}), "tools/copy.cwl", "no container image"),
    (9, drop(0, "label"), "app.cwl", "label (title)"),
    (9, drop(0, "doc"), "app.cwl", "doc (abstract)"),
    (10, drop(0, "inputs", "factor", "doc"), "app.cwl: input 'factor'", "doc (abstract)"),
    (11, drop(0, "s:softwareVersion"), "app.cwl", "version of the software"),
    (12, lambda parts: parts[1]["inputs"]["scene"].update(type="string"), "app.cwl", "no tool takes a Directory"),
    (13, lambda parts: parts[0]["inputs"]["scenes"].update(type="File"), "app.cwl", "no input"),
    (14, lambda parts: parts[0]["outputs"]["made"].update(type="File"), "app.cwl", "no output"),
]


@pytest.mark.parametrize(("number", "change", "where", "told"), RULES, ids=[f"{row[0]} {row[3]}" for row in RULES])
def test_each_rule_is_told_as_a_warning(
    tmp_path: Path, number: int, change: Callable[[Any], None], where: str, told: str
) -> None:
    parts = proper()
    change(parts)
    (found,) = [one for one in check_best_practice(package(tmp_path, *parts)) if one.code == f"workflow-ogc-{number}"]
    assert found.severity == "warning"
    assert found.where == where
    assert told in found.message
    assert f"requirement {number}" in found.remedy


@pytest.mark.parametrize(
    ("stated", "good", "bad"),
    [
        ("int", 3, 3.5), ("double?", None, "x"), ("string[]", ["a"], "a"), ("boolean", True, 1),
        ({"type": "enum", "symbols": ["a", "b"]}, "a", "c"),
        ({"type": "record", "fields": {"x": "int", "y": "string?"}}, {"x": 1}, {"y": "a"}),
        (["null", "int"], None, "a"), ("File", {"class": "File", "path": "a"}, {"class": "Directory", "path": "a"}),
        ({"type": "array", "items": {"type": "array", "items": "int"}}, [[1]], [1]),
    ],
)  # fmt: skip
def test_types_are_json_schemas(tmp_path: Path, stated: object, good: object, bad: object) -> None:
    import jsonschema_rs

    app, tool = proper()
    app["inputs"] = {"value": {"type": stated}}
    (parameter,) = parameters_of(package(tmp_path, app, tool))
    validator = jsonschema_rs.validator_for(parameter.json_schema)
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


def test_an_input_says_that_it_takes_a_window_under_any_prefix(tmp_path: Path) -> None:
    app, tool = proper()
    app["$namespaces"]["e"] = "https://earthcode.esa.int/cwl#"
    app["inputs"]["scenes"]["e:acceptsWindow"] = True
    app["inputs"]["factor"]["other:acceptsWindow"] = True
    made = package(tmp_path, app, tool)
    assert [accepts_window(made, name) for name in ("scenes", "factor", "gone")] == [True, False, False]


def test_documents_of_the_web_are_those_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "schemas" / "e.org").mkdir(parents=True)
    kept = tmp_path / "schemas" / "e.org" / "types.yaml"
    kept.write_text("[]")
    confined = Confined(tmp_path)
    assert confined.path("https://e.org/types.yaml") == kept
    for url, told in (
        ("https://e.org/other.yaml", "put a copy at 'schemas/e.org/other.yaml'"),
        ("https://e.org/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "not fetched"),
        ("file:///etc/passwd", "outside"),
        ("ftp://e.org/a", "neither"),
    ):
        with pytest.raises(ValueError, match=told):
            confined.path(url)


def order(**changes: object) -> ContainerOrder:
    said: dict[str, object] = {
        "image": "a:1", "command": ["true"], "mounts": [["/run-folder/in", "/in", False]], "workdir": "/w",
        "network": False, "environment": {"A": "b"}, "seconds": 5, "memory_mib": 64,
    }  # fmt: skip
    return ContainerOrder.read(json.dumps(said | changes).encode())


@pytest.fixture
def broker() -> Broker:
    runtime = Runtime("podman", "/usr/bin/podman", "5")
    return Broker(runtime, {"a:1": "sha256:0"}, (Path("/run-folder"),), (Path("/run-folder/work"),))


def test_a_container_gets_what_the_run_has_and_no_rights(broker: Broker) -> None:
    asked = order(mounts=[["/run-folder/in", "/in", False], ["/run-folder/work/a,b", "/out", True]])
    broker._require(asked)  # noqa: SLF001 - the rule behind the socket
    words = broker._command(asked, "name")  # noqa: SLF001 - no container is started for it
    assert {"--network=none", "--read-only", "--cap-drop=all", "--pull=never", "--memory=64m", "--env=A=b"} <= set(
        words
    )
    assert "--mount=type=bind,source=/run-folder/in,target=/in,readonly" in words
    assert '--mount=type=bind,"source=/run-folder/work/a,b",target=/out' in words
    assert words[-2:] == ["a:1", "true"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"image": "b:1"}, "none of the run's"),
        ({"mounts": [["/etc", "/in", False]]}, "none of the folders of the run"),
        ({"mounts": [["/run-folder/../etc", "/in", False]]}, "none of the folders of the run"),
        ({"mounts": [["/run-folder/in", "/in", True]]}, "none of the folders of the run"),
        ({"mounts": [["/run-folder/in", "/a/../b", False]]}, "no place in a container"),
        ({"network": True}, "allows no network"),
    ],
)
def test_what_a_run_may_not_have_is_turned_down(broker: Broker, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        broker._require(order(**changes))  # noqa: SLF001 - no container is started for it


@pytest.mark.parametrize("text", [b"{", b"{}", b"[]", b'{"image": 1, "mounts": 2}'])
def test_what_is_no_order_is_turned_down(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of json, or of ours
        ContainerOrder.read(text)


def test_only_known_programs_run_containers() -> None:
    assert find_runtime(()) is None
    with pytest.raises(InputError, match="no container program 'rkt'"):
        find_runtime(("rkt",))
