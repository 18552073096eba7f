"""Inputs as a package takes them: folders with a STAC catalog, items and files that need nothing outside them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from earthcode_platform import checksums
from earthcode_platform.application_packages.catalogs import free_place, safe_name, write_catalog
from earthcode_platform.application_packages.types import Shape
from earthcode_platform.cubes.access import allowing, readable
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.engines.cwl.cutting import cut
from earthcode_platform.errors import ExecutionError, InputError, UnavailableError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.models.pinned import PinnedAsset, PinnedInput
    from earthcode_platform.models.window import BBox
    from earthcode_platform.web.asking import Web

__all__ = ["stage_in"]

_LEAST: Final = 600.0
"""Seconds that every download may take, however small it is."""
_SLOWEST: Final = 50_000
"""Bytes a second below which one is given up, where the size of the file is known."""
_LONGEST: Final = 6 * 3600.0
"""Seconds that any may take."""
_PAUSE: Final = 10.0
"""Most seconds between two tries."""


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
    with allowing([one.href for one in pinned.assets if is_remote(one.href)]) as web:
        staging = _Staging(web, box)
        if shape in (Shape.ADDRESS, Shape.ADDRESSES):
            hrefs: list[JsonValue] = [staging.address(found, folder) for found in items]
            return hrefs if shape == Shape.ADDRESSES else hrefs[0]
        if shape == Shape.DIRECTORY:
            write_catalog(folder, pinned.name, [staging.item(found, folder) for found in items])
            return _directory(folder)
        folders: list[JsonValue] = []
        for found in items:
            own = free_place(folder, safe_name(found.item.id))
            write_catalog(own, found.item.id, [staging.item(found, own)])
            folders.append(_directory(own))
        return folders


def _directory(folder: Path) -> JsonValue:
    return {"class": "Directory", "location": folder.absolute().as_uri(), "basename": folder.name}


@dataclass(frozen=True, slots=True)
class _Staging:
    """Items of one input on their way into folders."""

    web: Web
    """Who asks for files of the web."""
    box: BBox | None
    """What rasters are cut to, where they may be."""

    def address(self, found: ResolvedItem, folder: Path) -> str:
        """Return where an item is, staged if it is not on the web."""
        if is_remote(found.item.document.href) and found.item.document.kind == "Feature":
            return found.item.document.href
        return str(self.item(found, folder))

    def item(self, found: ResolvedItem, folder: Path) -> Path:
        """Write an item with its files below a folder, and return its path."""
        own = free_place(folder, safe_name(found.item.id))
        own.mkdir(parents=True)
        content: dict[str, Any] = json.loads(json.dumps(found.item.content))
        described, path = content.get("assets", {}), own / f"{own.name}.json"
        path.touch()
        content["assets"] = {}
        for key, asset in found.assets.items():
            file = self._file(key, asset, own)
            entry = {**described.get(key, {}), "href": f"./{file.name}"}
            if self.box is not None and cut(file, self.box):
                entry |= _renewed(entry, file)
            content["assets"][key] = entry
        content["links"] = [
            {"rel": rel, "href": "../catalog.json", "type": "application/json"} for rel in ("root", "parent")
        ]
        content.pop("collection", None)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
        return path

    def _file(self, key: str, asset: PinnedAsset, folder: Path) -> Path:
        """Write the file of an asset into a folder, and return its path: its own name, after its key if that is taken.

        Both come from documents that nobody here wrote.
        """
        place = urlsplit(asset.href).path if is_remote(asset.href) else asset.href
        name = Path(place.rstrip("/")).name
        taken = name in ("", "..") or (folder / name).exists()
        target = free_place(folder, f"{safe_name(key)}-{name.strip('.')}") if taken else folder / name
        if is_remote(asset.href):
            _download(self.web, asset, target)
        else:
            _copy(asset, target)
        return target


def _renewed(entry: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return what an asset says of a raster that was cut (STAC file and projection extensions)."""
    import rasterio

    with rasterio.open(path) as opened:
        shape, transform = list(opened.shape), list(opened.transform)[:6]
    known: dict[str, Any] = {"proj:shape": shape, "proj:transform": transform}
    known |= {"file:size": path.stat().st_size} if "file:size" in entry else {}
    return known | ({"file:checksum": checksums.of_file(path)} if "file:checksum" in entry else {})


def _copy(asset: PinnedAsset, target: Path) -> None:
    source = Path(asset.href)
    # Copied and not linked: a tool may not reach the original.
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
    if asset.checksum is not None:
        checksums.require(target, asset.checksum)


def _download(web: Web, asset: PinnedAsset, target: Path) -> None:
    from earthcode_platform.web.following import streamed
    from earthcode_platform.web.trying import tried

    seconds = _LONGEST if asset.size is None else min(_LONGEST, _LEAST + asset.size / _SLOWEST)

    def fetched() -> None:
        with target.open("wb") as stream:
            for piece in streamed(web, readable(asset.href), seconds):
                stream.write(piece)

    try:
        tried(fetched, (UnavailableError,), _PAUSE)
    except UnavailableError as error:
        raise UnavailableError(
            f"it could not be downloaded: {error.message}", where=asset.href, remedy="Try again later."
        ) from None
    except InputError as error:
        raise ExecutionError(
            f"it could not be downloaded: {error.message}", where=asset.href, remedy="Mend the item."
        ) from None
    if asset.declared and checksums.of_file(target) != asset.declared:
        raise ExecutionError(
            "what was downloaded has another checksum than its item declares.", where=asset.href,
            remedy="Try again; if it stays so, the item or the file is wrong.",
        )  # fmt: skip
