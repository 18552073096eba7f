"""Which Open Science Catalog is published to."""

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from blocks.addresses import WithoutCredentials
from blocks.home import home
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.seed import create_catalog

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

    def get_repository(self) -> CatalogRepository:
        """Return the repository, ready to use; the platform's own catalog is created on first use."""
        cache = home() / "catalog-cache"
        if self.url is not None:
            return CatalogRepository(self.url, cache, branch=self.branch, merges=self.merges)
        own = home() / "catalog.git"
        create_catalog(own)
        return CatalogRepository(str(own), cache, merges=True)
