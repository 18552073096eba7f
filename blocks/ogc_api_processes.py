"""Which OGC API - Processes runs packages, and with what token."""

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr

from blocks.addresses import WithoutCredentials
from blocks.provider_fields import AllowedHosts, Gigabytes, PatienceSeconds, PollSeconds
from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.errors import InputError

__all__ = ["OGCAPIProcesses"]


class OGCAPIProcesses(Block):
    """A provider's OGC API - Processes, on which CWL packages run as jobs near the data.

    Example:
        ```python
        from blocks.ogc_api_processes import OGCAPIProcesses

        block = OGCAPIProcesses.load("BLOCK_NAME")
        endpoint = block.get_endpoint()
        ```
    """

    # Pydantic shows what it refuses, and that may be a token.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "EarthCODE OGC API Processes"
    _block_type_slug = "earthcode-ogc-api-processes"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "A provider's OGC API - Processes: its address, our token there, and what a run may do and take."

    url: WithoutCredentials | None = Field(
        default=None, min_length=1, description="Its landing page, such as https://processing.example.org/ogc-api."
    )
    token: SecretStr | None = Field(
        default=None, description="Bearer token, which is sent by https alone; nothing is sent if left out."
    )
    processes: dict[str, str] = Field(
        default_factory=dict,
        description="Processes that stand there for workflows: from the id of a CWL workflow to that of a process. "
        "Other workflows are deployed.",
    )
    replaces: bool = Field(
        default=False, description="Whether a process that has the name of ours and other content is replaced."
    )
    undeploys: bool = Field(
        default=False, description="Whether a process that a run deployed is undeployed when that run is over."
    )
    deletes: bool = Field(
        default=False, description="Whether jobs are removed at the provider once their results are here."
    )
    hours: float = Field(
        default=5.0, gt=0, lt=6, description="Hours after which a job is dismissed; the task itself ends after six."
    )
    gigabytes: Gigabytes = 20.0
    allowed: AllowedHosts = Field(default_factory=list)
    poll_seconds: PollSeconds = 2.0
    patience_seconds: PatienceSeconds = 300.0

    def get_endpoint(self) -> Endpoint:
        """Return the provider as the engine takes it. No request is sent.

        Raises:
            InputError: The address is missing, or cannot be sent a token.
        """
        if self.url is None:
            raise InputError(
                "the block names no provider.", where="OGC API Processes", remedy="Fill in its address (url)."
            )
        return Endpoint(
            url=self.url,
            token=self.token,
            processes=self.processes,
            replaces=self.replaces,
            undeploys=self.undeploys,
            deletes=self.deletes,
            limit=self.hours * 3600,
            largest=int(self.gigabytes * 1e9),
            allowed=frozenset(self.allowed),
            pace=Pace(first=self.poll_seconds, patience=self.patience_seconds),
        )
