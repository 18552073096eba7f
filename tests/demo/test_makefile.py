"""What `make` says on machines that lack something, and when it installs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NO_VENV = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *) exec "{python}" "$@";; esac\n'


@pytest.fixture
def bare(checkout: Path, tmp_path: Path) -> Path:
    """A checkout without `.venv`, as far as make is concerned."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "tests/service/github/package.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / name, tmp_path / name)
    return tmp_path


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTHON"))}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def installed(folder: Path, *stamps: str) -> None:
    """Pretend that an installation has just ended here."""
    (folder / ".venv").mkdir()
    program(folder / ".venv" / "bin" / "python", "#!/bin/sh\n")
    (folder / ".venv" / "checkout").write_text(f"{folder}\n", encoding="utf-8")
    for stamp in stamps:
        (folder / ".venv" / stamp).touch()


def test_make_alone_lists_the_commands(bare: Path) -> None:
    shown = make(bare).stdout
    assert "make demo " in shown
    assert "make check " in shown
    assert not (bare / ".venv").exists()


def test_without_a_python_that_will_do_it_says_so(bare: Path) -> None:
    done = make(bare, "PYTHON=", "demo")
    assert done.returncode != 0
    assert "No Python 3.11, 3.12 or 3.13 here. Install one (Debian, Ubuntu: apt-get install python3)" in done.stderr


def test_without_the_venv_module_a_user_is_told_what_to_install(bare: Path) -> None:
    python = program(bare / "bin" / "some-python", NO_VENV.format(python=sys.executable))
    program(bare / "bin" / "id", "#!/bin/sh\necho 1000\n")
    done = make(bare, f"PYTHON={python}", "demo")
    package = f"python3.{sys.version_info.minor}-venv"
    assert done.returncode != 0
    assert f"the Python module venv is missing. Install it first (Debian, Ubuntu: sudo apt-get install {package})" in (
        done.stderr
    )


def test_without_the_venv_module_root_gets_it_installed(bare: Path) -> None:
    python = program(bare / "bin" / "some-python", NO_VENV.format(python=sys.executable))
    program(bare / "bin" / "id", "#!/bin/sh\necho 0\n")
    program(bare / "bin" / "apt-get", '#!/bin/sh\necho "$@" >> asked\nexit 100\n')
    done = make(bare, f"PYTHON={python}", "demo")
    assert done.returncode != 0
    assert "installing the package" in done.stdout
    assert (bare / "asked").read_text(encoding="utf-8") == "update -qq\n"


def test_nothing_is_installed_twice(bare: Path) -> None:
    installed(bare, "installed-demo")
    assert make(bare, "-n", "demo").stdout.splitlines() == [".venv/bin/python -m demo"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_the_dependencies_installs_again(bare: Path, name: str) -> None:
    installed(bare, "installed-demo")
    later = (bare / ".venv" / "installed-demo").stat().st_mtime + 10
    os.utime(bare / name, (later, later))
    assert "-c constraints.txt -e '.[examples]'" in make(bare, "-n", "demo").stdout


def test_a_moved_checkout_gets_a_new_environment(bare: Path) -> None:
    installed(bare, "installed-demo")
    (bare / ".venv" / "checkout").write_text("/somewhere/else\n", encoding="utf-8")
    assert "-m venv --clear .venv" in make(bare, "-n", f"PYTHON={sys.executable}", "demo").stdout


def test_what_check_installs_is_enough_for_the_demo(bare: Path) -> None:
    shown = make(bare, "-n", f"PYTHON={sys.executable}", "check").stdout
    assert "-c constraints.txt -e '.[all]' --group dev" in shown
    assert "touch .venv/installed-demo .venv/installed-check" in shown
    assert shown.splitlines()[-1].startswith(".venv/bin/pytest -q -m service ")
