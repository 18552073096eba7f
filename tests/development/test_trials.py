"""Trials on parts of the inputs, and what they say of the whole."""

import json
from pathlib import Path
from typing import Any

import factories
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from earthcode_platform.cli.checking import Asked, develop
from earthcode_platform.development.code import look_at_code
from earthcode_platform.development.estimating import estimated
from earthcode_platform.development.linting import lint_code
from earthcode_platform.development.measuring import measured, memory_used
from earthcode_platform.development.parts import cuts
from earthcode_platform.development.report import in_markdown
from earthcode_platform.development.trying import try_out
from earthcode_platform.engines.registry import engine_for
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.development import Development, Measured, Part
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment
from earthcode_platform.models.run import RunResult

SIDE = 1024


def wide(folder: Path) -> PinnedExperiment:
    """Return an experiment whose two scenes have 1024 by 1024 pixels, most of them of one value."""
    factories.experiment_folder(folder)
    step = 0.8 / SIDE
    for day in factories.DAYS:
        place = folder / "data" / f"scene-{day}"
        transform = from_origin(10.0, 45.8, step, step)
        form = {"width": SIDE, "height": SIDE, "count": 1, "dtype": "float32", "crs": "EPSG:4326", "tiled": True}
        with rasterio.open(
            place / "B01.tif", "w", driver="GTiff", transform=transform, compress="deflate", **form
        ) as to:
            to.write(np.full((SIDE, SIDE), 2, dtype="float32"), 1)
        document = place / f"{place.name}.json"
        item: dict[str, Any] = json.loads(document.read_text())
        item["properties"] |= {"proj:shape": [SIDE, SIDE], "proj:transform": [step, 0, 10.0, 0, -step, 45.8]}
        for key in ("file:size", "file:checksum"):
            del item["assets"]["B01"][key]
        factories.write_json(document, item)
    pinned = develop(Asked(folder, {}, {})).pinned
    assert pinned is not None
    return pinned


def run(share: float, seconds: float, memory: int = 0) -> Measured:
    return Measured(share=share, seconds=seconds, memory_bytes=memory)


def test_a_line_through_two_shares_leads_to_the_whole() -> None:
    # 1 s that is always the same and 9 s for everything; memory grows by 1000 bytes.
    estimate = estimated([run(0.1, 1.9, 100), run(0.2, 2.8, 200)])
    assert (estimate.seconds, estimate.memory_bytes) == (pytest.approx(10), 1000)
    assert estimate.seconds_least == estimate.seconds_most == pytest.approx(10)


def test_what_the_runs_disagree_about_is_the_range() -> None:
    estimate = estimated([run(0.1, 1.9), run(0.2, 2.8), run(0.1, 2.0), run(0.2, 3.0)])
    assert estimate.seconds_least == pytest.approx(2.8 + 8 * 0.8)
    assert estimate.seconds_most == pytest.approx(3.0 + 11 * 0.8)
    assert estimate.seconds_least < estimate.seconds < estimate.seconds_most


def test_no_line_falls_and_the_whole_is_no_forecast() -> None:
    assert estimated([run(0.1, 3.0), run(0.2, 2.0)]).seconds == 3.0
    assert estimated([run(1.0, 4.0, 7)]).memory_bytes == 7
    with pytest.raises(ValueError, match="two different shares"):
        estimated([run(0.1, 1.0), run(0.1, 2.0)])


def test_of_equal_runs_the_one_that_used_least_memory_tells() -> None:
    runs = [run(0.1, 1.0, 100), run(0.2, 2.0, 200), run(0.1, 1.0, 190), run(0.2, 2.0, 210)]
    assert estimated(runs).memory_bytes == 1000


def test_memory_is_that_beyond_what_there_was() -> None:
    before = memory_used()
    held, taken = measured(0.5, lambda: np.ones(8_000_000), before)
    assert held.nbytes <= taken.memory_bytes + 1_000_000
    assert taken.memory_bytes < 4 * held.nbytes
    assert taken.share == 0.5


def test_large_scenes_are_tried_on_boxes_in_their_middle(tmp_path: Path) -> None:
    pinned = wide(tmp_path / "wide")
    part, parts = cuts(pinned)
    assert part is Part.AREA
    assert [round(one.share * SIDE**2) for one in parts] == [256**2, 512**2, SIDE**2]
    assert parts[0].pinned.inputs[0].bbox == pytest.approx((10.3, 45.3, 10.5, 45.5))
    assert parts[-1].pinned == pinned
    trial, findings = try_out(pinned, engine_for("openeo"), tmp_path / "scratch")
    assert findings == []
    assert trial is not None
    # The whole takes seconds: it was tried as a whole in the end.
    assert (trial.part, [one.share for one in trial.runs]) == (Part.WHOLE, [1.0])
    assert str(trial).startswith("All of the inputs took ")
    assert list((tmp_path / "scratch").iterdir()) == []


class _Slow:
    """An engine that takes as long as the box is large, 40 s for everything, by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.boxes: list[object] = []
        monkeypatch.setattr("earthcode_platform.development.measuring.time.perf_counter", lambda: self.now)

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        west, _, east, _ = pinned.inputs[0].bbox or factories.BOX
        self.boxes.append(pinned.inputs[0].bbox)
        self.now += 2 + 40 * ((east - west) / 0.8) ** 2
        return factories.run(pinned, workspace)


def test_a_slow_workflow_is_estimated_from_the_last_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = _Slow(monkeypatch)
    trial, findings = try_out(wide(tmp_path / "wide"), engine, tmp_path / "scratch")  # type: ignore[arg-type]  # runs
    assert findings == []
    assert trial is not None
    assert trial.part is Part.AREA
    assert [round(one.share, 4) for one in trial.runs] == [0.0625, 0.25, 0.0625, 0.25]
    assert (trial.estimate.seconds, trial.estimate.seconds_most) == (pytest.approx(42), pytest.approx(42))
    assert "all of it is expected to take 42 s (between 42 and 42 s)" in str(trial)
    assert None not in engine.boxes


def test_small_scenes_and_few_items_are_tried_whole(tmp_path: Path) -> None:
    pinned = develop(Asked(factories.experiment_folder(tmp_path / "small"), {}, {})).pinned
    assert pinned is not None
    assert cuts(pinned) == (Part.WHOLE, [(1.0, pinned)])
    workflow = pinned.workflow.model_copy(update={"kind": WorkflowKind.CWL})
    assert cuts(pinned.model_copy(update={"workflow": workflow}))[0] is Part.WHOLE
    many = pinned.inputs[0].model_copy(
        update={"assets": tuple(pinned.inputs[0].assets[0].model_copy(update={"item": f"i{n}"}) for n in range(20))}
    )
    part, parts = cuts(pinned.model_copy(update={"workflow": workflow, "inputs": (many,)}))
    assert (part, [one.share for one in parts]) == (Part.ITEMS, [0.1, 0.2, 0.4, 1.0])
    assert [one.item for one in parts[0].pinned.inputs[0].assets] == ["i0", "i1"]


class _Failing:
    """An engine whose every run fails."""

    def run(self, pinned: PinnedExperiment, workspace: Path) -> None:
        (workspace / "half").write_text("x")
        raise ExecutionError("node 'mean' failed.", where=pinned.experiment.id)


@pytest.mark.parametrize(("large", "severity"), [(False, Severity.ERROR), (True, Severity.WARNING)])
def test_a_trial_that_fails_is_a_finding(large: bool, severity: Severity, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    pinned = (
        wide(tmp_path / "x") if large else develop(Asked(factories.experiment_folder(tmp_path / "x"), {}, {})).pinned
    )
    assert pinned is not None
    trial, (finding,) = try_out(pinned, _Failing(), tmp_path / "scratch")  # type: ignore[arg-type]  # runs, and no more
    assert trial is None
    assert (finding.code, finding.severity) == ("develop-trial-failed", severity)
    assert "node 'mean' failed" in finding.message
    assert list((tmp_path / "scratch").iterdir()) == []


def test_mistakes_are_told_before_what_only_smells(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n" * 60)
    (tmp_path / "b.py").write_text("print(undefined)\n")
    found = lint_code(tmp_path)
    assert len(found) == 50
    assert [one.code for one in found].count("develop-code-broken") == 1


def test_code_that_nobody_could_get_again_is_told() -> None:
    commit = "0123456789" * 4
    assert [one.code for one in look_at_code(None)] == ["develop-code-not-pinned"]
    told = list(look_at_code(CodeVersion(commit=commit, dirty=True)))
    assert [(one.code, one.severity) for one in told] == [
        ("develop-code-dirty", Severity.WARNING),
        ("develop-code-nowhere", Severity.NOTE),
    ]
    assert list(look_at_code(CodeVersion(commit=commit, dirty=False, repository="https://example.org/x"))) == []


def test_a_report_cannot_be_broken_by_what_it_reports() -> None:
    found = Development(
        experiment="x", fingerprint="f", linters=("a|b",), code=CodeVersion(commit="c" * 40, dirty=False)
    )
    text = in_markdown(found, "A title\n| with <b>pipes")
    assert text.splitlines()[0] == "# A title \\| with &lt;b>pipes"
    assert "| Lint | a\\|b |" in text
    assert text.endswith("Nothing was found wrong.\n")
