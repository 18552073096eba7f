"""The container image of an experiment: built if there is a Containerfile, and named by what it is made of."""

import hashlib
import os
from pathlib import Path
from typing import Final

from earthcode_platform.development.containers import BUILDERS, Builder, Registry
from earthcode_platform.development.finding import found
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.development import ImageBuilt
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["content_of", "find_containerfile", "make_image", "push_image"]

_PLACES: Final = ("Containerfile", "Dockerfile", "image/Containerfile", "image/Dockerfile")
_LEFT_OUT: Final = (".git", "__pycache__")
_TAG: Final = 16
"""Digits of the content's digest that the tag has."""


def find_containerfile(folder: Path) -> Path | None:
    """Return the Containerfile (or Dockerfile) of an experiment, in its folder or in `image/`; None without one."""
    return next((folder / place for place in _PLACES if (folder / place).is_file()), None)


def content_of(containerfile: Path) -> str:
    """Return the SHA-256, in hexadecimal, of the name, the rights and the content of every file beside and below it.

    Links count by where they lead. A folder `.git` and `__pycache__` are left out.
    """
    digest = hashlib.sha256()
    base = containerfile.parent
    for place, folders, files in os.walk(base):
        folders[:] = sorted(one for one in folders if one not in _LEFT_OUT)
        for name in sorted(files):
            path = Path(place) / name
            content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            runs = not path.is_symlink() and os.access(path, os.X_OK)
            head = f"{path.relative_to(base).as_posix()}\0{path.is_symlink():d}{runs:d}\0{len(content)}\0"
            digest.update(head.encode(errors="surrogateescape") + content)
    digest.update(containerfile.name.encode())
    return digest.hexdigest()


def make_image(
    experiment: Experiment, folder: Path, builder: Builder | None
) -> tuple[ImageBuilt | None, list[Finding]]:
    """Build the image of an experiment and return it, with what kept it from being built.

    It is called `localhost/<id>:<digits of its content>`, and by the experiment's version besides, which a workflow can
    name. What is there already under that content is taken as it is.

    Codes: `develop-no-builder` (note) and `develop-image-not-built` (warning): a workflow that cannot do without its
    image is refused by the gate of the workflow.

    Args:
        experiment: What was declared.
        folder: Its folder.
        builder: What builds; None if nothing here can.

    Raises:
        UnavailableError: The builder did not end in time.
    """
    containerfile = find_containerfile(folder)
    if containerfile is None:
        return None, []
    where = containerfile.relative_to(folder).as_posix()
    if builder is None:
        message = f"no image was built: none of {', '.join(BUILDERS)} answers here."
        return None, [found("no-builder", Severity.NOTE, where, message, "Install one of them.")]
    content = content_of(containerfile)
    name = f"localhost/{experiment.id}:{content[:_TAG]}"
    identifier, digest = builder.identity(name)
    if not identifier:
        try:
            builder.build(containerfile, name)
        except ExecutionError as error:
            remedy = "Mend it; if the image that it builds on cannot be had here, put that one here first."
            return None, [found("image-not-built", Severity.WARNING, where, error.message, remedy)]
        identifier, digest = builder.identity(name)
    builder.tag(name, f"localhost/{experiment.id}:{experiment.version}")
    return ImageBuilt(name=name, identifier=identifier, digest=digest, builder=builder.name, content=content), []


def push_image(image: ImageBuilt, registry: Registry, builder: Builder) -> ImageBuilt:
    """Push an image to a registry, under its own name, and return it with the digest that the registry has for it.

    Raises:
        UnavailableError: The registry does not take it.
    """
    target = f"{registry.address}/{image.name.removeprefix('localhost/')}"
    digest = builder.push(image.name, target, registry)
    named = target.rpartition(":")[0]
    return image.model_copy(update={"digest": digest, "pushed": f"{named}@{digest}"})
