"""Inputs as a package takes them: folders with a STAC catalog, items and files that need nothing outside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform import checksums
from earthcode_platform.application_packages.catalogs import safe_name, write_catalog
from earthcode_platform.application_packages.types import Shape
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.engines.cwl.cutting import cut
from earthcode_platform.errors import ExecutionError, UnavailableError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.models.pinned import PinnedAsset, PinnedInput
    from earthcode_platform.models.window import BBox

__all__ = ["stage_in"]

_PIECE: Final = 1024 * 1024
_SECONDS: Final = 60.0


def stage_in(pinned: PinnedInput, shape: str, folder: Path, *, window: bool) -> JsonValue:
    """Write an input below `folder` and return the value that stands for it in the job order.

    Each item comes with the files that were pinned of it, verified; those of the web are downloaded. An input that a
    workflow takes by address is staged too, unless its items are on the web.

    Args:
        pinned: The input.
        shape: How the workflow takes it (`types.Shape`).
        folder: A folder of its own.
        window: Whether its rasters may be cut to the box that the experiment asks for.

    Raises:
        IntegrityError: A file is not what was pinned.
        UnavailableError: A file of the web could not be had.
        ExecutionError: A file of the web is not what its item declares.
    """
    items = resolved_items(pinned)
    box = pinned.bbox if window else None
    if shape in (Shape.ADDRESS, Shape.ADDRESSES):
        hrefs: list[JsonValue] = [_address(found, folder, box) for found in items]
        return hrefs if shape == Shape.ADDRESSES else hrefs[0]
    if shape == Shape.DIRECTORY:
        write_catalog(folder, pinned.name, [_write_item(found, folder, box) for found in items])
        return _directory(folder)
    folders: list[JsonValue] = []
    for found in items:
        own = folder / safe_name(found.item.id)
        write_catalog(own, found.item.id, [_write_item(found, own, box)])
        folders.append(_directory(own))
    return folders


def _address(found: ResolvedItem, folder: Path, box: BBox | None) -> str:
    if is_remote(found.item.document.href) and found.item.document.kind == "Feature":
        return found.item.document.href
    return str(_write_item(found, folder, box))


def _directory(folder: Path) -> JsonValue:
    return {"class": "Directory", "location": folder.absolute().as_uri(), "basename": folder.name}


def _write_item(found: ResolvedItem, folder: Path, box: BBox | None) -> Path:
    own = folder / safe_name(found.item.id)
    own.mkdir(parents=True)
    content: dict[str, Any] = json.loads(json.dumps(found.item.content))
    described, taken = content.get("assets", {}), {f"{own.name}.json"}
    content["assets"] = {}
    for key, asset in found.assets.items():
        name = Path(asset.href.rstrip("/")).name
        name = f"{key}-{name}" if name in taken else name
        taken.add(name)
        _take(asset, own / name)
        entry = {**described.get(key, {}), "href": f"./{name}"}
        if box is not None and cut(own / name, box):
            entry |= _renewed(entry, own / name)
        content["assets"][key] = entry
    content["links"] = [
        {"rel": rel, "href": "../catalog.json", "type": "application/json"} for rel in ("root", "parent")
    ]
    content.pop("collection", None)
    path = own / f"{own.name}.json"
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path


def _renewed(entry: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return what an asset says of a raster that was cut (STAC file and projection extensions)."""
    import rasterio

    with rasterio.open(path) as opened:
        shape, transform = list(opened.shape), list(opened.transform)[:6]
    known: dict[str, Any] = {"proj:shape": shape, "proj:transform": transform}
    known |= {"file:size": path.stat().st_size} if "file:size" in entry else {}
    return known | ({"file:checksum": checksums.of_file(path)} if "file:checksum" in entry else {})


def _take(asset: PinnedAsset, target: Path) -> None:
    if is_remote(asset.href):
        _download(asset.href, target)
        if asset.declared and checksums.of_file(target) != asset.declared:
            raise ExecutionError(
                "what was downloaded has another checksum than its item declares.", where=asset.href,
                remedy="Try again; if it stays so, the item or the file is wrong.",
            )  # fmt: skip
        return
    source = Path(asset.href)
    # Copied and not linked: a tool may not reach the original.
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
    if asset.checksum is not None:
        checksums.require(target, asset.checksum)


def _download(url: str, target: Path) -> None:
    import httpx

    try:
        with httpx.stream("GET", url, timeout=_SECONDS, follow_redirects=True) as answer, target.open("wb") as stream:
            answer.raise_for_status()
            for piece in answer.iter_bytes(_PIECE):
                stream.write(piece)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnavailableError(
            f"it could not be downloaded: {error}.", where=url, remedy="Try again later, or mend the item."
        ) from None
