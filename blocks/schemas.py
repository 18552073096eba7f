"""The official JSON Schemas, in the words that a block and a flow take for where they come from."""

from pathlib import Path
from typing import Final

from blocks.home import home
from blocks.loading import DEFAULT, load
from blocks.web_access import WebAccess
from earthcode_platform.catalog.validate.schemas import Schemas

__all__ = ["FETCH", "SKIP", "official_schemas"]

FETCH: Final = "fetch"
"""From their addresses, into a cache of this installation."""
SKIP: Final = "skip"
"""Not at all: our own rules run without them, and nobody is asked."""


def official_schemas(named: str, web: str = DEFAULT) -> Schemas:
    """Return the official schemas.

    Args:
        named: `fetch`, `skip`, or the folder of a mirror.
        web: Name of the web access block, for those that are fetched.

    Raises:
        InputError: There is no such folder, or no such block.
    """
    if named == FETCH:
        return load(WebAccess, web).get_schemas(home() / "schemas")
    return Schemas(None if named == SKIP else Path(named).expanduser())
