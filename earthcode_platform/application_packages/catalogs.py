"""STAC catalogs as packages take them and hand them back: a folder with `catalog.json`, items and their files."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

__all__ = ["free_place", "safe_name", "write_catalog"]

_LONGEST: Final = 80


def write_catalog(folder: Path, name: str, items: Sequence[Path]) -> None:
    """Write `catalog.json`, a self-contained STAC catalog of items that lie below `folder`."""
    links: list[JsonValue] = [{"rel": "root", "href": "./catalog.json", "type": "application/json"}]
    links += [
        {"rel": "item", "href": f"./{path.relative_to(folder).as_posix()}", "type": "application/geo+json"}
        for path in items
    ]
    content = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": name,
        "description": f"Items of {name}",
        "links": links,
    }
    (folder / "catalog.json").write_text(json.dumps(content, indent=2), encoding="utf-8")


def safe_name(name: str) -> str:
    """Return a folder's name for an id, which may hold any character."""
    clean = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")[:_LONGEST]
    return clean if clean == name else f"{clean or 'item'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def free_place(folder: Path, name: str) -> Path:
    """Return the place of a name in a folder, with a number before its suffix if something is there."""
    number, place = 1, folder / name
    while place.exists():
        number += 1
        place = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return place
