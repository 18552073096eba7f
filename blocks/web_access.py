"""How the watch may use the web."""

from pathlib import Path

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from earthcode_platform.catalog.outside.checker import LinkChecker
from earthcode_platform.catalog.outside.limits import LinkLimits
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.web.asking import Web
from earthcode_platform.web.reach import Reach

__all__ = ["WebAccess"]


class WebAccess(Block):
    """Which hosts may be asked besides those of the public internet, how many at a time, and how patiently.

    Example:
        ```python
        from blocks.web_access import WebAccess

        access = WebAccess.load("BLOCK_NAME")
        with access.get_web() as web:
            ...
        ```
    """

    _block_type_name = "EarthCODE web access"
    _block_type_slug = "earthcode-web-access"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "How the watch on a catalog asks for external addresses: limits, and hosts that are not public."

    allowed: list[str] = Field(
        default_factory=list,
        description="Hosts, as `host` or `host:port`, that may be asked although they are not on the public internet.",
    )
    at_once: int = Field(default=16, ge=1, description="Requests at a time.")
    per_host_seconds: float = Field(
        default=1.0, ge=0, description="Seconds between the beginnings of two requests to one host."
    )
    seconds_per_request: float = Field(default=20.0, gt=0, description="Seconds that one request may take.")
    total_seconds: float = Field(
        default=3600.0, gt=0, description="Seconds for all links; what is not reached in them is unknown."
    )
    fresh_seconds: float = Field(
        default=72_000.0, ge=0, description="Seconds for which an address that answered is not asked again."
    )

    def get_web(self) -> Web:
        """Return what asks for single documents; close it after use."""
        return Web(Reach(frozenset(self.allowed)))

    def get_schemas(self, cache: Path) -> Schemas:
        """Return the official schemas, which are fetched from their addresses into the folder `cache`."""
        return Schemas.fetched(cache, allowed=frozenset(self.allowed))

    def get_checker(self, memory: Path) -> LinkChecker:
        """Return what asks for many addresses, and remembers in the file `memory` which of them answered."""
        limits = LinkLimits(
            at_once=self.at_once,
            per_host_seconds=self.per_host_seconds,
            seconds_per_request=self.seconds_per_request,
            total_seconds=self.total_seconds,
            fresh_seconds=self.fresh_seconds,
        )
        return LinkChecker(memory, limits, allowed=frozenset(self.allowed))
