"""The real user-defined processes of ESA-APEx/apex_algorithms, run on this engine: `make apex-suite`.

Each graph becomes an experiment whose inputs are synthetic scenes (`apex_scenes`). It is pinned, checked, run and read
back as any experiment is. Ends with 0 if every graph does what is expected of it: runs, and gives the values that NumPy
gives; or is refused for the reason that is known. Ends with 2 without a checkout of the algorithms.
"""

import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from conformance.apex_cases import Case, case_of, graphs, processes_of, values_for
from conformance.apex_expected import EXPECTED
from conformance.apex_scenes import SCENES, write_scenes

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.cubes.read_tables import read_table
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.errors import EarthCodeError, RefusedError
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["Outcome", "experiment_of", "main", "outcome_of"]

_USAGE: Final = 2
_TOLERANCE: Final = {"rtol": 2e-5, "atol": 3e-5}
"""Between float32 and NumPy's float64."""
_ON_A_BORDER: Final = 0.0005
"""Share of pixels that may fall into another class, where a value lies on the border of two within float32."""


@dataclass(frozen=True)
class Outcome:
    """What became of a graph."""

    name: str
    verdict: str
    """passed, failed or skipped."""
    told: str
    """Its size and how its values were compared, or why it does not run."""
    processes: tuple[str, ...]
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Run the graphs of a checkout, or those of them that are named, print the table, and return the exit code."""
    checkout = Path(arguments[0]) if arguments else Path("missing")
    found = graphs(checkout)
    if not found:
        sys.stderr.write(
            f"No user-defined processes in {checkout}. Check out https://github.com/ESA-APEx/apex_algorithms beside"
            " this project, or name its folder: make apex-suite APEX_ALGORITHMS=/path/to/apex_algorithms\n"
        )
        return _USAGE
    chosen = {name: path for name, path in found.items() if len(arguments) == 1 or name in arguments[1:]}
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="apex-") as folder:
        write_scenes(Path(folder) / "scenes")
        outcomes = [_told(outcome_of(name, path, Path(folder))) for name, path in chosen.items()]
    counted = {
        verdict: sum(outcome.verdict == verdict for outcome in outcomes) for verdict in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{count} {verdict}" for verdict, count in counted.items()))  # noqa: T201 - a report
    return 1 if counted["failed"] else 0


def _told(outcome: Outcome) -> Outcome:
    """Print the row of a graph, and return its outcome."""
    row = f"{outcome.verdict:<8}{outcome.seconds:6.1f} s  {outcome.name}: {outcome.told}"
    print(row, f"{'':<19}{', '.join(outcome.processes)}", sep="\n", flush=True)  # noqa: T201 - a report
    return outcome


def outcome_of(name: str, path: Path, folder: Path) -> Outcome:
    """Run one graph on the scenes below `folder`, and compare."""
    started, case = time.monotonic(), case_of(name)
    process = json.loads(path.read_text(encoding="utf-8"))
    used = tuple(sorted(set(processes_of(process["process_graph"]))))
    try:
        told, failed = _compared(name, _values(name, process, case, folder)), ""
        if case.reason:
            failed = f"runs, though it was known not to: {case.reason}"
    except RefusedError as error:
        errors = "; ".join(str(one) for one in error.findings if one.severity == "error")
        known = bool(case.refused) and case.refused in errors
        told, failed = (case.reason, "") if known else ("", f"refused: {errors}")
    except (EarthCodeError, AssertionError) as error:
        known = bool(case.failed) and case.failed in str(error)
        told, failed = (case.reason, "") if known else ("", f"{type(error).__name__}: {error}")
    verdict = "failed" if failed else "skipped" if case.reason else "passed"
    return Outcome(name, verdict, failed or told, used, time.monotonic() - started)


def _compared(name: str, values: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """Compare with what NumPy gives, where that is known, and say what was compared."""
    size = " x ".join(map(str, next(iter(values.values())).shape))
    valid = np.mean([np.isfinite(one).mean() for one in values.values()])
    if name not in EXPECTED:
        return f"{len(values)} bands of {size}, {valid:.0%} valid; values not compared"
    wanted = EXPECTED[name]()
    assert len(wanted) == len(values), f"{len(values)} bands {list(values)}, not {len(wanted)}"
    for (band, found), expected in zip(values.items(), wanted, strict=True):
        assert found.shape == expected.shape, f"band {band}: {found.shape}, not {expected.shape}"
        wrong = ~np.isclose(found, expected, equal_nan=True, **_TOLERANCE)
        if wrong.mean() > _ON_A_BORDER:
            place = tuple(int(at[0]) for at in np.nonzero(wrong))
            counted = f"band {band}: {wrong.sum()} of {wrong.size} values differ"
            raise AssertionError(f"{counted}; at {place} {found[place]}, not {expected[place]}")
    return f"{len(values)} bands of {size}, {valid:.0%} valid; values as NumPy's"


def _values(name: str, process: Mapping[str, Any], case: Case, folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Run the graph and return the values of the bands of its product."""
    pinned = experiment_of(name, process, case, folder)
    workspace = Path(pinned.folder) / "out"
    produced = OpenEOEngine().run(pinned, workspace).files[0]
    if produced.table is not None:
        columns = read_table(Path(produced.path)).columns
        return {band: np.array(columns[band], dtype="float64") for band in produced.bands}
    cube = reopen(Path(produced.path))
    if "bands" not in cube.dims:
        return {"value": cube.values}
    return {str(band): cube.sel(bands=band).values for band in cube["bands"].values}


def experiment_of(name: str, process: Mapping[str, Any], case: Case, folder: Path) -> PinnedExperiment:
    """Return an experiment of the graph, pinned: an input for each collection that it names."""
    home = folder / "experiments" / name.replace(" ", "-")
    home.mkdir(parents=True)
    (home / "workflow.json").write_text(json.dumps(process), encoding="utf-8")
    text = json.dumps([process, case.values])
    named = [scene for scene in SCENES.values() if json.dumps(scene.stands_for) in text]
    declared = Experiment.model_validate({
        "id": "apex", "version": "1.0.0", "title": name, "description": "A real graph.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": name, **case.files(home)},
        "inputs": {
            scene.name: {
                "href": str(folder / "scenes" / scene.name / "collection.json"),
                "stands_for": scene.stands_for,
            }
            for scene in named or [SCENES["sentinel2"]]
        },
        "configuration": values_for(process, case),
        "product": {"id": "apex-map", "title": name, "format": _form(process)},
    })  # fmt: skip
    return PinnedExperiment(
        experiment=declared,
        folder=str(home),
        workflow=pin_workflow(declared, home),
        inputs=pin_inputs(declared.inputs, home),
    )


def _form(process: Mapping[str, Any]) -> str:
    """Return the format that the graph names, or NetCDF, which holds every cube."""
    nodes = process["process_graph"].values()
    named = [node["arguments"].get("format") for node in nodes if node["process_id"] == "save_result"]
    return "COG" if "GTiff" in named else "CSV" if "CSV" in named else "NetCDF"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
