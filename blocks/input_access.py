"""How inputs that lie elsewhere are reached."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr

from blocks.addresses import WithoutCredentials
from earthcode_platform.cubes.access import Access, using
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["InputAccess"]


class InputAccess(Block):
    """Where `s3://` leads and with what right it is read, and which hosts remote documents may lead to.

    Experiments name places and no rights; those of the block `default` count for all.

    Example:
        ```python
        from blocks.input_access import InputAccess

        access = InputAccess.load("BLOCK_NAME")
        with access.granted():
            ...
        ```
    """

    # Pydantic shows what it refuses, and that may be a key.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "EarthCODE input access"
    _block_type_slug = "earthcode-input-access"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "Endpoint and keys of the object storage that inputs lie in, and hosts that are not public."

    endpoint: WithoutCredentials | None = Field(
        default=None,
        description="Address of the storage, such as https://s3.example.org; https://{bucket}.example.org where each "
        "bucket is a host; Amazon's in the region if left out.",
    )
    region: str = Field(default="us-east-1", description="Region that requests are signed for.")
    access_key_id: SecretStr | None = Field(
        default=None, description="Id of the access key; objects are read as anybody may if left out."
    )
    secret_access_key: SecretStr | None = Field(default=None, description="The secret that belongs to the key.")
    session_token: SecretStr | None = Field(default=None, description="Token of the session of a temporary key.")
    allowed: list[str] = Field(
        default_factory=list,
        description="Hosts, as `host` or `host:port`, that remote documents may lead to although they are not public.",
    )

    def get_access(self) -> Access:
        """Return what this block allows."""
        storage = ObjectStorage(
            endpoint=self.endpoint or "",
            region=self.region,
            key=_text(self.access_key_id),
            secret=_text(self.secret_access_key),
            token=_text(self.session_token),
        )
        return Access(storage, frozenset(self.allowed))

    @contextmanager
    def granted(self) -> Iterator[None]:
        """Let inputs be reached by it while the context is open."""
        with using(self.get_access()):
            yield


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
