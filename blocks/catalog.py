"""Which Open Science Catalog is published to."""

from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, field_validator

from blocks.addresses import WithoutCredentials
from blocks.home import home
from blocks.schemas import SKIP, official_schemas
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.seed import create_catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.errors import InputError

__all__ = ["OpenScienceCatalog"]


class OpenScienceCatalog(Block):
    """A git repository laid out like the Open Science Catalog; a small one of its own if none is named.

    Example:
        ```python
        from blocks.catalog import OpenScienceCatalog

        catalog = OpenScienceCatalog.load("BLOCK_NAME")
        snapshot = catalog.get_repository().read()
        ```
    """

    # Pydantic shows what it refuses, and that may be a token.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "EarthCODE catalog"
    _block_type_slug = "earthcode-catalog"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "The git repository of the catalog that products, workflows and experiments are published to."

    url: WithoutCredentials | None = Field(
        default=None,
        min_length=1,
        description="Path or URL of the git repository, without credentials; the platform's own catalog if left out.",
    )
    branch: str = Field(default="main", description="The branch that holds the published catalog.")
    merges: bool = Field(
        default=False,
        description="Merge what is published at once. Leave it off where a data steward reviews pull requests.",
    )

    token: SecretStr | None = Field(
        default=None,
        description="Token for an https URL; git's own credentials if left out. GitHub: a classic token with "
        "public_repo, or a fine-grained one of the repository's owner with contents and pull requests, read and write.",
    )
    review: Literal["none", "github"] = Field(
        default="none",
        description="Who is asked to review what is published: nobody, or the stewards on GitHub, by a pull request.",
    )
    fork: bool = Field(
        default=True,
        description="With review by GitHub: push to a fork of the token's user, which is made if needed. Turn it off "
        "where the token may push to the repository itself.",
    )
    api: WithoutCredentials | None = Field(
        default=None,
        min_length=1,
        description="With review by GitHub: address of its API; by default https://api.github.com, or /api/v3 at the "
        "host of the URL.",
    )
    schemas: str = Field(
        default=SKIP,
        min_length=1,
        description="The official JSON Schemas to hold the catalog against before anything is pushed: `skip` them, "
        "`fetch` them from their addresses, or the folder of a mirror, laid out by host and path of their addresses.",
    )

    @field_validator("schemas", mode="before")
    @classmethod
    def _unset_is_skip(cls, value: object) -> object:
        """Take documents that were saved when the field could be left empty."""
        return SKIP if value is None else value

    def get_repository(self) -> CatalogRepository:
        """Return the repository, ready to use; the platform's own catalog is created on first use.

        Raises:
            InputError: Settings contradict each other, or the token cannot be sent to the address.
        """
        cache = home() / "catalog-cache"
        if self.url is None:
            self._refuse_settings_of_others()
            own = home() / "catalog.git"
            create_catalog(own)
            return CatalogRepository(str(own), cache, merges=True)
        if self.review == "github":
            return self._on_github(self.url, cache)
        return CatalogRepository(self.url, cache, branch=self.branch, merges=self.merges, token=self.token)

    def get_schemas(self) -> Schemas:
        """Return the official schemas to hold the catalog against, as the field `schemas` says.

        Raises:
            InputError: There is no such folder.
        """
        return official_schemas(self.schemas)

    def _on_github(self, url: str, cache: Path) -> CatalogRepository:
        from earthcode_platform.catalog.github.client import Client
        from earthcode_platform.catalog.github.hosted import GitHubCatalog

        if self.token is None:
            raise InputError("review by GitHub needs a token.", where=url, remedy="Save one in the catalog's block.")
        if self.merges:
            raise InputError(
                "what is reviewed cannot be merged at once.",
                where=url,
                remedy="Turn off 'merges', or set review: none.",
            )
        client = Client(self.api, self.token) if self.api else None
        return GitHubCatalog(url, cache, self.branch, token=self.token, fork=self.fork, client=client)

    def _refuse_settings_of_others(self) -> None:
        if self.token is not None or self.review != "none":
            raise InputError(
                "a token or a review is for a repository elsewhere, and no URL names it.",
                remedy="Name the repository in the catalog's block, for example the testing one.",
            )
