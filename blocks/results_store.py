"""Where products are archived."""

from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr

from blocks.addresses import WithoutCredentials
from blocks.home import home
from earthcode_platform.errors import InputError
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["ResultsStore"]


class ResultsStore(Block):
    """A results repository: a bucket in object storage, or a directory that every worker of the work pool sees.

    Example:
        ```python
        from blocks.results_store import ResultsStore

        results = ResultsStore.load("BLOCK_NAME")
        store = results.get_store()
        ```
    """

    # Pydantic shows what it refuses, and that may be a key.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "EarthCODE results store"
    _block_type_slug = "earthcode-results-store"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "Where products are archived, and the address under which others read them."

    root: str | None = Field(
        default=None,
        description="The directory; without it and without a bucket, the folder 'archive' in this installation's home.",
    )
    public_url: WithoutCredentials | None = Field(
        default=None,
        description="Address of the directory, or of the prefix in the bucket, for readers, such as "
        "https://results.example.org/archive.",
    )
    bucket: str = Field(default="", description="Bucket in object storage that speaks S3, instead of a directory.")
    prefix: str = Field(default="", description="What the keys of everything in the bucket begin with.")
    endpoint: WithoutCredentials | None = Field(
        default=None, description="Address of the storage, such as https://s3.example.org; Amazon's if left out."
    )
    region: str = Field(default="us-east-1", description="Region that requests are signed for.")
    addressing: Literal["path", "virtual"] = Field(
        default="path",
        description="Whether the bucket is the first part of the path, or (`virtual`) of the endpoint's host name.",
    )
    access_key_id: SecretStr | None = Field(default=None, description="Id of the access key.")
    secret_access_key: SecretStr | None = Field(default=None, description="The secret that belongs to the key.")
    session_token: SecretStr | None = Field(default=None, description="Token of the session of a temporary key.")

    def get_store(self) -> Store:
        """Return the store, ready to use. No request is sent.

        Raises:
            InputError: The settings contradict each other.
        """
        if self.bucket:
            return self._in_storage()
        if self.endpoint or self.access_key_id or self.prefix:
            raise InputError(
                "an endpoint, a key or a prefix is for object storage, and no bucket is named.",
                where="results store",
                remedy="Name the bucket in the results store's block.",
            )
        return DirectoryStore(Path(self.root).expanduser() if self.root else home() / "archive", self.public_url)

    def _in_storage(self) -> Store:
        from earthcode_platform.stores.s3.place import Place
        from earthcode_platform.stores.s3.store import S3Store

        if self.root:
            raise InputError(
                "the block names a directory and a bucket.", where="results store", remedy="Leave one of them empty."
            )
        endpoint = (self.endpoint or f"https://s3.{self.region}.amazonaws.com").rstrip("/")
        if self.addressing == "virtual":
            endpoint = endpoint.replace("://", "://{bucket}.", 1)
        storage = ObjectStorage(
            endpoint=endpoint,
            region=self.region,
            key=_text(self.access_key_id),
            secret=_text(self.secret_access_key),
            token=_text(self.session_token),
        )
        return S3Store(Place(storage, self.bucket, self.prefix.strip("/")), self.public_url)


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
