import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest

from earthcode_platform.engines import registry
from earthcode_platform.engines.registry import GROUP, available, engine_for, engine_named, engine_with, find_engine
from earthcode_platform.errors import ConflictError, InputError, MissingExtraError, UnknownNameError
from earthcode_platform.models.experiment import WorkflowKind

ENGINE = """
class Engine:
    kinds = frozenset({kinds})

    def __init__(self, *, colour="blue"):
        self.colour = colour
"""

Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a stranger's distribution: a module, and metadata that name its engine."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def into_the_path(name: str, module: str, source: str) -> None:
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}:Engine\n")
        (tmp_path / f"{module}.py").write_text(source)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return into_the_path


def test_our_engine_comes_by_the_same_door() -> None:
    assert "openeo" in entry_points(group=GROUP).names
    assert available()["openeo"] == "openeo"
    assert find_engine("openeo").__name__ == "OpenEOEngine"


def test_an_engine_that_configuration_chooses_is_found_by_name_alone() -> None:
    assert type(engine_named("remote-openeo")).__name__ == "RemoteOpenEOEngine"
    assert "remote-openeo" not in available().values()
    with pytest.raises(UnknownNameError, match="Did you mean 'remote-openeo'"):
        engine_named("remote-openoe")


def test_a_stranger_is_found_and_takes_its_options(install: Install) -> None:
    install("my-engine", "strange", ENGINE.format(kinds="{'fortran', 'cobol'}"))
    engine = engine_for("fortran", colour="red")
    assert type(engine).__module__ == "strange"
    assert getattr(engine, "colour", "") == "red"
    assert available()["cobol"] == "my-engine"
    assert available()["fortran"] == "my-engine"


def forget(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry see an installation in which our engine of that name is not there."""
    ours = f"earthcode_platform.engines.{name}."
    monkeypatch.setattr(
        registry, "entry_points", lambda *, group: [one for one in entry_points(group=group) if ours not in one.value]
    )


def test_a_stranger_may_bring_a_kind_that_a_release_does_not_run(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget("cwl", monkeypatch)
    install("cwl", "strange_cwl", ENGINE.format(kinds="{'cwl'}"))
    assert find_engine(WorkflowKind.CWL).__module__ == "strange_cwl"


def test_the_engine_named_like_the_kind_goes_first(install: Install) -> None:
    install("another", "another", ENGINE.format(kinds="{'openeo'}"))
    assert find_engine("openeo").__name__ == "OpenEOEngine"
    assert available()["openeo"] == "openeo"


def test_two_engines_of_equal_right_are_told_apart_by_nobody(install: Install) -> None:
    install("one", "strange_one", ENGINE.format(kinds="{'fortran'}"))
    install("two", "strange_two", ENGINE.format(kinds="{'fortran'}"))
    with pytest.raises(ConflictError, match="'one', 'two'"):
        find_engine("fortran")


def test_an_unknown_kind_lists_those_that_are_known() -> None:
    with pytest.raises(UnknownNameError, match=r"Known: .*openeo") as caught:
        find_engine("fortran")
    assert "'fortran'" in caught.value.message
    with pytest.raises(UnknownNameError, match="Did you mean 'openeo'"):
        find_engine("open-eo")


@pytest.mark.parametrize(("kind", "module"), [("cwl", "cwltool"), ("notebook", "papermill"), ("mlflow", "mlflow")])
def test_a_kind_whose_extra_is_missing(kind: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    # Where the release has an engine, its module is imported anew and finds out; where it has none, the registry does.
    for point in entry_points(group=GROUP):
        if point.name == kind:
            monkeypatch.delitem(sys.modules, point.module, raising=False)
    with pytest.raises(MissingExtraError, match=rf"'earthcode-platform\[{kind}\]'"):
        find_engine(kind)
    assert kind not in available()
    assert available()["openeo"] == "openeo"


@pytest.mark.parametrize(("kind", "module"), [("cwl", "cwltool"), ("notebook", "papermill"), ("mlflow", "mlflow")])
def test_a_kind_that_a_release_does_not_run(kind: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec(module) is None:
        pytest.skip(f"needs the extra {kind}")
    only = [point for point in entry_points(group=GROUP) if point.name == "openeo"]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: only if group == GROUP else [])
    with pytest.raises(UnknownNameError, match=r"this release has no engine.*It runs: openeo\."):
        find_engine(kind)


def test_an_engine_whose_extra_is_missing_names_it(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    forget("cwl", monkeypatch)
    install("cwl", "strange_cwl", "import a_module_that_nobody_has")
    with pytest.raises(MissingExtraError, match=r"'earthcode-platform\[cwl\]'") as caught:
        find_engine("cwl")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_strangers_engine_that_cannot_be_imported_does_not_stop_others(install: Install) -> None:
    install("broken", "strange_broken", "import a_module_that_nobody_has")
    assert "broken" not in available().values()
    assert find_engine("openeo").__name__ == "OpenEOEngine"
    with pytest.raises(MissingExtraError, match=r"'broken' of strange_broken.*a_module_that_nobody_has"):
        find_engine("broken")


@pytest.mark.parametrize("source", ["", "Engine = 1", "class Engine: kinds = ['broken']"])
def test_an_entry_point_that_leads_to_no_engine(install: Install, source: str) -> None:
    install("broken", "strange_broken", source)
    assert "broken" not in available().values()
    with pytest.raises(InputError, match="'strange_broken:Engine', which is no engine"):
        find_engine("broken")


def test_an_engine_gets_what_it_has_of_what_is_offered(install: Install) -> None:
    install("my-engine", "strange", ENGINE.format(kinds="{'fortran'}"))
    engine = engine_with("fortran", {"colour": "red", "limits": 1})
    assert getattr(engine, "colour", "") == "red"
    assert engine_with("openeo", {"progress": None, "least": 1}).kinds == {"openeo"}
