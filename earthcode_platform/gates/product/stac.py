"""Is the STAC that describes a product valid? Held against the official schemas of STAC, which pystac brings along."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

from earthcode_platform.gates.product.finding import finding
from earthcode_platform.models.finding import Finding
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator

__all__ = ["Fault", "SchemaSource", "check_stac"]

_SCHEMAS: Final = {
    "Feature": "item-spec/json-schema/item.json",
    "Collection": "collection-spec/json-schema/collection.json",
}
_VERSION: Final = "1.1.0"
"""The version of STAC that products are described in."""
_MOST: Final = 10
_LONGEST: Final = 300


class Fault(Protocol):
    """What a schema has against a document."""

    @property
    def pointer(self) -> str:
        """Where, as a JSON pointer."""

    @property
    def message(self) -> str:
        """What."""


class SchemaSource(Protocol):
    """Official schemas by address, as `catalog.validate.schemas.Schemas` has them."""

    def faults(self, url: str, document: dict[str, Any]) -> Iterable[Fault]:
        """Yield what the schema at an address has against a document."""


def check_stac(documents: Mapping[str, dict[str, Any]], extensions: SchemaSource | None = None) -> Iterator[Finding]:
    """Yield what is wrong with STAC documents.

    Args:
        documents: Items and collections by path.
        extensions: Where the schemas of extensions come from; None if there are none at hand. Nothing is fetched.
    """
    for path, document in documents.items():
        kind = str(document.get("type"))
        if kind not in _SCHEMAS or document.get("stac_version") != _VERSION:
            message = f"it is a {public(kind)!r} of STAC {document.get('stac_version')}."
            yield finding("stac", path, message, f"Write items and collections of STAC {_VERSION}.")
            continue
        for error in islice(_validator(kind).iter_errors(document), _MOST):
            pointer = "".join(f"/{part}" for part in error.instance_path)
            yield _invalid(path, pointer, error.message)
        for url in document.get("stac_extensions", []) if extensions is not None else ():
            for fault in extensions.faults(url, document) if extensions is not None else ():
                yield _invalid(path, fault.pointer, fault.message)


def _invalid(path: str, pointer: str, message: str) -> Finding:
    remedy = "Report it: what the platform writes should be valid whatever the workflow is."
    return finding("stac", f"{path}{pointer}", public(message)[:_LONGEST], remedy)


@cache
def _validator(kind: str) -> "Draft7Validator":
    from jsonschema_rs import Draft7Validator
    from pystac.validation.local_validator import get_local_schema_cache

    schemas = get_local_schema_cache()

    def retrieve(address: str) -> dict[str, Any]:
        # A reference to a schema that is not there is refused, and not fetched.
        return schemas[address.rstrip("#")]

    return Draft7Validator(schemas[f"https://schemas.stacspec.org/v{_VERSION}/{_SCHEMAS[kind]}"], retriever=retrieve)
