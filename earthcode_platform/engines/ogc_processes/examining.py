"""A package held against a provider: what is wrong with it, and how it would be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from earthcode_platform.application_packages.bestpractice import check_best_practice
from earthcode_platform.application_packages.packing import Packed, pack
from earthcode_platform.application_packages.parameters import check_values
from earthcode_platform.application_packages.structure import unused
from earthcode_platform.application_packages.validity import check_document
from earthcode_platform.engines.ogc_processes.calling import Caller
from earthcode_platform.engines.ogc_processes.deploying import Place, Standing, look_up, standing_findings
from earthcode_platform.engines.ogc_processes.offers import check_description, check_offers, described_inputs
from earthcode_platform.engines.ogc_processes.sending import addresses_of, check_sending, job_inputs
from earthcode_platform.engines.ogc_processes.service import CORE, Service
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
    from earthcode_platform.engines.ogc_processes.sending import Addresses
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["Examined", "Provider", "Workflow", "examine", "read_workflow"]

_CODES_OF_ITEMS: Final = "workflow-several-items"


class Provider:
    """A provider that is asked; leaving the `with` block closes the connections to it.

    Args:
        endpoint: Where it is.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._caller = Caller(endpoint)

    def __enter__(self) -> Self:
        try:
            self.service = Service(self._caller)
            self.conforms = self.service.conforms()
        except BaseException:
            self._caller.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.__exit__()

    @property
    def url(self) -> str:
        """Its address, without a slash at its end."""
        return self._caller.home.asked.rstrip("/")

    @property
    def title(self) -> str:
        """What it calls itself."""
        return self._caller.secrets.shown(self.service.landing.get("title") or "")

    @property
    def api_version(self) -> str:
        """The newest version of the core that it declares."""
        spoken = [one for one in CORE if one in self.conforms]
        return spoken[-1].split("/")[1] if spoken else ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A package as it was read, and the values and addresses that it gets."""

    package: Package
    """The package."""
    packed: Packed | None
    """The package in one document; None if it is broken."""
    addresses: Addresses
    """The items of its inputs."""
    values: Mapping[str, JsonValue] | None
    """The experiment's values; None if they are not known."""
    findings: list[Finding]
    """What is wrong with it, whatever the provider says."""

    @property
    def broken(self) -> bool:
        """Whether the provider need not be asked."""
        return any(one.severity is Severity.ERROR for one in self.findings)


@dataclass(frozen=True, slots=True)
class Examined:
    """What came out of holding a package against a provider."""

    workflow: Workflow
    """The package."""
    place: Place
    """The process that stands for it."""
    standing: Standing
    """What was found of that process."""
    findings: list[Finding] = field(default_factory=list)
    """What is wrong, that of the package itself included."""

    def inputs(self, description: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs of a job, as the process of that description takes them."""
        one = self.workflow
        return job_inputs(one.package, one.addresses, one.values or {}, described_inputs(description))


def read_workflow(
    package: Package, inputs: Sequence[PinnedInput], experiment: Experiment | None, endpoint: Endpoint
) -> Workflow:
    """Return a package, checked as far as that can be done without asking a provider.

    Args:
        package: The package.
        inputs: The experiment's inputs.
        experiment: What gives it values; without it nothing is said of them.
        endpoint: The provider, by which inputs would have to be reachable.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: The server of an input does not answer.
    """
    values = experiment.configuration if experiment else None
    findings = check_document(package)
    if package.main is None or any(one.severity is Severity.ERROR for one in findings):
        return Workflow(package, None, {}, values, findings)
    packed = pack(package)
    addresses = addresses_of(inputs)
    findings += [one for one in check_values(package, inputs, experiment) if one.code != _CODES_OF_ITEMS]
    findings += [*packed.findings, *check_sending(package, inputs, addresses, values or {}, endpoint.url)]
    findings += [*unused(package), *check_best_practice(package)]
    findings.sort(key=lambda one: one.severity is not Severity.ERROR)
    return Workflow(package, packed, addresses, values, findings)


def examine(read: Workflow, provider: Provider) -> Examined:
    """Hold a package against what a provider offers; nothing is deployed and no job is made.

    Raises:
        UnavailableError: The provider does not answer.
    """
    place = _place(read, provider.endpoint)
    findings = [*read.findings]
    offers = list(check_offers(provider.conforms, provider.url, deploying=False))
    if any(one.severity is Severity.ERROR for one in offers):
        return Examined(read, place, Standing(None), [*findings, *offers])
    standing = look_up(provider.service, place)
    needed = place.packed is not None and (standing.description is None or standing.same is False)
    findings += check_offers(provider.conforms, provider.url, deploying=needed)
    findings += standing_findings(place, standing, provider.url, replaces=provider.endpoint.replaces)
    examined = Examined(read, place, standing, findings)
    if standing.description is not None and standing.same is not False and read.values is not None:
        findings += check_description(place.process, standing.description, examined.inputs(standing.description))
    return examined


def _place(read: Workflow, endpoint: Endpoint) -> Place:
    """Return the process that the block names for the workflow, or the one that is deployed for it."""
    main = read.package.main
    own = str(main.content.get("id") or "").lstrip("#") if main else ""
    if own in endpoint.processes:
        return Place(endpoint.processes[own], None)
    return Place(read.packed.id if read.packed else "", read.packed)
