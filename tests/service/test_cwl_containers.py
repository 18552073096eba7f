"""Tools in containers, for real: podman, an image built here, and nothing left of them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import cwl_pieces
import pytest
from images import build_image, require_podman

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import ExecutionError
from earthcode_platform.experiments.overrides import override
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

IMAGE = "localhost/earthcode/water-mask:1.0.0"
PODMAN = Settings(containers=("podman",), seconds=120, tool=ToolLimits(seconds=60, memory_mib=256))


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    require_podman()
    build_image(IMAGE, tmp_path_factory.mktemp("image"))
    return IMAGE


def left() -> str:
    """Return the names of containers that the platform started and that are still there."""
    listed = ["podman", "ps", "--all", "--format", "{{.Names}}", "--filter", "name=earthcode-"]
    return subprocess.run(listed, capture_output=True, text=True, check=True).stdout


def python_tool(script: str) -> cwl_pieces.Document:
    """Return a tool that runs a script in the image, which it requires."""
    tool = cwl_pieces.tool()
    return tool | {
        "baseCommand": ["python", "-c", script],
        "requirements": {"DockerRequirement": {"dockerPull": IMAGE}},
    }


def experiment(folder: Path, script: str) -> PinnedExperiment:
    return cwl_pieces.pinned(cwl_pieces.folder(folder, files={"tools/copy.cwl": python_tool(script)}))


def test_the_example_gives_the_same_in_its_image_as_outside(
    image: str, checkout: Path, shared: Path, tmp_path: Path
) -> None:
    folder = checkout / "examples" / "water-mask-cwl"
    scenes = shared / "data" / "ls5-nbar-canberra-1992" / "collection.json"
    declared = override(read_experiment(folder), {"scenes": str(scenes)}, {})
    pinned = PinnedExperiment(
        experiment=declared, folder=str(folder), workflow=pin_workflow(declared, folder),
        inputs=pin_inputs(declared.inputs, folder),
    )  # fmt: skip
    inside = CWLEngine(settings=Settings(containers=("podman",)))
    assert inside.check(pinned.workflow, pinned.inputs, declared) == []
    made = inside.run(pinned, tmp_path / "in")
    assert made.engine.libraries[image].startswith("sha256:")
    outside = CWLEngine(settings=Settings(containers=())).run(pinned, tmp_path / "out")
    assert image not in outside.engine.libraries
    assert made.files[0].data_checksum == outside.files[0].data_checksum
    assert left() == ""


LOOKING = """
import os, socket, sys
found = sorted(os.environ)
try: socket.create_connection(("192.0.2.1", 80), 2); found.append("network")
except OSError: pass
for place in ("/etc/shadow", "/home", "/opt", "/srv", sys.argv[1] + "/../../../order.json"):
    if os.path.exists(place): found.append(place)
try: open("/new", "w"); found.append("writable root")
except OSError: pass
print("found:", *found); sys.exit(3)
"""


def test_a_container_shows_nothing_of_the_platform(image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert image
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_hunter2")
    with pytest.raises(ExecutionError, match="exit code 3: found: ") as caught:
        CWLEngine(settings=PODMAN).run(experiment(tmp_path / "e", LOOKING), tmp_path / "w")
    said = set(caught.value.message.partition("found: ")[2].split())
    assert said <= {"HOME", "TMPDIR", "PATH", "TERM", "HOSTNAME", "container", "LC_CTYPE"}


@pytest.mark.parametrize(
    ("script", "settings", "told"),
    [
        ("while True: pass", Settings(containers=("podman",), tool=ToolLimits(seconds=3)), "it took longer than 3 s"),
        ("import time; x = bytearray(800_000_000); time.sleep(99)", PODMAN, "it used more memory than it may"),
    ],
    ids=["an endless loop", "a memory hog"],
)
def test_a_container_that_uses_too_much_is_ended(
    image: str, tmp_path: Path, script: str, settings: Settings, told: str
) -> None:
    assert image
    with pytest.raises(ExecutionError, match=told) as caught:
        CWLEngine(settings=settings).run(experiment(tmp_path / "e", script), tmp_path / "w")
    assert caught.value.where == "step 'copy'"
    assert left() == ""


def test_a_run_that_is_cancelled_ends_its_containers(image: str, tmp_path: Path) -> None:
    assert image
    cancelled = threading.Event()

    def wait() -> None:
        while not left():
            time.sleep(0.1)
        cancelled.set()

    threading.Thread(target=wait, daemon=True).start()
    with pytest.raises(ExecutionError, match="it was cancelled"):
        CWLEngine(settings=PODMAN, cancelled=cancelled).run(
            experiment(tmp_path / "e", "import time; time.sleep(99)"), tmp_path / "w"
        )
    assert left() == ""


def test_containers_end_with_a_platform_that_is_killed(image: str, tmp_path: Path) -> None:
    assert image
    pinned = experiment(tmp_path / "e", "import time; time.sleep(99)")
    (tmp_path / "pinned.json").write_text(pinned.model_dump_json())
    script = (
        "import sys; from pathlib import Path\n"
        "from earthcode_platform.engines.cwl.engine import CWLEngine\n"
        "from earthcode_platform.models.pinned import PinnedExperiment\n"
        "pinned = PinnedExperiment.model_validate_json(Path(sys.argv[1]).read_bytes())\n"
        "CWLEngine().run(pinned, Path(sys.argv[2]))\n"
    )
    platform = subprocess.Popen([sys.executable, "-c", script, tmp_path / "pinned.json", tmp_path / "w"])
    deadline = time.monotonic() + 60
    while not left() and time.monotonic() < deadline:
        assert platform.poll() is None
        time.sleep(0.1)
    os.kill(platform.pid, signal.SIGKILL)
    platform.wait()
    while left() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left() == ""


def test_an_image_that_is_not_here_is_refused_with_its_tool(tmp_path: Path) -> None:
    require_podman()
    tool: dict[str, Any] = cwl_pieces.tool(requirements={"DockerRequirement": {"dockerPull": "localhost/nobody:0"}})
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e", files={"tools/copy.cwl": tool}))
    found = CWLEngine(settings=PODMAN).check(pinned.workflow, pinned.inputs, pinned.experiment)
    (refused,) = [one for one in found if one.severity == "error"]
    assert (refused.code, refused.where) == ("workflow-no-image", "tools/copy.cwl")
    assert "'localhost/nobody:0'" in refused.message
    assert json.loads(refused.model_dump_json())["remedy"]
