"""Where a machine cannot isolate, it says so; what is accepted instead ends as surely."""

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from earthcode_platform.errors import NotIsolatedError
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended, EndedBy, Isolation, Limits

CHECKOUT = Path(__file__).parents[2]
NOBODY = 65534
PYTHONS = (sys.executable, "/usr/bin/python{}.{}".format(*sys.version_info))
# Inside, no further file system of the kernel's processes can be mounted: as in a container that allows little.
INSIDE = """
import pathlib, sys
from earthcode_platform.errors import NotIsolatedError
from earthcode_platform.isolation.isolated import Isolated, why_not
from earthcode_platform.isolation.limits import Isolation
here = pathlib.Path.cwd()
print(why_not(here))
ended = Isolated(here, least=Isolation.PROCESS).run(["echo", "hello"])
print(ended.isolation, ended.output_tail)
"""
USER = """
import os, pathlib, sys, tempfile
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Limits
with tempfile.TemporaryDirectory() as folder:
    isolated = Isolated(pathlib.Path(folder), limits=Limits(seconds=20, processes=30))
    ended = isolated.run(["sh", "-c", "id -u; touch made; ls /root /home; exec cat /proc/self/status"])
    print(ended.isolation, os.stat(os.path.join(folder, "made")).st_uid, ended.output_tail)
"""


@pytest.fixture
def limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Isolated:
    """Accept less on a machine that cannot do more."""
    real = Isolated._run  # noqa: SLF001 - of a machine that can do less

    def refuse(self: Isolated, isolation: Isolation, *arguments: object) -> Ended:
        if isolation is Isolation.NAMESPACES:
            raise NotIsolatedError("this machine cannot isolate a process.")
        return real(self, isolation, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Isolated, "_run", refuse)
    return Isolated(tmp_path, limits=Limits(seconds=20, memory_bytes=200 * 1024**2), least=Isolation.PROCESS)


def test_a_machine_that_cannot_isolate_says_so_and_can_be_told_to_accept_less(isolated: Isolated) -> None:
    ended = isolated.run([sys.executable, "-c", INSIDE])
    why, less = ended.output_tail.splitlines()[-2:]
    assert why.startswith("this machine cannot isolate a process: ")
    assert less == "process hello"


def test_what_is_not_accepted_raises_with_the_way_out(limited: Isolated) -> None:
    with pytest.raises(NotIsolatedError, match="cannot isolate"):
        replace(limited, least=Isolation.NAMESPACES).run(["true"])


def test_other_systems_have_no_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NotIsolatedError, match=r"darwin has no namespaces\. .*isolation 'process'"):
        Isolated(tmp_path).run(["true"])


def test_less_still_means_an_environment_of_its_own(limited: Isolated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_secret")
    ended = limited.run(["env"])
    assert ended.isolation is Isolation.PROCESS
    assert "PREFECT" not in ended.output_tail


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans back")
def test_less_still_leaves_no_process(limited: Isolated, nothing_left: Callable[[str], list[int]]) -> None:
    word = f"mark-{uuid.uuid4().hex}"
    ended = limited.run(["sh", "-c", "(setsid sh -c 'sleep 600; true' $0 & ) ; echo left", word])
    assert (ended.well, ended.output_tail) == (True, "left")
    cancelled = threading.Event()
    cancelled.set()
    assert limited.run(["sh", "-c", "sleep 600; true", word], None, cancelled).ended_by is EndedBy.CANCEL
    assert nothing_left(word) == []


def test_less_still_limits_memory_and_time(limited: Isolated) -> None:
    hog = "import time\nkept = []\nwhile True: kept.append(b'x' * 2_000_000); time.sleep(0.005)"
    assert limited.run([sys.executable, "-c", hog]).ended_by is EndedBy.MEMORY
    quick = replace(limited, limits=replace(limited.limits, seconds=0.3))
    assert quick.run(["sleep", "60"]).ended_by is EndedBy.TIME


def test_any_user_can_isolate(isolated: Isolated) -> None:
    assert isolated.run(["true"]).well
    if os.geteuid() != 0:
        return  # the whole suite showed it
    python = next((found for found in PYTHONS if _as_nobody(found, "pass")), None)
    if python is None:
        pytest.skip("no Python of this version that another user may run")
    shown = _as_nobody(python, USER)
    assert shown.startswith(f"namespaces {NOBODY} {NOBODY}\n")
    assert f"CapEff:\t{'0' * 16}" in shown
    assert shown.count("No such file or directory") == 2


def _as_nobody(python: str, code: str) -> str:
    """Return what `code` prints, run by a user without rights; empty if that user may not run `python`."""
    packages = [entry for entry in sys.path if entry.endswith("site-packages")]
    environment = {"PYTHONPATH": os.pathsep.join((str(CHECKOUT), *packages)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-c", f"print('up')\n{code}"]
    try:
        ran = subprocess.run(
            command,
            env=environment,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return ""
    up, _, rest = ran.stdout.decode().partition("\n")
    assert ran.returncode == 0, ran.stderr.decode()
    return rest or up
