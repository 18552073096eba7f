"""A container image made of what is here: this Python with numpy and rasterio, from no registry."""

import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

__all__ = ["build_image", "require_podman"]

_PACKAGES = ("numpy", "rasterio", "affine", "attr", "attrs", "click", "certifi", "cligj", "pyparsing")
_LEFT_OUT = shutil.ignore_patterns(
    "site-packages", "test", "tests", "idlelib", "tkinter", "ensurepip", "__pycache__", "*.a"
)


def require_podman() -> None:
    """Skip the test where no container can be made and run."""
    missing = [name for name in ("podman", "buildah", "runc") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}; make service installs them as root on Debian and Ubuntu")


def build_image(name: str, folder: Path) -> None:
    """Build the image `name` from a root folder made below `folder`; nothing is done if it is there."""
    if subprocess.run(["podman", "image", "exists", name], check=False).returncode == 0:
        return
    root = folder / "root"
    standard = Path(sysconfig.get_path("stdlib"))
    _copy(standard, root)
    program = Path(sys.executable).resolve()
    (root / program.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(program, root / program.relative_to("/"))
    packages = root / standard.relative_to("/") / "site-packages"
    for package in _PACKAGES:
        _package(package, packages)
    for library in _libraries(root, program, *root.rglob("*.so"), *root.rglob("*.so.*")):
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, target)
    for link in ("usr/local/bin/python", "bin/python"):
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(program)
    (root / "tmp").mkdir()
    _commit(root, name)


def _copy(source: Path, root: Path) -> None:
    shutil.copytree(source, root / source.relative_to("/"), ignore=_LEFT_OUT, dirs_exist_ok=True, symlinks=True)


def _package(name: str, target: Path) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin)
    if source.name != "__init__.py":
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target / source.name)
        return
    for folder in (source.parent, source.parent.with_name(f"{name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, target / folder.name, ignore=shutil.ignore_patterns("__pycache__", "tests"))


def _libraries(root: Path, *binaries: Path) -> set[Path]:
    """Return the libraries that the binaries are linked against, the loader included, but for those below `root`."""
    told = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    words = {word for line in told.splitlines() for word in line.split() if word.startswith("/")}
    return {Path(word) for word in words if not word.endswith(":") and not word.startswith(str(root))}


def _commit(root: Path, name: str) -> None:
    made = subprocess.run(["buildah", "from", "scratch"], capture_output=True, text=True, check=True).stdout.strip()
    try:
        path = "PATH=/usr/local/bin:/usr/bin:/bin"
        for words in (
            ["add", "--quiet", made, str(root), "/"],
            ["config", "--env", path, made],
            ["commit", "--quiet", made, name],
        ):
            subprocess.run(["buildah", *words], check=True, capture_output=True)
    finally:
        subprocess.run(["buildah", "rm", made], check=False, capture_output=True)
