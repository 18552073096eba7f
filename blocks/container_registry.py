"""Where container images are pushed to, and whether a worker builds any."""

from typing import Annotated

from prefect.blocks.core import Block
from pydantic import AfterValidator, ConfigDict, Field, HttpUrl, SecretStr

from blocks.addresses import WithoutCredentials
from earthcode_platform.development.containers import Registry

__all__ = ["ContainerRegistry"]


def _without_user(address: str) -> str:
    _, at, rest = address.rpartition("@")
    if at:
        raise ValueError(f"{rest!r} carried a user name or password; leave it out of the address")
    return rest


class ContainerRegistry(Block):
    """A registry of container images, for those of experiments.

    Example:
        ```python
        from blocks.container_registry import ContainerRegistry

        block = ContainerRegistry.load("BLOCK_NAME")
        registry = block.get_registry()
        ```
    """

    # Pydantic shows what it refuses, and that may be a token.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "EarthCODE container registry"
    _block_type_slug = "earthcode-container-registry"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "Where the images of experiments are pushed to, and whether a worker builds them."

    address: Annotated[WithoutCredentials, AfterValidator(_without_user)] | None = Field(
        default=None, description="Host and folder, such as registry.example.org/team; nothing is pushed if left out."
    )
    username: str = Field(default="", description="User name there; nobody if left out.")
    password: SecretStr | None = Field(default=None, description="Password or token.")
    plain_http: bool = Field(default=False, description="Whether it is asked without TLS.")
    builds: bool = Field(
        default=False,
        description="Whether a worker builds images. The commands of a Containerfile run with the builder's own "
        "isolation, as the worker's user and with the network: turn it on where you trust those who write experiments.",
    )

    def get_registry(self) -> Registry | None:
        """Return the registry; None if nothing is pushed."""
        if self.address is None:
            return None
        return Registry(
            address=self.address.removeprefix("https://").removeprefix("http://").rstrip("/"),
            username=self.username,
            password=self.password or SecretStr(""),
            plain_http=self.plain_http,
        )
