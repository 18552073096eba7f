"""How products are handed over to a results repository that is not ours."""

from pathlib import Path

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.isolation.limits import Isolation
from earthcode_platform.stores.prr import CHECKING, Terms

__all__ = ["ResultsDelivery"]


class ResultsDelivery(Block):
    """A CWL application package that takes a delivery, and what the hand-over says besides what is archived.

    Example:
        ```python
        from blocks.results_delivery import ResultsDelivery

        delivery = ResultsDelivery.load("BLOCK_NAME")
        terms = delivery.get_terms()
        ```
    """

    _block_type_name = "EarthCODE results delivery"
    _block_type_slug = "earthcode-results-delivery"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "How products are handed over to ESA's Project Results Repository."

    application_package: str | None = Field(
        default=None,
        description="Path of a CWL document with one input `package` of type Directory; if left out, one that sends "
        "nothing and compares every file with the manifest.",
    )
    technical_officer: str = Field(
        default="",
        description="Name and address of ESA's technical officer; by default the experiment's contact of that role.",
    )
    restrictions: str = Field(default="none", min_length=1, description="Who may have the data.")
    network: bool = Field(
        default=False, description="Whether the package gets the network if it asks for it; it needs it to send."
    )
    isolation: Isolation = Field(
        default=Isolation.NAMESPACES, description="How its programs are kept from everything else."
    )

    def get_terms(self) -> Terms:
        """Return what the hand-over says."""
        return Terms(technical_officer=self.technical_officer, restrictions=self.restrictions)

    def get_package(self) -> Path:
        """Return the CWL document."""
        return Path(self.application_package).expanduser() if self.application_package else CHECKING

    def get_settings(self, allowed: Settings) -> Settings:
        """Return what its programs may do: no more than packages may here."""
        return allowed.model_copy(update={"network": allowed.network and self.network, "least": self.isolation})
