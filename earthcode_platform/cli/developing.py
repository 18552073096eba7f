"""Develop without a server: lint, the folder's tests, a trial, an image, the code, each where it is wanted."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from earthcode_platform.cli.checking import Asked, Developed, develop
from earthcode_platform.development.code import look_at_code
from earthcode_platform.development.containers import Registry, find_builder
from earthcode_platform.development.imaging import find_containerfile, make_image, push_image
from earthcode_platform.development.looking import lint
from earthcode_platform.development.testing import run_tests
from earthcode_platform.development.trying import try_out
from earthcode_platform.engines.registry import engine_with
from earthcode_platform.errors import InputError, MissingExtraError, RefusedError, UnknownNameError
from earthcode_platform.gates import workflow
from earthcode_platform.isolation.limits import Isolation
from earthcode_platform.models.development import Development, ImageBuilt
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["Wanted", "developed"]


@dataclass(frozen=True)
class Wanted:
    """What of it is wanted."""

    tests: bool = True
    """The folder's own tests."""
    trial: bool = True
    """A trial on a small part of the inputs."""
    image: bool = True
    """A container image, if there is a Containerfile."""
    push: Registry | None = None
    """Where the image is pushed to; nowhere if None."""
    least: Isolation = Isolation.NAMESPACES
    """How little isolation is accepted for programs of the experiment."""


def developed(asked: Asked, wanted: Wanted, told: Callable[[str], None]) -> Development:
    """Try everything out that is wanted and return what came of it; nothing stays behind but images.

    Raises:
        RefusedError: The folder declares no experiment, or a part of it cannot be pinned.
        EarthCodeError: A service did not answer, or this machine cannot isolate as far as is wanted.
    """
    pinned = _pinned(develop(asked))
    folder = Path(pinned.folder)
    # First: the workflow may name it, and then the trial runs in it.
    image, findings = _image(pinned, wanted.push, told) if wanted.image else (None, [])
    told("lint")
    try:
        engine = engine_with(pinned.workflow.kind, {"least": wanted.least})
        linters, found = lint(pinned, engine)
    except (UnknownNameError, MissingExtraError) as error:
        engine, linters, found = None, (), [workflow.no_engine(error)]
    findings += found
    tests, trial = None, None
    if wanted.tests:
        told("tests of the folder")
        tests, found = run_tests(folder, least=wanted.least)
        findings += found
    refused = any(one.severity is Severity.ERROR for one in findings)
    if wanted.trial and engine is not None and not refused:
        with tempfile.TemporaryDirectory(prefix="earthcode-trial-") as scratch:
            trial, found = try_out(pinned, engine, Path(scratch), told)
        findings += found
    findings += look_at_code(pinned.code)
    return Development(
        experiment=pinned.experiment.id,
        fingerprint=pinned.fingerprint,
        linters=linters,
        findings=tuple(findings),
        tests=tests,
        trial=trial,
        image=image,
        code=pinned.code,
    )


def _pinned(found: Developed) -> PinnedExperiment:
    if found.pinned is None:
        raise RefusedError(found.refused, where=found.experiment.id)
    return found.pinned


def _image(
    pinned: PinnedExperiment, registry: Registry | None, told: Callable[[str], None]
) -> tuple[ImageBuilt | None, list[Finding]]:
    folder = Path(pinned.folder)
    if find_containerfile(folder) is None:
        if registry is not None:
            raise InputError(
                "there is no image to push.", where=str(folder), remedy="Write a Containerfile, or leave --push out."
            )
        return None, []
    told("image")
    builder = find_builder()
    image, findings = make_image(pinned.experiment, folder, builder)
    if image is not None and builder is not None and registry is not None:
        told("push")
        image = push_image(image, registry, builder)
    return image, findings
