"""What the tools of a package need of a platform: images, cores, memory, the network, JavaScript."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from earthcode_platform.application_packages.document import named
from earthcode_platform.application_packages.finding import found
from earthcode_platform.engines.cwl.runtimes import unused_program
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.application_packages.document import Mapping, Package
    from earthcode_platform.engines.cwl.runtimes import Runtime
    from earthcode_platform.engines.cwl.settings import Settings
    from earthcode_platform.models.finding import Finding

__all__ = ["WantedImage", "asks_network", "check_needs", "images_of"]


@dataclass(frozen=True)
class WantedImage:
    """An image that a tool names."""

    name: str
    """Its name; empty if the tool says only how to build or load it."""
    where: str
    """The tool, step or workflow that names it."""
    required: bool
    """Whether the tool must run in it (a requirement) or may do without (a hint)."""


def _stated(package: Package, name: str) -> Iterator[tuple[str, Mapping, bool]]:
    """Yield where a class of requirement is stated, what it says, and whether it is more than a hint."""
    for process in package.processes.values():
        yield from _in(process.content, process.label, name)
        for step_id, step in process.steps.items():
            where = f"{process.label}: step {step_id!r}"
            yield from _in(step, where, name)
            if isinstance(step.get("run"), dict):
                yield from _in(step["run"], f"{where}, its tool", name)


def _in(content: Mapping, where: str, name: str) -> Iterator[tuple[str, Mapping, bool]]:
    for key in ("requirements", "hints"):
        stated = named(content.get(key), "", key="class")
        if name in stated:
            yield where, stated[name], key == "requirements"


def images_of(package: Package) -> list[WantedImage]:
    """Return the images that the package names."""
    return [
        WantedImage(str(said.get("dockerPull") or said.get("dockerImageId") or ""), where, required)
        for where, said, required in _stated(package, "DockerRequirement")
    ]


def asks_network(package: Package) -> list[str]:
    """Return where the package asks for the network (CWL v1.2, NetworkAccess)."""
    return [
        where for where, said, _ in _stated(package, "NetworkAccess") if said.get("networkAccess") not in (False, None)
    ]


def check_needs(package: Package, settings: Settings, runtime: Runtime | None) -> Iterator[Finding]:
    """Yield what the package needs and this platform does not have or allow."""
    for wanted in images_of(package):
        yield from _image(wanted, settings, runtime)
    for where in [] if settings.network else asks_network(package):
        message = "it asks for the network, which this platform does not allow tools."
        yield found("no-network", where, message, "Name the data as inputs, so that the platform stages them.")
    for where, said, _ in _stated(package, "ResourceRequirement"):
        yield from _too_much(where, said, settings)
    scripted = [where for where, _, _ in _stated(package, "InlineJavascriptRequirement")]
    if scripted and not any(shutil.which(name) for name in ("node", "nodejs")):
        message = "it has expressions in JavaScript, and this platform has no Node.js."
        yield found(
            "no-javascript", scripted[0], message, "Install nodejs on the platform, or use parameter references."
        )


def _image(wanted: WantedImage, settings: Settings, runtime: Runtime | None) -> Iterator[Finding]:
    if not wanted.name:
        if wanted.required and not settings.without_images:
            message = "it says how to build or load its image, and images are not built here."
            yield found("no-image", wanted.where, message, "Build it, and name it: dockerPull: registry/image:tag.")
        return
    if runtime is None:
        unused = unused_program()
        why = (
            f"of {unused}, which is here, this platform makes no use" if unused else "this platform runs no containers"
        )
    elif settings.pull or runtime.digest(wanted.name):
        return
    else:
        why = "the image is not on this platform, which pulls none"
    if wanted.required and not settings.without_images:
        message = f"it must run in the image {wanted.name!r}, and {why}."
        remedy = "Have the image put there, or make the DockerRequirement a hint if the tool runs without it."
        yield found("no-image", wanted.where, message, remedy)
    else:
        message = f"it names the image {wanted.name!r}, and {why}: it runs with the software of the platform."
        remedy = "Have the image put there if the software matters."
        yield found("without-container", wanted.where, message, remedy, Severity.WARNING)


def _too_much(where: str, said: Mapping, settings: Settings) -> Iterator[Finding]:
    for key, limit, unit in (("coresMin", settings.cores, "cores"), ("ramMin", settings.memory_mib, "MiB of memory")):
        asked: Any = said.get(key)
        if isinstance(asked, int | float) and not isinstance(asked, bool) and asked > limit:
            message = f"it asks for {asked:,} {unit} at least, and this platform gives {limit:,}."
            yield found("too-large", where, message, f"Lower {key}, or run it on a larger platform.")
