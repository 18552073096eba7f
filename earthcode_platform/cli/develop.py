"""`earthcode-platform develop`: what an author wants to know before a run that takes long.

It exits with 0 if nothing was found that keeps the experiment from running, with 1 if something was or a step failed,
and with 2 if it was called in a way it does not understand.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from earthcode_platform.cli.options import Options
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from earthcode_platform.development.containers import Registry

__all__ = ["DevelopOptions", "develop"]

_NO_OPTIONS = Options()


@Parameter(name="*")
@dataclass(frozen=True)
class DevelopOptions:
    """What is tried out."""

    tests: Annotated[bool, Parameter(name="--tests")] = True
    """Run the tests in the folder."""
    trial: Annotated[bool, Parameter(name="--trial")] = True
    """Run the workflow on a small part of its inputs, and estimate what all of them take."""
    image: Annotated[bool, Parameter(name="--image")] = True
    """Build the container image, if there is a Containerfile."""
    push: Annotated[str | None, Parameter(name="--push")] = None
    """Registry and folder that the image is pushed to, such as registry.example.org/team. Who we are there is read from
    EARTHCODE_REGISTRY_USERNAME and EARTHCODE_REGISTRY_PASSWORD."""
    plain_http: Annotated[bool, Parameter(name="--plain-http", negative="")] = False
    """Ask the registry without TLS."""
    isolation: Annotated[Literal["namespaces", "process"], Parameter(name="--isolation")] = "namespaces"
    """How programs of the experiment are kept from everything else; 'process' accepts a plain limited process where
    this machine can do no more."""


_EVERYTHING = DevelopOptions()


def develop(folder: Path, /, *, what: DevelopOptions = _EVERYTHING, options: Options = _NO_OPTIONS) -> int:
    """Try an experiment out: lint, the tests of its folder, a trial run with an estimate, its image, its code.

    Args:
        folder: Folder with an experiment.yaml.
        what: What is tried out.
        options: Changes for this run.
    """
    from earthcode_platform.cli.checking import Asked
    from earthcode_platform.cli.delivery import explained
    from earthcode_platform.cli.developing import Wanted, developed
    from earthcode_platform.cubes.access import Access, using
    from earthcode_platform.development.report import spelled_out
    from earthcode_platform.isolation.limits import Isolation

    screen = Screen(as_json=options.as_json)
    wanted = Wanted(
        tests=what.tests,
        trial=what.trial,
        image=what.image,
        push=_registry(what),
        least=Isolation(what.isolation),
    )
    try:
        with using(Access.of(os.environ)):
            found = developed(Asked(folder, options.hrefs(), options.configuration()), wanted, screen.progress)
    except (EarthCodeError, OSError) as error:
        screen.error(explained(error))
        return 1
    if options.as_json:
        screen.data(found.model_dump(mode="json"))
    else:
        screen.findings(found.experiment, found.findings)
        screen.line("")
        for name, text in spelled_out(found):
            screen.line(f"{name:<8}{text}")
    return int(any(one.severity == Severity.ERROR for one in found.findings))


def _registry(what: DevelopOptions) -> "Registry | None":
    if what.push is None:
        return None
    from pydantic import SecretStr

    from earthcode_platform.development.containers import Registry

    name, password = (os.environ.get(f"EARTHCODE_REGISTRY_{word}", "") for word in ("USERNAME", "PASSWORD"))
    return Registry(what.push.rstrip("/"), name, SecretStr(password), plain_http=what.plain_http)
