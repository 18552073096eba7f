"""The rules of the house that no other tool checks (docs/decisions/0001-the-house.md)."""

import ast
import importlib
import pickle
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import CHECKOUT, PACKAGES, files, text_of
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from prefect import Flow

import earthcode_platform
from earthcode_platform.errors import EarthCodeError, RefusedError
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.finding import Finding, Severity

LONGEST_FILE = 300
LONGEST_FUNCTION = 60
SAYS_NOTHING = {"utils", "helpers", "common", "core", "lib", "misc"}
EXCEPTION = re.compile("# " + r"noqa: [A-Z]+\d+(?:, [A-Z]+\d+)* - \w")
SUPPORT_OF_TASKS = {"artifacts", "policies"}
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
DEPLOYMENTS = yaml.safe_load((CHECKOUT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def below(folder: str, suffix: str = "") -> list[Path]:
    return [path for path in files(suffix) if path.is_relative_to(CHECKOUT / folder)]


def shown(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def examples() -> list[Path]:
    return sorted(
        {CHECKOUT / "examples" / path.relative_to(CHECKOUT / "examples").parts[0] for path in below("examples")}
    )


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in below(package, ".py")]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_there_is_something_to_check() -> None:
    assert len(modules()) > 50
    assert len(files()) > len(modules())


def test_files_are_short() -> None:
    long = {shown(path): len(text_of(path).splitlines()) for path in files(".py")}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = [(shown(path), *found) for path in files(".py") for found in functions(tree_of(path))]
    assert [found for found in long if found[2] > LONGEST_FUNCTION] == []


def test_modules_have_names_that_say_something() -> None:
    assert [shown(path) for path in files(".py") if SAYS_NOTHING & {path.stem, path.parent.name}] == []


def test_exceptions_to_the_linter_say_why() -> None:
    lines = [(path, line) for path in files(".py") for line in text_of(path).splitlines() if "# " + "noqa" in line]
    bare = [f"{path.name}: {line.strip()}" for path, line in lines if not EXCEPTION.search(line)]
    assert lines
    assert bare == []


def test_flows_and_tasks_are_not_named_like_a_library() -> None:
    libraries = set(packages_distributions()) | sys.stdlib_module_names
    names = {path.stem for path in [*below("flows", ".py"), *below("tasks", ".py")]} - {"__init__"}
    assert names & libraries == set()


def test_each_stage_has_a_flow_and_tasks_of_the_same_name() -> None:
    flows, tasks = ({path.stem for path in below(folder, ".py")} for folder in ("flows", "tasks"))
    assert flows - {"lifecycle"} == tasks - SUPPORT_OF_TASKS


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_all_is_complete_and_sorted(path: Path) -> None:
    tree = tree_of(path)
    defined = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    public = {node.name for node in defined if not (node.name.startswith("_") or is_command(node))}
    listed = all_of(tree)
    if path.name == "__main__.py" or (listed is None and not public):
        return
    assert listed is not None, "there is no __all__"
    assert public - set(listed) == set(), "public, but not in __all__"
    assert set(listed) - names_bound(tree) == set(), "in __all__, but not there"
    # Constants, then classes, then functions, as isort and ruff's RUF022 have it.
    assert listed == sorted(listed, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def is_command(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is reached through the command line only."""
    return any(ast.unparse(decorator) == "app.command" for decorator in node.decorator_list)


def all_of(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def names_bound(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
    return bound


def error_classes() -> list[type[EarthCodeError]]:
    for module in pkgutil.walk_packages(earthcode_platform.__path__, "earthcode_platform."):
        importlib.import_module(module.name)
    found, waiting = [], [EarthCodeError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return sorted(found, key=lambda kind: kind.__qualname__)


def test_errors_survive_pickling_with_their_data() -> None:
    finding = Finding(
        code="metadata-x",
        severity=Severity.ERROR,
        where="experiment.yaml:3",
        message="'x' is wrong.",
        remedy="Mend it.",
    )
    for kind in error_classes():
        error = (
            kind([finding], where="here")
            if issubclass(kind, RefusedError)
            else kind("'x' is wrong.", where="here", remedy="Mend it.")
        )
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert (type(again), str(again), again.args, again.__dict__) == (kind, str(error), error.args, error.__dict__)


@pytest.mark.parametrize("folder", examples(), ids=lambda folder: folder.name)
def test_examples_are_complete_and_tested(folder: Path) -> None:
    assert {"experiment.yaml", "README.md", "expected.json"} <= {path.name for path in folder.iterdir()}
    entry = read_experiment(folder).workflow.entry
    # A model is never committed: the example trains it.
    trained = f"examples/{folder.name}/{entry.split('/')[0]}/" in (CHECKOUT / ".gitignore").read_text(encoding="utf-8")
    assert (folder / ("train.py" if trained else entry)).is_file()
    assert [path for path in below("tests", ".py") if path != Path(__file__) and folder.name in text_of(path)]


def requirements() -> Iterator[Requirement]:
    project = PROJECT["project"]
    groups = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    for requirement in (Requirement(text) for group in groups for text in group):
        if canonicalize_name(requirement.name) != project["name"]:
            yield requirement


def test_constraints_are_names_and_versions_that_cover_every_dependency() -> None:
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    exact = re.compile(r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][\w.+!]*)(?: ; (?P<marker>[^#]+))?")
    assert [line for line in lines if not exact.fullmatch(line)] == []
    pinned = [Requirement(line) for line in lines]
    for wanted in requirements():
        versions = [
            next(iter(pin.specifier)).version
            for pin in pinned
            if pin.name == canonicalize_name(wanted.name) and (pin.marker is None or pin.marker.evaluate())
        ]
        assert len(versions) == 1, f"{wanted} has no exact version here: {versions}"
        assert wanted.specifier.contains(versions[0], prereleases=True), f"{wanted} is not met by {versions[0]}"


def test_no_file_names_a_registry_or_a_folder_of_somebodys_machine() -> None:
    # Written in pieces, or this file would be the first to be found.
    hosts = ["pypi" + ".org", "python" + "hosted", "anaconda" + ".org", "npm" + "js", "crates" + ".io"]
    roots = "|".join(["ho" + "me", "Us" + "ers", "ro" + "ot", "wo" + "rk"])
    # Tests that show that no path leaks need one to look for: that of somebody who does not exist.
    local = re.compile(rf"(?<![\w.}}/-])/(?:{roots})/(?!someone|ada)|[A-Z]:\\Us" + "ers")
    lines = [(path, line) for path in files() for line in text_of(path).splitlines()]
    assert [(shown(path), line) for path, line in lines if any(host in line for host in hosts)] == []
    assert [(shown(path), line) for path, line in lines if local.search(line)] == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: str(deployment["entrypoint"]))
def test_deployments_can_be_imported_and_take_their_parameters(deployment: dict[str, Any]) -> None:
    module, _, name = str(deployment["entrypoint"]).rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert isinstance(flow, Flow)
    assert flow.name == name
    assert (deployment["name"], deployment["work_pool"]) == ("local", {"name": "local"})
    accepted = flow.parameters.properties
    assert set(deployment.get("parameters", {})) <= set(accepted)


def test_every_flow_is_deployed() -> None:
    modules = {f"flows.{path.stem}" for path in below("flows", ".py")} - {"flows.__init__"}
    assert {str(deployment["entrypoint"]).rpartition(".")[0] for deployment in DEPLOYMENTS} == modules
