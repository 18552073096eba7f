"""The process of a workflow at a provider: the one that stands there for it, or one that is deployed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from earthcode_platform.errors import ConflictError, ExecutionError
from earthcode_platform.models.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earthcode_platform.application_packages.packing import Packed
    from earthcode_platform.engines.ogc_processes.service import Service

__all__ = ["Deployed", "Place", "Standing", "deployed", "look_up", "standing_findings"]


@dataclass(frozen=True, slots=True)
class Place:
    """Which process stands for a workflow."""

    process: str
    """Its id."""
    packed: Packed | None
    """What is deployed under it; None if it was deployed by somebody else."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a process was found at the provider."""

    description: Mapping[str, Any] | None
    """Its description; None if it is not there."""
    same: bool | None = None
    """Whether it holds what we would deploy; None if the provider does not show that."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A process that is there."""

    description: Mapping[str, Any]
    """Its description."""
    by_us: bool
    """Whether this run put it there."""


def look_up(service: Service, place: Place) -> Standing:
    """Look whether the process of a workflow is at the provider, and whether it is ours."""
    description = service.described(place.process)
    if description is None or place.packed is None:
        return Standing(description)
    package = service.package(place.process)
    return Standing(description, None if package is None else package == place.packed.content)


def standing_findings(place: Place, standing: Standing, url: str, *, replaces: bool) -> Iterator[Finding]:
    """Yield why the process that was found, or its absence, is no ground for a run."""
    where = f"process {place.process!r} at {url}"
    if place.packed is None and standing.description is None:
        yield Finding(
            code="workflow-unknown-process",
            severity=Severity.ERROR,
            where=where,
            message="the block says that it stands for the workflow, and the provider has no process of that id.",
            remedy="Mend the field 'processes' of the block.",
        )
    if place.packed is None and standing.description is not None:
        yield Finding(
            code="workflow-backend-process",
            severity=Severity.NOTE,
            where=where,
            message="it stands for the workflow because the block says so: that it does the same was not checked.",
            remedy="Take it out of the field 'processes' to have the package deployed.",
        )
    if standing.same is False and not replaces:
        yield Finding(
            code="workflow-process-conflict",
            severity=Severity.ERROR,
            where=where,
            message="it is there, and was deployed with another package than ours.",
            remedy="Have it undeployed, or let it be replaced (field 'replaces' of the block).",
        )


def deployed(service: Service, place: Place, standing: Standing, conforms: frozenset[str]) -> Deployed:
    """Return the process of a workflow, deployed now if it is not there.

    Raises:
        ConflictError: Somebody else deployed another one in between.
        ExecutionError: The provider refuses to deploy it, or does not show it afterwards.
        UnavailableError: The provider does not answer.
    """
    if place.packed is None or (standing.description is not None and standing.same is not False):
        return Deployed(standing.description or {}, by_us=False)
    if standing.same is False:
        service.replace(place.process, place.packed.text, conforms)
    else:
        _first(service, place, place.packed, conforms)
    description = service.described(place.process)
    if description is None:
        raise ExecutionError(
            f"it took the package, and has no process {place.process!r} now.",
            where=service.caller.home.asked,
            remedy="Tell its provider: a process is called as its CWL document says.",
        )
    return Deployed(description, by_us=True)


def _first(service: Service, place: Place, packed: Packed, conforms: frozenset[str]) -> None:
    """Deploy a process; that another run of the same package did so in between is as good."""
    try:
        service.deploy(packed.text, conforms)
    except ConflictError:
        if service.package(place.process) != packed.content:
            raise
