"""A back-end that is away, that errs, that hangs, and that sends what nobody asked for."""

import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openeo_asked import Asked
from openeo_backend import API, CANARY, OpenEOBackend
from remote_runs import BASIC, QUICK, engine, left, pinned, reset, serving_scenes

from earthcode_platform.engines.remote_openeo.engine import RemoteOpenEOEngine
from earthcode_platform.errors import EarthCodeError, ExecutionError, InputError, UnavailableError
from earthcode_platform.models.pinned import PinnedExperiment

FILE = "GET /files/job-1/result-1.tif"
HASTY = replace(QUICK, patience=0.0)


@pytest.fixture
def experiment(backend: OpenEOBackend, tmp_path: Path) -> PinnedExperiment:
    return pinned(backend, tmp_path / "experiment")


def test_what_says_later_is_asked_later(backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path) -> None:
    backend.faults["GET /jobs/job-1"] = [lambda asked: asked.answer(503, {}, Retry_After="1")]
    backend.faults["POST /jobs"] = [lambda asked: asked.error(429, "TooManyRequests", "Slowly.")]
    began = time.monotonic()
    engine(backend).run(experiment, tmp_path / "run")
    assert time.monotonic() - began >= 1.5
    assert backend.jobs.made == 1


@pytest.mark.parametrize(("status", "times"), [(502, 1), (504, 1), (503, 2)])
def test_a_job_that_may_have_been_made_is_not_made_again(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path, status: int, times: int
) -> None:
    # Behind a gateway that gave up the job may be there, and cost money.
    backend.faults["POST /jobs"] = [lambda asked: asked.error(status, "Gateway", "Away.")] * 9
    with pytest.raises(UnavailableError, match=f"it answers {status}"):
        engine(backend, pace=replace(QUICK, patience=0.8)).run(experiment, tmp_path / "run")
    assert backend.requests("POST", "/jobs") == times


def test_an_outage_leaves_the_job_and_the_next_try_goes_on_with_it(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path
) -> None:
    backend.jobs.hang = True
    runner = engine(backend, pace=HASTY)
    backend.jobs.when_running = lambda _job: backend.faults.update({"GET /jobs/job-1": [reset]})
    with pytest.raises(UnavailableError, match="job job-1 goes on there"):
        runner.run(experiment, tmp_path / "run")
    assert backend.jobs.held["job-1"].status == "running"
    backend.jobs.hang = False
    engine(backend).run(experiment, tmp_path / "run")
    assert (backend.jobs.made, backend.jobs.held["job-1"].started) == (1, 1)


def test_a_job_that_is_gone_is_made_anew(backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path) -> None:
    engine(backend).run(experiment, tmp_path / "run")
    backend.jobs.held.clear()
    engine(backend).run(experiment, tmp_path / "run")
    assert backend.jobs.made == 2


def test_a_job_that_fails_shows_its_log_without_secrets(tmp_path: Path) -> None:
    with serving_scenes(tmp_path / "provider", "basic") as backend:
        experiment = pinned(backend, tmp_path / "experiment")
        backend.jobs.failing = [
            f"cannot read https://ada:hunter2@example.org/x with {CANARY}-access-1",
            "out of memory",
        ]
        with pytest.raises(ExecutionError, match="out of memory") as failed:
            engine(backend, BASIC).run(experiment, tmp_path / "run")
    told = str(failed.value) + repr(failed.value) + repr(pickle.dumps(failed.value))
    assert CANARY not in told
    assert "hunter2" not in told
    assert "job-1" in told
    assert left(tmp_path / "run") == {"remote-job.json"}


def test_a_job_that_takes_too_long_is_stopped(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path
) -> None:
    backend.jobs.hang = True
    with pytest.raises(ExecutionError, match=r"was stopped: it was not done"):
        engine(backend, limit=0.2).run(experiment, tmp_path / "run")
    assert backend.jobs.held["job-1"].status == "canceled"


def test_a_job_that_somebody_else_stops_is_told(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path
) -> None:
    backend.jobs.hang = True
    backend.jobs.when_running = backend.jobs.stop
    with pytest.raises(ExecutionError, match="cancelled at the back-end"):
        engine(backend).run(experiment, tmp_path / "run")


@pytest.mark.parametrize("deletes", [False, True])
def test_who_no_longer_waits_stops_the_job(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path, *, deletes: bool
) -> None:
    backend.jobs.hang = True

    def tired(_fraction: float, step: str) -> None:
        if "running" in step:
            raise KeyboardInterrupt

    runner = RemoteOpenEOEngine(engine(backend, deletes=deletes)._backend, tired)  # noqa: SLF001 - options are private
    with pytest.raises(KeyboardInterrupt):
        runner.run(experiment, tmp_path / "run")
    if deletes:
        assert backend.jobs.held == {}
    else:
        assert backend.jobs.held["job-1"].status == "canceled"


def test_a_process_that_is_told_to_end_stops_its_job(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path
) -> None:
    backend.jobs.hang = True
    (tmp_path / "pinned.json").write_text(experiment.model_dump_json())
    code = (
        "import sys, pathlib\n"
        "from earthcode_platform.engines.provider.pace import Pace\n"
        "from earthcode_platform.engines.remote_openeo.backend import Backend\n"
        "from earthcode_platform.engines.remote_openeo.engine import RemoteOpenEOEngine\n"
        "from earthcode_platform.models.pinned import PinnedExperiment\n"
        "folder = pathlib.Path(sys.argv[2])\n"
        "pinned = PinnedExperiment.model_validate_json((folder / 'pinned.json').read_text())\n"
        "backend = Backend(sys.argv[1], pace=Pace(first=30.0))\n"
        "RemoteOpenEOEngine(backend).run(pinned, folder / 'run')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, backend.url, str(tmp_path)], env=os.environ) as process:
        until = time.monotonic() + 60
        while backend.jobs.made == 0 or backend.jobs.held["job-1"].status != "running":
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    assert backend.jobs.held["job-1"].status == "canceled"


def test_a_redirect_carries_no_token_to_another_host(tmp_path: Path) -> None:
    with (
        serving_scenes(tmp_path / "provider", "basic") as backend,
        serving_scenes(tmp_path / "elsewhere") as elsewhere,
    ):
        experiment = pinned(backend, tmp_path / "experiment")

        def onward(asked: Asked) -> None:
            asked.answer(302, Location=f"{elsewhere.origin}{asked.path}")

        backend.faults["GET /processes"] = [onward]
        with pytest.raises(InputError, match="sends us on to"):
            engine(backend, BASIC).run(experiment, tmp_path / "run")
        assert elsewhere.asked == []
        backend.faults[FILE] = [onward] * 3
        home = f"127.0.0.1:{elsewhere.port}"
        with pytest.raises(ExecutionError, match="not on the public internet"):
            engine(backend, BASIC).run(experiment, tmp_path / "run")
        backend.faults[FILE] = [onward]
        result = next(iter(backend.jobs.held.values())).files[0].read_bytes()
        elsewhere.faults[FILE] = [lambda asked: asked.answer(200, result)]
        engine(backend, BASIC, allowed=frozenset({home})).run(experiment, tmp_path / "run")
        assert [one.headers.get("authorization") for one in elsewhere.asked] == [None]
        assert any(f"{CANARY}-access" in one.headers.get("authorization", "") for one in backend.asked)


def test_a_token_that_is_refused_for_good_is_a_finding_without_it(tmp_path: Path) -> None:
    with serving_scenes(tmp_path / "provider", "basic") as backend:
        experiment = pinned(backend, tmp_path / "experiment")
        backend.faults["POST /validation"] = [
            lambda asked: asked.error(403, "TokenInvalid", f"{asked.headers['authorization']} is no token")
        ] * 2
        (found,) = [one for one in found_by(engine(backend, BASIC), experiment) if one.severity == "error"]
        assert found.code == "workflow-backend-rights"
        assert CANARY not in str(found)
        backend.method = "oidc"
        (other,) = [one for one in found_by(engine(backend, BASIC), experiment) if one.severity == "error"]
        assert other.code == "workflow-backend-rights"
        wrong = replace(BASIC, username="eve")
        (denied,) = [one for one in found_by(engine(backend, wrong), experiment) if one.severity == "error"]
        assert (denied.code, CANARY in str(denied)) == ("workflow-backend-rights", False)
        assert backend.jobs.made == 0


def found_by(runner: RemoteOpenEOEngine, experiment: PinnedExperiment) -> list[Any]:
    return list(runner.check(experiment.workflow, experiment.inputs, experiment.experiment))


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b"{}"])
def test_an_address_without_a_back_end_is_named(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path, body: bytes
) -> None:
    backend.faults["GET /"] = [lambda asked: asked.answer(200, body)] * 2
    with pytest.raises(InputError, match=r"no openEO back-end|does not say what it offers") as told:
        engine(backend).run(experiment, tmp_path / "run")
    assert backend.origin in str(told.value)


def test_nobody_there_is_an_outage(backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        engine(backend, url=f"http://127.0.0.1:9{API}", pace=HASTY).run(experiment, tmp_path / "run")


def test_a_refused_job_says_why(backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path) -> None:
    backend.faults["POST /jobs"] = [lambda asked: asked.error(402, "PaymentRequired", "You have no credits.")]
    with pytest.raises(EarthCodeError, match=r"PaymentRequired: You have no credits\.\) Raise the budget"):
        engine(backend).run(experiment, tmp_path / "run")
    assert left(tmp_path / "run") == set()
