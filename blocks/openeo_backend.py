"""Which openEO back-end computes, and who we are there."""

from typing import Literal

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr

from blocks.addresses import WithoutCredentials
from blocks.provider_fields import AllowedHosts, Gigabytes, PatienceSeconds, PollSeconds
from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.engines.remote_openeo.backend import Authentication, Backend, Credentials
from earthcode_platform.errors import InputError

__all__ = ["OpenEOBackend"]


class OpenEOBackend(Block):
    """A provider's openEO back-end, on which experiments run as batch jobs near the data.

    Example:
        ```python
        from blocks.openeo_backend import OpenEOBackend

        block = OpenEOBackend.load("BLOCK_NAME")
        backend = block.get_backend()
        ```
    """

    # Pydantic shows what it refuses, and that may be a token.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "EarthCODE openEO back-end"
    _block_type_slug = "earthcode-openeo-backend"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "A provider's openEO back-end: its address, who we are there, and what a job may take."

    url: WithoutCredentials | None = Field(
        default=None, min_length=1, description="Address of the back-end, such as https://openeo.example.org."
    )
    authentication: Literal["none", "basic", "oidc-refresh-token", "oidc-client-credentials"] = Field(
        default="none",
        description="How it is told who we are: `basic` needs user name and password, `oidc-refresh-token` a refresh "
        "token, `oidc-client-credentials` id and secret of a client.",
    )
    username: str = Field(default="", description="User name, for `basic`.")
    password: SecretStr | None = Field(default=None, description="Password, for `basic`.")
    client_id: str = Field(
        default="", description="OpenID Connect client; for a refresh token the back-end's default client if left out."
    )
    client_secret: SecretStr | None = Field(default=None, description="Secret of that client.")
    refresh_token: SecretStr | None = Field(default=None, description="Refresh token, for `oidc-refresh-token`.")
    provider: str = Field(
        default="", description="Id of the OpenID Connect provider at the back-end; its first one if left out."
    )
    collections: dict[str, str] = Field(
        default_factory=dict,
        description="Collections of the back-end that stand for inputs: from an input's href, or the id of its STAC "
        "collection, to the id at the back-end.",
    )
    plan: str = Field(default="", description="Billing plan; the account's default if left out.")
    budget: float | None = Field(
        default=None,
        gt=0,
        description="Most that one job may cost, in the currency of the back-end; no limit of ours if left out.",
    )
    hours: float = Field(
        default=5.0, gt=0, lt=6, description="Hours after which a job is stopped; the task itself ends after six."
    )
    gigabytes: Gigabytes = 20.0
    deletes: bool = Field(
        default=False,
        description="Whether jobs are deleted at the back-end once their results are here, or once they were stopped.",
    )
    allowed: AllowedHosts = Field(default_factory=list)
    poll_seconds: PollSeconds = 2.0
    patience_seconds: PatienceSeconds = 300.0

    def get_backend(self) -> Backend:
        """Return the back-end as the engine takes it. No request is sent.

        Raises:
            InputError: The address is missing, or a setting that the authentication needs.
        """
        if self.url is None:
            raise InputError(
                "the block names no back-end.", where="openEO back-end", remedy="Fill in its address (url)."
            )
        credentials = Credentials(
            method=Authentication(self.authentication),
            username=self.username,
            password=self.password,
            client_id=self.client_id,
            client_secret=self.client_secret,
            refresh_token=self.refresh_token,
            provider=self.provider,
        )
        return Backend(
            url=self.url,
            credentials=credentials,
            collections=self.collections,
            plan=self.plan,
            budget=self.budget,
            limit=self.hours * 3600,
            largest=int(self.gigabytes * 1e9),
            deletes=self.deletes,
            allowed=frozenset(self.allowed),
            pace=Pace(first=self.poll_seconds, patience=self.patience_seconds),
        )
