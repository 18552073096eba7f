"""The programs that build container images here: buildah, podman or docker, whichever answers."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from earthcode_platform.errors import ExecutionError, UnavailableError
from earthcode_platform.programs import SECONDS, asked

__all__ = ["BUILDERS", "Builder", "Registry", "find_builder"]

BUILDERS: Final = ("buildah", "podman", "docker")
"""Known programs; the first that answers is taken."""

_BUILDING: Final = 1800
_TOLD: Final = 500
"""Characters of what a program said last that an error shows."""

_ASKED: Final = {
    "buildah": ("version",),
    "podman": ("version",),
    "docker": ("info", "--format", "{{.ServerVersion}}"),
}
"""What a program that works answers; docker does only where its daemon runs."""

_INSPECTED: Final = {
    "buildah": ("inspect", "--type", "image", "--format", "{{.FromImageID}} {{.FromImageDigest}}"),
    "podman": ("image", "inspect", "--format", "{{.Id}} {{.Digest}}"),
    "docker": ("image", "inspect", "--format", "{{.Id}}"),
}
_DIGEST: Final = "sha256:"


@dataclass(frozen=True)
class Registry:
    """Where images are pushed to, and who we are there."""

    address: str
    """Host, port and folder, such as `registry.example.org/team`."""
    username: str = ""
    """User name; nobody if empty."""
    password: SecretStr = field(default=SecretStr(""))
    """Password or token."""
    plain_http: bool = False
    """Whether it is asked without TLS."""

    @property
    def host(self) -> str:
        """Host and port."""
        return self.address.split("/", maxsplit=1)[0]

    @property
    def settings(self) -> str:
        """The content of a file of credentials, as all three programs read it."""
        if not self.username:
            return json.dumps({"auths": {}})
        pair = f"{self.username}:{self.password.get_secret_value()}"
        return json.dumps({"auths": {self.host: {"auth": base64.b64encode(pair.encode()).decode()}}})


@dataclass(frozen=True)
class Builder:
    """A program that builds images."""

    name: str
    """Its name."""
    program: str
    """Its path."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which it is called: that of the platform, whose tool it is. No build sees it."""
        settings = dict(os.environ)
        if os.geteuid() == 0:
            # As root in a container itself, only a changed root can be had. Those who can have more say so.
            settings.setdefault("BUILDAH_ISOLATION", "chroot")
        return settings

    def identity(self, image: str) -> tuple[str, str]:
        """Return id and manifest digest of an image that is here; both empty if it is not, the latter if unknown."""
        done = self._call(*_INSPECTED[self.name], image)
        words = done.stdout.split() if done.returncode == 0 else []
        identifier, digest = (*words, "", "")[:2]
        prefixed = identifier if identifier.startswith(_DIGEST) or not identifier else _DIGEST + identifier
        return prefixed, digest if digest.startswith(_DIGEST) else ""

    def build(self, containerfile: Path, image: str) -> None:
        """Build the image that `containerfile` describes, from the folder in which it lies, and call it `image`.

        Raises:
            ExecutionError: It could not be built; the message shows what the program said last.
            UnavailableError: It took longer than half an hour.
        """
        words = ("build", "--file", str(containerfile), "--tag", image, str(containerfile.parent))
        done = self._call(*words, seconds=_BUILDING)
        if done.returncode:
            raise ExecutionError(f"{self.name} could not build it: {_last(done.stderr)}", where=containerfile.name)

    def tag(self, image: str, name: str) -> None:
        """Give an image that is here another name besides."""
        self._call("tag", image, name)

    def push(self, image: str, target: str, registry: Registry) -> str:
        """Push an image to `target` and return the digest of its manifest there.

        Raises:
            UnavailableError: The registry does not take it.
        """
        with tempfile.TemporaryDirectory(prefix="earthcode-push-") as scratch:
            held = Path(scratch) / "config.json"
            held.touch(mode=0o600)
            held.write_text(registry.settings, encoding="utf-8")
            if self.name == "docker":
                done, digest = self._pushed_by_docker(image, target, Path(scratch))
            else:
                noted = Path(scratch) / "digest"
                tls = ("--tls-verify=false",) if registry.plain_http else ()
                words = ("push", "--authfile", str(held), "--digestfile", str(noted), *tls, image, f"docker://{target}")
                done = self._call(*words, seconds=_BUILDING)
                digest = noted.read_text().strip() if noted.is_file() else ""
        if done.returncode or not digest:
            raise UnavailableError(
                f"the registry did not take the image: {_last(done.stderr)}",
                where=target,
                remedy="Check its address, and who we are there, in the block of the container registry.",
            )
        return digest

    def _pushed_by_docker(
        self, image: str, target: str, settings: Path
    ) -> tuple[subprocess.CompletedProcess[str], str]:
        self.tag(image, target)
        done = self._call("--config", str(settings), "push", target, seconds=_BUILDING)
        told = self._call("image", "inspect", "--format", '{{join .RepoDigests " "}}', target).stdout.split()
        own = [one.rpartition("@")[2] for one in told if one.startswith(target.rpartition(":")[0] + "@")]
        return done, next(iter(own), "")

    def _call(self, *words: str, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        return asked((self.program, *words), self.name, self.environment, seconds)


def find_builder(wanted: Sequence[str] = BUILDERS, environment: Mapping[str, str] | None = None) -> Builder | None:
    """Return the first of the programs that is here and answers; None if none does.

    Args:
        wanted: Their names, the favourite first.
        environment: Where to look for them (PATH); the platform's own if None.
    """
    path = (os.environ if environment is None else environment).get("PATH")
    for name in wanted:
        program = shutil.which(name, path=path)
        if program is None:
            continue
        builder = Builder(name, program)
        try:
            answered = builder._call(*_ASKED[name]).returncode == 0  # noqa: SLF001 - of the class above
        except (OSError, UnavailableError):
            continue
        if answered:
            return builder
    return None


def _last(said: str) -> str:
    return " ".join(said.split())[-_TOLD:] or "it said nothing."
