"""What a CWL step costs over a bare subprocess: wall time and memory, interleaved.

Run it with `.venv/bin/python -m benchmarks.cwl_overhead [RUNS]`. It runs a tool that copies a raster (a) as a
subprocess, (b) as a workflow of one step through the engine, isolated, and (c) as one of eight scattered steps, in
turn, RUNS times (5), and prints medians as ratios. Memory is the peak of the conductor with its tools, as isolation
sees it.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import earthcode_platform.engines.cwl.execution as execution_module
from earthcode_platform.application_packages.document import read_package
from earthcode_platform.engines.cwl.execution import Execution
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended

SCENES = 8
COMMAND = ["sh", "-euc", 'cat "$1" > made.tif', "tool"]
TOOL: dict[str, Any] = {
    "class": "CommandLineTool", "baseCommand": COMMAND,
    "inputs": {"scene": {"type": "File", "inputBinding": {"position": 1}}},
    "outputs": {"made": {"type": "File", "outputBinding": {"glob": "made.tif"}}},
}  # fmt: skip


def workflow(*, scattered: bool) -> dict[str, Any]:
    """Return a workflow of one step, scattered or not."""
    many = "[]" if scattered else ""
    step = {"run": TOOL, "in": {"scene": "scene"}, "out": ["made"], **({"scatter": "scene"} if scattered else {})}
    return {
        "cwlVersion": "v1.2", "class": "Workflow", "requirements": {"ScatterFeatureRequirement": {}},
        "inputs": {"scene": f"File{many}"}, "steps": {"copy": step},
        "outputs": {"made": {"type": f"File{many}", "outputSource": "copy/made"}},
    }  # fmt: skip


def bare(scene: Path, folder: Path) -> None:
    """Run the tool as a subprocess."""
    subprocess.run([*COMMAND, str(scene)], cwd=folder, check=True)


def through_the_engine(content: dict[str, Any], value: object, folder: Path) -> None:
    """Run a workflow in an isolated child, as the engine does."""
    import json

    package = folder / "package"
    package.mkdir()
    (package / "app.cwl").write_text(json.dumps(content))
    with Execution(read_package(package / "app.cwl", package), Settings(containers=()), None, folder / "w") as run:
        for number in range(SCENES):
            shutil.copy(folder.parent / "scene.tif", run.inputs / f"{number}.tif")
        files: list[Any] = [{"class": "File", "location": (run.inputs / f"{n}.tif").as_uri()} for n in range(SCENES)]
        run.run({"scene": files if value == "all" else files[0]})


def main(runs: int) -> None:
    """Print ratios and peak memory over `runs` interleaved runs."""
    peaks: list[int] = []

    class Measured(Isolated):
        def run(self, *arguments: Any, **options: Any) -> Ended:  # noqa: ANN401 - as they come
            ended = super().run(*arguments, **options)
            peaks.append(ended.peak_memory_bytes)
            return ended

    execution_module.Isolated = Measured  # type: ignore[misc] # the run makes one of these itself
    seconds: dict[str, list[float]] = {"bare": [], "one step": [], f"{SCENES} steps": []}
    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder) / "scene.tif"
        scene.write_bytes(b"\0" * 4_000_000)
        for run in range(runs):
            for name, measured in seconds.items():
                own = Path(folder) / f"{run}-{name.replace(' ', '-')}"
                own.mkdir()
                began = time.perf_counter()
                if name == "bare":
                    bare(scene, own)
                else:
                    through_the_engine(workflow(scattered=name != "one step"), "all" if name != "one step" else "", own)
                measured.append(time.perf_counter() - began)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    each = (medians[f"{SCENES} steps"] - medians["one step"]) / (SCENES - 1)
    print(f"medians of {runs} runs; a bare subprocess takes {1000 * medians['bare']:.1f} ms here")
    print(f"  a workflow of one step          {medians['one step'] / medians['bare']:8.0f} times a bare subprocess")
    print(f"  each further scattered step     {each / medians['bare']:8.1f} times a bare subprocess")
    print(f"  peak memory of the child        {max(peaks) / 2**20:8.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
