"""Packages really run: staged, isolated, watched, and handed back as files of a product."""

import json
import os
import threading
import time
from pathlib import Path

import cwl_pieces
import factories
import numpy as np
import psutil
import pytest
import rasterio

from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.engines.registry import available, find_engine
from earthcode_platform.errors import ExecutionError, IntegrityError
from earthcode_platform.isolation.limits import Isolation, Limits
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.staging import stage_workflow

HERE = Settings(containers=(), seconds=60, tool=ToolLimits(seconds=30, memory_mib=300))


def run(folder: Path, workspace: Path, settings: Settings = HERE) -> RunResult:
    return CWLEngine(settings=settings).run(cwl_pieces.pinned(folder), workspace)


def test_it_is_found_by_its_entry_point() -> None:
    assert find_engine("cwl") is CWLEngine
    assert available()["cwl"] == "cwl"


def test_a_workflow_runs_once_for_each_scene_and_hands_files_back(tmp_path: Path) -> None:
    folder = cwl_pieces.folder(
        tmp_path / "e", cwl_pieces.scattered(), inputs={"scenes": {"href": "./data/collection.json"}}
    )
    told: list[tuple[float, str]] = []
    engine = CWLEngine(progress=lambda fraction, step: told.append((fraction, step)), settings=HERE)
    pinned = cwl_pieces.pinned(folder)
    errors = [
        found for found in engine.check(pinned.workflow, pinned.inputs, pinned.experiment) if found.severity == "error"
    ]
    assert errors == []
    result = engine.run(pinned, tmp_path / "w")
    assert [Path(made.path).name for made in result.files] == ["copied-made-made.tif", "copied-made-made-2.tif"]
    with rasterio.open(result.files[0].path) as first, rasterio.open(result.files[1].path) as second:
        np.testing.assert_array_equal(second.read(1) - first.read(1), 1.0)
    assert Path(result.quicklook).read_bytes().startswith(b"\x89PNG")
    assert result.engine.libraries["cwltool"]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert {"copy runs", "copy_2 runs", "copy is done", "copy_2 is done"} <= {step for _, step in told}
    assert {path.name for path in (tmp_path / "w").iterdir()} == {"result", "quicklook.png"}


def catalog_tool() -> cwl_pieces.Document:
    """Return a tool that hands a STAC catalog back, with one item of its own date."""
    item = {
        "type": "Feature", "stac_version": "1.0.0", "id": "a", "bbox": list(factories.BOX), "links": [],
        "geometry": {"type": "Point", "coordinates": [10, 45]}, "properties": {"datetime": "2020-02-02T00:00:00Z"},
        "assets": {"data": {"href": "B01.tif", "roles": ["data"]}},
    }  # fmt: skip
    catalog = {"type": "Catalog", "stac_version": "1.0.0", "id": "c", "description": "d",
               "links": [{"rel": "item", "href": "a/a.json"}]}  # fmt: skip
    command = f"""mkdir -p out/a; cp "$1"/*/B01.tif out/a/B01.tif
    echo '{json.dumps(catalog)}' > out/catalog.json; echo '{json.dumps(item)}' > out/a/a.json"""
    return cwl_pieces.tool(command, outputs={"made": {"type": "Directory", "outputBinding": {"glob": "out"}}})


def test_a_stac_catalog_is_read_back_and_named_by_the_product(tmp_path: Path) -> None:
    app = cwl_pieces.workflow(outputs={"made": {"type": "Directory", "outputSource": "copy/made"}})
    (made,) = run(cwl_pieces.folder(tmp_path / "e", app, {"tools/copy.cwl": catalog_tool()}), tmp_path / "w").files
    assert Path(made.path) == tmp_path / "w" / "result" / "copied.tif"
    assert (made.start.isoformat(), made.title) == ("2020-02-02T00:00:00+00:00", "A copied raster")


LOOKING = r"""
{ echo "secrets: $(env | cut -d= -f1 | tr '\n' ' ')"; cat /etc/shadow; ls /root; ls {outside}; cat {outside}/secret
  ls "$HOME/.aws" "$HOME/.prefect"; (echo > /dev/tcp/192.0.2.1/80); cat /proc/net/route; } 2>&1 || true
cp "$1"/*/B01.tif made.tif
exit 3
"""


def test_a_tool_finds_no_secret_no_file_of_others_and_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("hunter2")
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_hunter2")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    tool = cwl_pieces.tool(LOOKING.replace("{outside}", str(outside)))
    folder = cwl_pieces.folder(tmp_path / "e", files={"tools/copy.cwl": tool})
    with pytest.raises(ExecutionError, match="step 'copy': the tool failed with exit code 3") as caught:
        run(folder, tmp_path / "w")
    said = caught.value.message
    names = said.partition("secrets: ")[2].partition("\n")[0].split()
    assert set(names) <= {"HOME", "TMPDIR", "PATH", "PWD", "SHLVL", "_", "OLDPWD", "LANG"}
    assert "hunter2" not in said
    assert "/etc/shadow: No such file" in said
    assert f"'{outside}': No such file" in said or f"{outside}: No such file" in said
    assert "Iface" not in said or said.count("eth") == 0
    assert (tmp_path / "w" / "logs" / "copy.log").read_text().startswith("secrets: ")


def leftovers(mark: str) -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if mark in " ".join(one.info["cmdline"] or ())]


@pytest.mark.parametrize(
    ("command", "settings", "told"),
    [
        ("x=$(head -c 400000000 /dev/zero | tr '\\0' x); sleep {mark}", Settings(containers=(), seconds=60,
         tool=ToolLimits(seconds=40, memory_mib=100)), "it used .* MiB, and a tool may use 100"),
        ("sleep {mark} & while :; do :; done", Settings(containers=(), seconds=60, tool=ToolLimits(seconds=2)),
         "it took longer than 2 s"),
        ("bomb() { sleep {mark} & bomb; bomb; }; bomb", Settings(containers=(), seconds=20, processes=40),
         "the run was ended: it had more than 40 processes|Resource temporarily unavailable|Cannot fork"),
    ],
    ids=["a memory hog", "an endless loop", "a fork bomb"],
)  # fmt: skip
def test_what_uses_too_much_is_ended_with_all_that_came_of_it(
    tmp_path: Path, command: str, settings: Settings, told: str
) -> None:
    mark = f"9{os.getpid()}{int(time.time() * 1000) % 100000}"
    tool = cwl_pieces.tool(command.replace("{mark}", mark))
    folder = cwl_pieces.folder(tmp_path / "e", files={"tools/copy.cwl": tool})
    began = time.monotonic()
    with pytest.raises(ExecutionError, match=told) as caught:
        run(folder, tmp_path / "w", settings)
    assert "copy" in caught.value.where
    assert time.monotonic() - began < 30
    assert leftovers(mark) == []


def test_a_run_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    mark = f"8{os.getpid()}"
    folder = cwl_pieces.folder(tmp_path / "e", files={"tools/copy.cwl": cwl_pieces.tool(f"sleep {mark}")})
    cancelled = threading.Event()

    def progress(fraction: float, step: str) -> None:
        del fraction
        if step == "copy runs":
            cancelled.set()

    with pytest.raises(ExecutionError, match="it was cancelled"):
        CWLEngine(progress, settings=HERE, cancelled=cancelled).run(cwl_pieces.pinned(folder), tmp_path / "w")
    assert leftovers(mark) == []
    assert {path.name for path in (tmp_path / "w").iterdir()} == {"logs"}


def test_a_file_that_changed_after_it_was_pinned_is_not_run(tmp_path: Path) -> None:
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e"))
    (tmp_path / "e" / "tools" / "copy.cwl").write_text("{}")
    with pytest.raises(IntegrityError, match=r"copy\.cwl"):
        CWLEngine(settings=HERE).run(pinned, tmp_path / "w")


def test_a_file_of_the_configuration_is_one_of_the_workflows(tmp_path: Path) -> None:
    tool = cwl_pieces.tool('test "$(cat "$2")" = 42; cp "$1"/*/B01.tif made.tif')
    tool["inputs"] = {"scene": {"type": "Directory", "inputBinding": {"position": 1}},
                      "table": {"type": "File", "inputBinding": {"position": 2}}}  # fmt: skip
    app = cwl_pieces.workflow(
        inputs={"scenes": "Directory", "table": "File"},
        steps={"copy": {"run": "tools/copy.cwl", "in": {"scene": "scenes", "table": "table"}, "out": ["made"]}},
    )
    folder = cwl_pieces.folder(
        tmp_path / "e", app, {"tools/copy.cwl": tool, "tools/table.txt": "42"},
        configuration={"table": {"class": "File", "path": "tools/table.txt"}},
    )  # fmt: skip
    assert len(run(folder, tmp_path / "w").files) == 1
    pinned = cwl_pieces.pinned(folder)
    other = pinned.experiment.model_copy(update={"configuration": {"table": {"class": "File", "path": "table.txt"}}})
    codes = [found.code for found in CWLEngine(settings=HERE).check(pinned.workflow, pinned.inputs, other)]
    assert "workflow-unknown-file" in codes


def test_parameters_are_the_inputs_of_the_workflow(tmp_path: Path) -> None:
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e"))
    scenes, factor = CWLEngine().parameters(pinned.workflow)
    assert (scenes.name, scenes.required, scenes.description) == ("scenes", True, "Scenes. Scenes to copy")
    assert (factor.json_schema["type"], factor.required, factor.default) == ("integer", False, 1)


def test_the_staged_package_is_what_was_pinned(tmp_path: Path) -> None:
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e"))
    entry = stage_workflow(pinned.workflow, tmp_path / "s")
    assert json.loads(entry.read_text())["class"] == "Workflow"
    assert (tmp_path / "s" / "tools" / "copy.cwl").is_file()


def test_what_a_platform_allows_every_language_goes_before_the_defaults() -> None:
    settings = Settings().within(Limits(seconds=60, memory_bytes=2**30, processes=99), Isolation.PROCESS)
    assert (settings.seconds, settings.memory_mib, settings.processes, settings.least) == (
        60,
        1024,
        99,
        Isolation.PROCESS,
    )
    assert settings.tool == ToolLimits(seconds=60, memory_mib=1024)
