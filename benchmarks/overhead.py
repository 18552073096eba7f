"""What the platform adds to the engine: wall time of a lifecycle run on a warm server, minus the time in the engine.

Run it with `.venv/bin/python -m benchmarks.overhead [RUNS]` in a checkout where `make demo` has run once. It starts
`make serve` with a home of its own, runs `lifecycle/local` once to warm up and RUNS times (5) to measure, and prints
the median of each part. The aim is under 10 s.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx

EXPERIMENT: Final = "examples/sst-anomaly"
AIM: Final = 10.0
_STAGES: Final = ("develop", "validate", "execute", "archive", "publish")


def main(runs: int) -> None:
    """Print a table with the median of each part over `runs` runs."""
    with tempfile.TemporaryDirectory() as home, _serving(Path(home)) as api:
        _lifecycle(api, Path(home))
        measured = [_lifecycle(api, Path(home)) for _ in range(runs)]
    print(f"{EXPERIMENT}, median (minimum, maximum) of {runs} runs, seconds")
    for part in measured[0]:
        values = [each[part] for each in measured]
        print(f"  {part:<42} {statistics.median(values):6.2f} ({min(values):.2f}, {max(values):.2f})")
    overhead = statistics.median(each["overhead: whole run without the engine"] for each in measured)
    print(f"overhead {overhead:.2f} s, aim {AIM:.0f} s: {'holds' if overhead < AIM else 'falls short'}")


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    log = home / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo", "serve"],
            env=os.environ | {"EARTHCODE_HOME": str(home)}, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        while "Ctrl-C stops it" not in log.read_text():
            if process.poll() is not None:
                sys.exit(log.read_text())
            time.sleep(0.5)
        yield f"http://127.0.0.1:{(home / 'prefect' / 'port').read_text().strip()}/api"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _lifecycle(api: str, home: Path) -> dict[str, float]:
    with httpx.Client(base_url=api, timeout=30) as client:
        deployment = client.get("/deployments/name/lifecycle/local").raise_for_status().json()["id"]
        asked = time.time()
        body = {"parameters": {"experiment": EXPERIMENT}, "state": {"type": "SCHEDULED"}}
        run = client.post(f"/deployments/{deployment}/create_flow_run", json=body).raise_for_status().json()["id"]
        while (state := client.get(f"/flow_runs/{run}").json()["state"])["type"] not in ("COMPLETED", "FAILED"):
            time.sleep(0.1)
        if state["type"] == "FAILED":
            sys.exit(state["message"])
        time.sleep(2)  # the server notes the ends of tasks behind the run
        states = client.get("/flow_run_states/", params={"flow_run_id": run}).json()
        tasks = client.post("/task_runs/filter", json={"flow_runs": {"id": {"any_": [run]}}}).json()
    facts = json.loads((home / "runs" / "by-flow-run" / f"{run}.json").read_text())
    engine = json.loads((Path(facts["workspace"]) / "run.json").read_text())
    return _parts(asked, states, tasks, _moment(engine["finished"]) - _moment(engine["started"]))


def _parts(asked: float, states: list[dict[str, Any]], tasks: list[dict[str, Any]], engine: float) -> dict[str, float]:
    at = {state["type"]: _moment(state["timestamp"]) for state in states}
    spans = {
        stage: (min(starts), max(ends))
        for stage in _STAGES
        if (own := [task for task in tasks if task["name"].startswith(f"{stage}: ")])
        and (starts := [_moment(task["start_time"]) for task in own])
        and (ends := [_moment(task["end_time"]) for task in own])
    }
    parts = {
        "asked to taken by the worker": at["PENDING"] - asked,
        "process start, imports, settings": at["RUNNING"] - at["PENDING"],
        "into the first task": spans["develop"][0] - at["RUNNING"],
    }
    parts |= {stage: end - start for stage, (start, end) in spans.items()}
    parts["execute"] -= engine
    parts["execute, without the engine"] = parts.pop("execute")
    gaps = sum(max(0.0, later[0] - earlier[1]) for earlier, later in pairwise(spans.values()))
    parts["between the stages"] = gaps
    parts["after the last task"] = at["COMPLETED"] - spans["publish"][1]
    parts["overhead: whole run without the engine"] = at["COMPLETED"] - asked - engine
    parts["engine"] = engine
    return parts


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
