"""Where products are archived."""

from pathlib import Path

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from blocks.addresses import WithoutCredentials
from blocks.home import home
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.directory import DirectoryStore

__all__ = ["ResultsStore"]


class ResultsStore(Block):
    """A results repository in a directory that every worker of the work pool sees.

    Example:
        ```python
        from blocks.results_store import ResultsStore

        results = ResultsStore.load("BLOCK_NAME")
        store = results.get_store()
        ```
    """

    _block_type_name = "EarthCODE results store"
    _block_type_slug = "earthcode-results-store"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "Where products are archived, and the address under which others read them."

    root: str | None = Field(
        default=None, description="The directory; the folder 'archive' in this installation's home if left out."
    )
    public_url: WithoutCredentials | None = Field(
        default=None, description="Address of the directory for readers, such as https://results.example.org/archive."
    )

    def get_store(self) -> Store:
        """Return the store, ready to use."""
        return DirectoryStore(Path(self.root).expanduser() if self.root else home() / "archive", self.public_url)
