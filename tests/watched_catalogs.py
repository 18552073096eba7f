"""Catalogs, files and looks for the tests of the watch."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.watch.documents import look
from earthcode_platform.models.watch_report import DocumentLook

__all__ = ["ITEM", "NIGHT", "catalog_of", "closed", "looked", "night", "with_assets"]

NIGHT = datetime(2026, 3, 4, 2, 17, tzinfo=UTC)
ITEM = "products/stored/item.json"
"""Path of the item of `with_assets`."""


def night(number: int) -> datetime:
    """The night of the given number."""
    return NIGHT + timedelta(days=number)


def catalog_of(edits: Mapping[str, bytes] | None = None, commit: str = "1" * 40) -> Catalog:
    """The embedded catalog with `edits`."""
    return Catalog({**seed_files(), **(edits or {})}, commit)


def closed() -> dict[str, bytes]:
    """Every file of the embedded catalog; what leads outside leads to the file itself, for no test asks for these."""
    files = seed_files()
    for path in files:
        if path.endswith(".json"):
            document = json.loads(files[path])
            for link in document["links"]:
                if link["rel"] == "via":
                    link |= {"href": f"./{path.rpartition('/')[2]}", "type": "application/json"}
            files[path] = json.dumps(document, indent=2).encode()
    return files


def with_assets(assets: Mapping[str, object], *links: object) -> Catalog:
    """The embedded catalog with one STAC Item that has assets, and one product that has links."""
    files = closed()
    item = {"type": "Feature", "stac_version": "1.0.0", "id": "stored", "assets": assets, "links": []}
    product = {"type": "Collection", "id": "delivered", "links": list(links)}
    files[ITEM] = json.dumps(item, indent=2).encode()
    files["products/delivered/collection.json"] = json.dumps(product, indent=2).encode()
    return Catalog(files, "1" * 40)


def looked(catalog: Catalog, moment: datetime = NIGHT) -> DocumentLook:
    """What a look at all documents finds."""
    return look(catalog, moment, Schemas(None))
