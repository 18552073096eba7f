"""The inputs as a notebook gets them: for each a STAC document on this machine that names what was pinned, no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.stac import is_remote, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["local_files", "remote_files", "stage_input"]


def stage_input(pinned: PinnedInput, folder: Path) -> Path:
    """Write the STAC of an input into `folder` and return the document to begin with.

    An input that is an item stays one; everything else becomes a collection, or a catalog, with one item for each item
    inside the input's window, and with the assets that were pinned. Their hrefs are absolute: nothing is copied.

    Raises:
        IntegrityError: A document changed after it was pinned.
        RefusedError: A document is no longer there.
        UnavailableError: A server did not answer.
    """
    root, items = read_document(pinned.href), resolved_items(pinned)
    folder.mkdir(parents=True)
    if root.kind == "Feature":
        return _write(folder / "item.json", _item(items[0], None))
    name = "collection.json" if root.kind == "Collection" else "catalog.json"
    written = [
        _write(folder / "items" / f"{number:05}.json", _item(item, name)) for number, item in enumerate(items, start=1)
    ]
    links = [{"rel": "item", "href": f"./items/{path.name}", "type": "application/geo+json"} for path in written]
    return _write(folder / name, {**_owner(root.content, pinned.name), "links": links})


def local_files(pinned: PinnedInput) -> Iterator[Path]:
    """Yield the files (and Zarr stores) of an input that lie on this machine, which a run must be shown."""
    yield from (Path(asset.href) for asset in pinned.assets if not is_remote(asset.href))


def remote_files(pinned: PinnedInput) -> list[str]:
    """Return the addresses of an input's files that a run must fetch."""
    return [asset.href for asset in pinned.assets if is_remote(asset.href)]


def _owner(content: dict[str, Any], name: str) -> dict[str, Any]:
    if content.get("type") in ("Collection", "Catalog"):
        return content
    return {"type": "Catalog", "stac_version": "1.1.0", "id": name, "description": f"Items of the input {name}"}


def _item(found: ResolvedItem, owner: str | None) -> dict[str, Any]:
    content: dict[str, Any] = found.item.content
    assets = {key: {**content["assets"][key], "href": asset.href} for key, asset in found.assets.items()}
    links = [
        {"rel": rel, "href": f"../{owner}", "type": "application/json"}
        for rel in ("root", "parent", *(["collection"] if owner == "collection.json" else []))
        if owner
    ]
    return {**content, "assets": assets, "links": links}


def _write(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
