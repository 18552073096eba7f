"""One run at a provider: its process deployed, its job begun, its results fetched, and nothing left that may go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from earthcode_platform.application_packages.types import is_optional
from earthcode_platform.engines.ogc_processes.deploying import deployed
from earthcode_platform.engines.ogc_processes.job import opened
from earthcode_platform.engines.ogc_processes.offers import check_description
from earthcode_platform.engines.ogc_processes.results import results_of, wanted_outputs
from earthcode_platform.engines.ogc_processes.service import digest_of
from earthcode_platform.engines.ogc_processes.staging import stage_back
from earthcode_platform.engines.provider.downloading import Downloads
from earthcode_platform.errors import EarthCodeError, RefusedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from earthcode_platform.engines.ogc_processes.examining import Examined, Provider
    from earthcode_platform.engines.ogc_processes.staging import StagedBack
    from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["Running"]


class Running:
    """A run, from its process to its results.

    Args:
        examined: The package and what is known of its process.
        provider: Where it runs.
        workspace: The folder of the run, where its job is noted.
        pinned: The experiment.
    """

    def __init__(self, examined: Examined, provider: Provider, workspace: Path, pinned: PinnedExperiment) -> None:
        self._examined = examined
        self._provider = provider
        self._workspace = workspace
        self._pinned = pinned
        self._by_us = False

    def __enter__(self) -> Self:
        service, place = self._provider.service, self._examined.place
        made = deployed(service, place, self._examined.standing, self._provider.conforms)
        self._by_us, self.description = made.by_us, made.description
        try:
            sent = self._examined.inputs(made.description)
            findings = list(check_description(place.process, made.description, sent))
            RefusedError.if_any(findings, where=self._pinned.experiment.id)
            request = {"inputs": sent, "outputs": wanted_outputs(list(self._outputs), made.description)}
            self.job = opened(service, place.process, request, self._workspace, deployed=self._by_us)
        except BaseException as error:
            self._leave(error)
            raise
        self._by_us = self.job.deployed
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._leave(error)

    @property
    def _outputs(self) -> dict[str, bool]:
        """The outputs of the workflow, and whether each may be left out."""
        main = self._examined.workflow.package.main
        return {name: is_optional(one.get("type")) for name, one in main.outputs.items()} if main else {}

    @property
    def checksums(self) -> dict[str, str]:
        """How the process was defined: the checksum of its description there, and of the package that we deployed."""
        place = self._examined.place
        known = {place.process: digest_of(self.description)}
        return known | ({f"{place.process}/package": digest_of(place.packed.content)} if place.packed else {})

    def fetched(self, held: Mapping[str, Any], folder: Path) -> StagedBack:
        """Fetch the results of the job below `folder`.

        Raises:
            ExecutionError: They are not what the process is described to hand back, or no STAC.
            IntegrityError: A file is not what was announced.
            UnavailableError: The provider, or the server of a result, does not answer.
        """
        service, endpoint = self._provider.service, self._provider.endpoint
        results = results_of(service, self.job, held, self._outputs, self.description)
        caller = service.caller
        downloads = Downloads(caller.web, caller.home, caller.rights, endpoint.largest, endpoint.pace.longest)
        return stage_back(results, folder, downloads, f"{self.job.url}/results")

    def done(self) -> None:
        """Take the job away, if the block says so: its results are here."""
        if self._provider.endpoint.deletes:
            self.job.remove()

    def _leave(self, error: BaseException | None) -> None:
        """Undeploy the process, if this run deployed it and the block wants that; after an outage it is needed."""
        if not (self._by_us and self._provider.endpoint.undeploys) or isinstance(error, UnavailableError):
            return
        with suppress(EarthCodeError), self._provider.service.caller.hastened():
            self._provider.service.undeploy(self._examined.place.process)
