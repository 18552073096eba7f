"""A notebook finds nothing of the platform, and is stopped when it takes too much; nothing of it is left."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest
from notebook_pieces import PARAMETERS, READ, WRITE, code, experiment, markdown, notebook, pinned

from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.engines.notebook.execution import EXECUTED, run_notebook
from earthcode_platform.engines.notebook.job import Job
from earthcode_platform.errors import ExecutionError, NotIsolatedError
from earthcode_platform.isolation.isolated import Isolated, why_not
from earthcode_platform.isolation.limits import Ended, Isolation, Limits

pytestmark = pytest.mark.service

LOOKS = """
import os, pathlib, socket
from IPython.display import JSON

def can_read(path):
    try:
        pathlib.Path(path).read_bytes()
        return True
    except OSError:
        return False

def reaches(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return True
    except OSError:
        return False

found = {
    "environment": sorted(name for name in os.environ if name.startswith(("PREFECT", "AWS", "EARTHCODE", "GITHUB"))),
    "values": [value for value in os.environ.values() if "canary" in value],
    "files": [path for path in %(paths)r if can_read(path)],
    "home": sorted(os.listdir(os.path.expanduser("~"))),
    "ports": [port for port in (%(port)d,) if reaches("127.0.0.1", port)],
    "network": [host for host in ("192.0.2.1", "example.org") if reaches(host, 80)],
    "processes": [pid for pid in os.listdir("/proc") if pid.isdigit() and can_read(f"/proc/{pid}/cmdline")
        and b"%(mark)s" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()],
    "written": [],
}
for place in %(folders)r:
    try:
        pathlib.Path(place, "left.txt").write_text("x")
        found["written"].append(place)
    except OSError:
        pass
display(JSON(found), metadata={"scrapbook": {"name": "found"}})
"""


@pytest.fixture(autouse=True)
def _can_isolate(tmp_path: Path) -> None:
    reason = why_not(tmp_path)
    if reason:
        pytest.skip(reason)


def test_a_notebook_finds_nothing_of_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    for name in (".aws/credentials", ".prefect/profiles.toml"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("canary")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PREFECT_API_KEY", "canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    outside = tmp_path / "outside.txt"
    outside.write_text("canary")
    mark = f"neighbour-of-{tmp_path.name}"
    asleep = [sys.executable, "-c", "input()", mark]
    with socket.create_server(("127.0.0.1", 0)) as server, subprocess.Popen(asleep, stdin=subprocess.PIPE) as neighbour:
        paths = [*(str(home / name) for name in (".aws/credentials", ".prefect/profiles.toml")), str(outside)]
        paths += ["/etc/shadow", str(tmp_path / "small" / "experiment.yaml"), f"/proc/{os.getpid()}/environ"]
        folders = [str(tmp_path), str(home), str(tmp_path / "small" / "data"), "/usr"]
        looks = LOOKS % {"paths": paths, "port": server.getsockname()[1], "folders": folders, "mark": mark}
        made = pinned(experiment(tmp_path / "small", notebook(code(READ), code(looks), code(WRITE))))
        result = NotebookEngine().run(made, tmp_path / "workspace")
        neighbour.communicate(b"\n")
    (values,) = [Path(each.path) for each in result.attached if each.key == "scraps"]
    found = json.loads(values.read_text())["found"]
    kept = {".cache", ".config", ".ipython", ".jupyter", ".local", ".matplotlib"}
    assert set(found.pop("home")) <= kept
    assert found == {key: [] for key in found}
    assert len(found) == 7
    assert not list(tmp_path.glob("*/left.txt"))


BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
HOG = "kept = []\nwhile True:\n    kept.append(bytearray(b'x' * 5_000_000))"
LOOP = "while True:\n    pass"
DAEMON = """
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", MARK], start_new_session=True)
os.fork() or os.setsid() or __import__("time").sleep(600)
"""


@pytest.mark.parametrize(
    ("cell", "said", "limits"),
    [
        (BOMB, "more than 60 processes", Limits(seconds=60, processes=60)),
        (HOG, "more than 700 MiB of memory", Limits(seconds=60, memory_bytes=700 * 1024**2)),
        (LOOP, "did not end within 8 s", Limits(seconds=8)),
    ],
    ids=["fork bomb", "memory hog", "endless loop"],
)
def test_what_takes_too_much_is_stopped_and_nothing_is_left(
    cell: str, said: str, limits: Limits, tmp_path: Path
) -> None:
    content = notebook(markdown("## Take"), code(cell), code(READ), code(WRITE))
    made = pinned(experiment(tmp_path / "small", content))
    with pytest.raises(ExecutionError, match=said) as caught:
        NotebookEngine(limits=limits).run(made, tmp_path / "workspace")
    assert caught.value.where == "mean.ipynb, cell 4 'Take'"
    assert_nothing_left(str(tmp_path))


def test_what_a_notebook_starts_ends_with_it(tmp_path: Path) -> None:
    mark = f"mark-{tmp_path.name}"
    content = notebook(code(READ), code(WRITE), code(DAEMON.replace("MARK", repr(mark))))
    NotebookEngine().run(pinned(experiment(tmp_path / "small", content)), tmp_path / "workspace")
    assert_nothing_left(str(tmp_path), mark)


def test_a_link_in_the_place_of_the_page_is_not_followed(tmp_path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp") as outside:
        link = f"import os\nos.symlink({outside.name!r}, '../executed.html')"
        made = pinned(experiment(tmp_path / "small", notebook(code(READ), code(WRITE), code(link))))
        with pytest.raises(ExecutionError, match="its process ended with 0 before the notebook did"):
            NotebookEngine().run(made, tmp_path / "workspace")
    assert not (tmp_path / "workspace" / "result").exists()


def test_what_is_declared_lowers_the_limits(tmp_path: Path) -> None:
    content = notebook(markdown("## Take"), code(HOG), code(READ), code(WRITE), metadata={
        "earthcode": {"memory_mib": 600, "seconds": 60}})  # fmt: skip
    made = pinned(experiment(tmp_path / "small", content))
    with pytest.raises(ExecutionError, match="more than 600 MiB"):
        NotebookEngine().run(made, tmp_path / "workspace")


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_the_kernel_is_reached_by_either_transport(transport: str, tmp_path: Path) -> None:
    (tmp_path / "small.ipynb").write_text(json.dumps(notebook(code("print(factor)"), parameters=PARAMETERS)))
    job = Job(notebook="small.ipynb", parameters={"factor": 3}, title="t", cell_seconds=60, transport=transport)
    # In this process, whose network the tests have blocked: the kernel answers on loopback, or on a socket in a file.
    outcome = run_notebook(job, tmp_path)
    assert outcome.failure is None
    assert '"3\\n"' in (tmp_path / EXECUTED).read_text()
    assert threading.active_count() < 50


def test_where_less_is_accepted_it_runs_and_ends_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Isolated._run  # noqa: SLF001 - a machine that cannot do more

    def refuse(self: Isolated, isolation: Isolation, *arguments: object) -> Ended:
        if isolation is Isolation.NAMESPACES:
            raise NotIsolatedError("this machine cannot isolate a process.")
        return real(self, isolation, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Isolated, "_run", refuse)
    mark = f"mark-{tmp_path.name}"
    content = notebook(code(READ), code(WRITE), code(DAEMON.replace("MARK", repr(mark))))
    made = pinned(experiment(tmp_path / "small", content))
    with pytest.raises(NotIsolatedError):
        NotebookEngine().run(made, tmp_path / "workspace")
    result = NotebookEngine(least=Isolation.PROCESS).run(made, tmp_path / "workspace")
    assert result.engine.isolation == "process"
    assert_nothing_left(str(tmp_path), mark)


def assert_nothing_left(*marks: str) -> None:
    left = []
    for process in psutil.process_iter():
        try:
            words = " ".join([*process.cmdline(), process.cwd()])
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(mark in words for mark in marks):
            left.append(words)
    assert left == []
