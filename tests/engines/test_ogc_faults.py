"""Providers that are away, slow, or answer wrongly; runs that are cancelled; and nothing left of any of it."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openeo_asked import Asked
from processes_api import TOKEN, ProcessesAPI, offering, problem
from processes_runs import QUICK, endpoint, engine, handed_back, pinned
from pydantic import SecretStr

from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine
from earthcode_platform.errors import (
    ConflictError,
    EarthCodeError,
    ExecutionError,
    InputError,
    IntegrityError,
    UnavailableError,
)

pytestmark = pytest.mark.service


def answers(status: int, content: object = None, **headers: str) -> Callable[[Asked], None]:
    return lambda asked: asked.answer(status, content, **headers)


def left(workspace: Path) -> set[str]:
    """Return the names of files of products in the folder of a run."""
    return {path.name for path in workspace.rglob("*") if path.is_file()} - {"remote-process.json"}


def test_an_outage_leaves_the_job_and_the_next_try_goes_on_with_it(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.hang = True
    provider.faults["GET /jobs/job-1"] = [answers(503)] * 40
    with pytest.raises(UnavailableError, match="it answers 503") as caught:
        engine(provider, pace=QUICK.__class__(first=0.02, longest=0.05, patience=0.3)).run(experiment, tmp_path / "w")
    assert "The job job-1 is kept there" in caught.value.remedy
    assert provider.jobs.dismissed == []
    provider.faults.clear()
    provider.jobs.instead = handed_back(provider)
    provider.jobs.held["job-1"].status = "successful"
    remote = engine(provider).run(experiment, tmp_path / "w").engine.remote
    assert remote is not None
    assert (remote.job, provider.jobs.made) == ("job-1", 1)


def test_a_job_that_is_gone_is_made_again(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    provider.jobs.held.clear()
    engine(provider).run(experiment, tmp_path / "w")
    assert provider.jobs.made == 2


def test_a_job_that_takes_too_long_is_dismissed(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.hang = True
    with pytest.raises(ExecutionError, match="was dismissed: it was not done after"):
        engine(provider, limit=0.2).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert provider.jobs.dismissed == ["job-1"]
    assert left(tmp_path / "w") == set()


def test_a_run_that_is_cancelled_dismisses_its_job(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.hang = True

    def told(fraction: float, step: str) -> None:
        del fraction
        if step.endswith("running: computing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ProcessesEngine(endpoint(provider), told).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert provider.jobs.dismissed == ["job-1"]


def test_a_job_that_cannot_be_noted_is_dismissed(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.hang = True
    (tmp_path / "w" / "remote-process.json.part").mkdir(parents=True)
    with pytest.raises(OSError, match=r"remote-process\.json"):
        engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert provider.jobs.dismissed == ["job-1"]


def test_a_process_that_is_told_to_end_dismisses_its_job(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.hang = True
    experiment = pinned(provider, tmp_path / "e")
    (tmp_path / "pinned.json").write_text(experiment.model_dump_json())
    script = (
        "import sys; from pathlib import Path\n"
        "from earthcode_platform.engines.ogc_processes.endpoint import Endpoint\n"
        "from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine\n"
        "from earthcode_platform.models.pinned import PinnedExperiment\n"
        "pinned = PinnedExperiment.model_validate_json(Path(sys.argv[1]).read_bytes())\n"
        "ProcessesEngine(Endpoint(sys.argv[2])).run(pinned, Path(sys.argv[3]))\n"
    )
    words = [sys.executable, "-c", script, tmp_path / "pinned.json", provider.url, tmp_path / "w"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 90
        while not provider.requests("GET", "/jobs/job-1") and time.monotonic() < deadline:
            time.sleep(0.05)
        running.terminate()
        assert running.wait(30) == 143
    assert provider.jobs.dismissed == ["job-1"]


def test_a_job_that_fails_says_why(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.fails = "step 'copy': exit code 3"
    with pytest.raises(ExecutionError, match="the job job-1 failed at the provider") as caught:
        engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert "step 'copy': exit code 3" in caught.value.message
    assert "The job failed" in caught.value.message
    assert provider.jobs.dismissed == []
    assert left(tmp_path / "w") == set()


@pytest.mark.parametrize(
    ("fault", "answer", "kind", "told"),
    [
        ("POST /processes", answers(400, {"title": "No CWL", "detail": "line 3"}), ExecutionError, "No CWL: line 3"),
        ("POST /processes", answers(403, {"title": "Forbidden"}), InputError, "does not let us in"),
        ("POST /processes", answers(409, {"title": "Duplicated"}), ConflictError, "has a process of that id already"),
        ("POST /processes", answers(201), ExecutionError, "it took the package, and has no process"),
        ("GET /jobs/job-1", answers(200, {"status": "succeeded"}), ExecutionError, "the job is 'succeeded', which is"),
        ("GET /jobs/job-1", answers(200, b"[1, 2", Content_Type="application/json"), ExecutionError, "it is no JSON"),
        ("GET /jobs/job-1", answers(200, {"status": "dismissed"}), ExecutionError, "was dismissed at the provider"),
        ("GET /jobs/job-1/results", answers(200, b"<p>", Content_Type="text/html"), ExecutionError, "'text/html'"),
        ("GET /jobs/job-1/results", answers(404, {"title": "Result not ready"}), ExecutionError, "Result not ready"),
        ("GET /jobs/job-1/results", answers(200, {"other": 1}), ExecutionError, "they lack 'made' and hold other"),
        ("GET /conformance", answers(200, {"conforms": []}), InputError, "lists no classes"),
        ("GET /", answers(302, Location="http://192.0.2.1/"), InputError, "sends us on to 'http://192.0.2.1'"),
    ],
)
def test_answers_that_are_wrong_are_told(
    provider: ProcessesAPI,
    tmp_path: Path,
    fault: str,
    answer: Callable[[Asked], None],
    kind: type[EarthCodeError],
    told: str,
) -> None:
    provider.jobs.instead = handed_back(provider)
    provider.faults[fault] = [answer] * 2
    with pytest.raises(kind, match=re.escape(told)):
        engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert left(tmp_path / "w") == set()


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_execution_that_makes_no_job_is_no_result(provider: ProcessesAPI, tmp_path: Path, status: int) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    (name,) = provider.packages
    provider.faults[f"POST /processes/{name}/execution"] = [answers(status, {"made": 1})]
    with pytest.raises(ExecutionError, match="it made no job"):
        engine(provider).run(experiment, tmp_path / "v")


@pytest.mark.parametrize(
    ("asset", "kind", "told"),
    [
        ({"file:size": 7}, IntegrityError, "it has more than the 7 bytes that were announced"),
        ({"file:size": 10**9}, IntegrityError, "bytes, but 1000000000 were announced"),
        ({"file:checksum": "1220" + "0" * 64}, IntegrityError, "its checksum is"),
        ({"href": "s3://bucket/B01.tif"}, ExecutionError, "its scheme is 's3'"),
        ({"href": "http://192.168.7.7/B01.tif"}, ExecutionError, "not on the public internet"),
        ({"href": "file:///etc/passwd", "type": "image/tiff"}, ExecutionError, "its scheme is 'file'"),
        ({"type": "application/vnd+zarr"}, ExecutionError, "it is a zarr, and no GeoTIFF"),
    ],
)
def test_files_that_are_not_what_was_announced_make_no_product(
    provider: ProcessesAPI, tmp_path: Path, asset: dict[str, Any], kind: type[EarthCodeError], told: str
) -> None:
    provider.jobs.instead = handed_back(provider, **asset)
    with pytest.raises(kind, match=re.escape(told)) as caught:
        engine(provider, pace=QUICK.__class__(first=0.02, longest=0.05, patience=0.3)).run(
            pinned(provider, tmp_path / "e"), tmp_path / "w"
        )
    assert "output 'made', item 'scene-2023-08-01', asset 'B01'" in caught.value.where
    assert left(tmp_path / "w") == set()


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"value": {"type": "Sphere"}}, "of the type 'Sphere', and no STAC catalog"),
        ({"value": 7}, "it is int, and neither a STAC document nor a file"),
        ({"value": "AAA", "encoding": "base64", "mediaType": "image/tiff"}, "it is said to be base64, and is none"),
        ({"href": "/data/scenes/scene-2023-08-01/B01.tif", "type": "application/json"}, "is no STAC document"),
        ({"value": {"type": "Catalog", "links": []}}, "handed back no data file"),
    ],
)
def test_results_that_are_no_data_make_no_product(
    provider: ProcessesAPI, tmp_path: Path, result: dict[str, Any], told: str
) -> None:
    provider.jobs.instead = {"made": result}
    with pytest.raises(ExecutionError, match=re.escape(told)):
        engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert left(tmp_path / "w") == set()


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "object", "required": ["bands"]}, "'bands' is a required property"),
        (
            {"contentMediaType": "image/tiff"},
            "it comes as 'application/geo+json', and its description says 'image/tiff'",
        ),
    ],
)
def test_results_that_the_process_does_not_describe_are_refused(
    provider: ProcessesAPI, tmp_path: Path, schema: dict[str, Any], told: str
) -> None:
    provider.jobs.instead = handed_back(provider)
    provider.changed["/processes/{id}"] = lambda held: held | {"outputs": {"made": {"schema": schema}}}
    with pytest.raises(ExecutionError, match=re.escape(told)) as caught:
        engine(provider).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    assert caught.value.where == "output 'made'"


def test_more_than_may_be_downloaded_is_not(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.instead = handed_back(provider)
    with pytest.raises(ExecutionError, match="more than 100 bytes, which may be downloaded"):
        engine(provider, largest=100).run(pinned(provider, tmp_path / "e"), tmp_path / "w")


def test_a_token_that_is_wrong_or_repeated_is_never_shown(scenes: Path, tmp_path: Path) -> None:
    with offering(ProcessesAPI(scenes, token="another")) as provider:  # noqa: S106 - of nobody
        experiment = pinned(provider, tmp_path / "e")
        there = engine(provider, token=SecretStr(TOKEN))
        (found,) = [one for one in there.check(experiment.workflow, experiment.inputs) if one.severity == "error"]
        assert found.code == "workflow-backend-rights"
        with pytest.raises(InputError, match="does not let us in") as caught:
            there.run(experiment, tmp_path / "w")
    assert TOKEN not in str(found) + str(caught.value)
    assert "not Bearer …" in found.message


def test_two_runs_that_deploy_at_once_share_the_process(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)

    def other_first(asked: Asked) -> None:
        provider._deploy(asked.__class__(**{**vars(asked), "handler": _Silent()}), "")  # noqa: SLF001 - of our server
        problem(asked, 409, "Duplicated", "by another run")

    provider.faults["POST /processes"] = [other_first]
    assert engine(provider).run(experiment, tmp_path / "w").files


@pytest.mark.parametrize(("status", "times"), [(502, 1), (503, 2)])
def test_a_job_that_may_have_been_made_is_not_made_again(
    provider: ProcessesAPI, tmp_path: Path, status: int, times: int
) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    (name,) = provider.packages
    path = f"/processes/{name}/execution"
    provider.faults[f"POST {path}"] = [answers(status)] * 9
    with pytest.raises(UnavailableError, match=f"it answers {status}"):
        engine(provider, pace=QUICK.__class__(patience=0.8)).run(experiment, tmp_path / "v")
    assert len(provider.requests("POST", path)) == 1 + times


class _Silent:
    """A connection that nobody listens to."""

    wfile = type("Sink", (), {"write": staticmethod(lambda _content: None)})

    def send_response(self, *_: object) -> None: ...

    def send_header(self, *_: object) -> None: ...

    def end_headers(self) -> None: ...


def test_a_provider_that_hangs_is_given_up(provider: ProcessesAPI, tmp_path: Path) -> None:
    stopped = threading.Event()
    provider.faults["GET /conformance"] = [lambda _asked: stopped.wait(20) and None]
    pace = QUICK.__class__(first=0.02, longest=0.05, patience=0.0, answer=0.3)
    try:
        with pytest.raises(UnavailableError, match="no answer in time"):
            engine(provider, pace=pace).run(pinned(provider, tmp_path / "e"), tmp_path / "w")
    finally:
        stopped.set()
