"""The command that runs the openEO test suite: what it says without a checkout; with one, that its reasons hold."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from suite_run import main

CHECKOUT = Path(__file__).parents[3]
SUITE = Path(os.environ.get("OPENEO_TEST_SUITE", CHECKOUT.parent / "openeo-test-suite"))


def test_without_a_checkout_it_says_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    told = capsys.readouterr().err
    assert "The openEO test suite is not at" in told
    assert "git clone https://github.com/Open-EO/openeo-test-suite" in told


def test_make_says_so_too_before_it_installs_anything(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "openeo-suite", f"OPENEO_TEST_SUITE={tmp_path}/none"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"The openEO test suite is not at {tmp_path}/none" in done.stderr
    assert "installing" not in done.stdout


@pytest.mark.service
@pytest.mark.skipif(not (SUITE / "assets" / "processes" / "tests").is_dir(), reason=f"no openEO test suite at {SUITE}")
@pytest.mark.skipif(find_spec("json5") is None, reason="make openeo-suite was never run here: its packages are missing")
def test_every_case_passes_or_has_its_reason() -> None:
    command = Path(__file__).with_name("suite_run.py")
    done = subprocess.run([sys.executable, command, SUITE], capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout[-2000:]
    assert done.stdout.rstrip().splitlines()[-1].endswith("skipped")
