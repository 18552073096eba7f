"""The programs that run software containers here: docker or podman, whichever answers."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.programs import SECONDS, asked

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

__all__ = ["CONFIGURATION", "RUNTIMES", "Runtime", "find_runtime", "unused_program"]

RUNTIMES: Final = ("docker", "podman")
"""Known programs, the first that answers is taken."""
_UNUSED: Final = ("apptainer", "singularity")
"""Programs that run containers and that the platform does not use (decision 0038)."""
CONFIGURATION: Final = Path(__file__).with_name("containers.conf")
"""Settings under which podman runs as root in a container itself, where the kernel allows less than it asks for."""
_PULLING: Final = 1800


@dataclass(frozen=True)
class Runtime:
    """A program that runs containers."""

    name: str
    """Its name."""
    program: str
    """Its path."""
    version: str
    """Its version."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which it is called: that of the platform, whose tool it is. No container sees it."""
        settings = dict(os.environ)
        if self.name == "podman" and os.geteuid() == 0 and "CONTAINERS_CONF" not in settings:
            settings["CONTAINERS_CONF"] = str(CONFIGURATION)
        return settings

    def digest(self, image: str) -> str:
        """Return the digest of an image that is here, such as `sha256:…`; empty if it is not."""
        form = "{{if .RepoDigests}}{{index .RepoDigests 0}}{{else}}{{.Id}}{{end}}"
        form = form if self.name == "docker" else "{{.Digest}}"
        done = self._call("image", "inspect", "--format", form, image)
        digest = done.stdout.strip().rpartition("@")[2] if done.returncode == 0 else ""
        return digest if ":" in digest or not digest else f"sha256:{digest}"

    def pull(self, image: str) -> None:
        """Fetch an image from its registry.

        Raises:
            UnavailableError: It could not be had.
        """
        done = self._call("pull", "--quiet", image, seconds=_PULLING)
        if done.returncode:
            raise UnavailableError(
                f"the image could not be pulled: {done.stderr.strip()[-500:]}.", where=image,
                remedy="Check its name and the network; or build it here.",
            )  # fmt: skip

    def remove(self, container: str) -> None:
        """End a container and take it away, if it is there."""
        self._call("rm", "--force", "--volumes", container)

    def _call(self, *words: str, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        return asked((self.program, *words), self.name, self.environment, seconds)


def find_runtime(wanted: Sequence[str] = RUNTIMES) -> Runtime | None:
    """Return the first of the programs that is here and answers; None if none does.

    Raises:
        InputError: One of them is not known.
    """
    for name in wanted:
        if name in _UNUSED:
            raise InputError(
                f"the container program {name!r} is not used by this platform, where it could not be tried.",
                remedy=f"Install one of {', '.join(RUNTIMES)} on the worker, or send packages to a provider.",
            )
        if name not in RUNTIMES:
            raise InputError(f"there is no container program {name!r} here.", remedy=f"Known: {', '.join(RUNTIMES)}.")
        found = _answering(name, shutil.which(name) or "")
        if found is not None:
            return found
    return None


def unused_program() -> str:
    """Return the name of a program that is here, runs containers, and is not used; empty if there is none."""
    return next((name for name in _UNUSED if shutil.which(name)), "")


@cache
def _answering(name: str, program: str) -> Runtime | None:
    if not program:
        return None
    form = "{{.Server.Version}}" if name == "docker" else "{{.Client.Version}}"
    runtime = Runtime(name, program, "")
    try:
        done = runtime._call("version", "--format", form)  # noqa: SLF001 - of the class above
    except (OSError, UnavailableError):
        return None
    return Runtime(name, program, done.stdout.strip()) if done.returncode == 0 else None
