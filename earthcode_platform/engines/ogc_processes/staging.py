"""Results staged back: what a provider hands out becomes folders and files, as if the package had run here."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from earthcode_platform.application_packages.catalogs import safe_name, write_catalog
from earthcode_platform.cubes.assets import Container, container, data_assets
from earthcode_platform.engines.ogc_processes.calling import is_json
from earthcode_platform.engines.ogc_processes.service import linked
from earthcode_platform.engines.provider.downloading import Announced
from earthcode_platform.errors import ExecutionError
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.failures import ForbiddenAddressError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from earthcode_platform.engines.ogc_processes.results import Output
    from earthcode_platform.engines.provider.downloading import Downloads

__all__ = ["StagedBack", "stage_back"]

_MOST: Final = 10_000
"""How many STAC documents the results of one job may have."""
_SUFFIXES: Final = {Container.RASTER: ".tif", Container.NETCDF: ".nc"}


class StagedBack:
    """The results of one job, below a folder.

    Args:
        folder: The folder, which is empty.
        downloads: What fetches them.
        base: The address that relative ones in documents without an address are read from.
    """

    def __init__(self, folder: Path, downloads: Downloads, base: str) -> None:
        self.outputs: dict[str, list[dict[str, Any]]] = {}
        self.verified: dict[str, tuple[str, ...]] = {}
        self._folder = folder
        self._downloads = downloads
        self._base = base
        self._number = 0
        self._read: set[str] = set()

    def take(self, output: Output) -> None:
        """Stage one result: a STAC document with its items and their files, or a file."""
        where = f"output {output.name!r}"
        self._number += 1
        folder = self._folder / f"{self._number:03}-{safe_name(output.name)}"
        folder.mkdir(parents=True)
        if self._is_document(output):
            document, base = (
                (output.document, self._base)
                if output.document is not None
                else self._downloads.document(output.href, where)
            )
            items = [self._item(one, at, folder, where) for one, at in self._items(document, base, where)]
            write_catalog(folder, output.name, items)
            value = {"class": "Directory", "location": folder.absolute().as_uri(), "basename": output.name}
        else:
            path = self._file(output, folder, where)
            value = {"class": "File", "location": path.absolute().as_uri(), "basename": path.name}
        self.outputs.setdefault(output.name, []).append(value)

    def _is_document(self, output: Output) -> bool:
        if output.document is not None:
            return True
        if output.content is not None:
            return False
        return is_json(output.media_type) or (
            container(urlsplit(output.href).path, output.media_type) is None
            and urlsplit(output.href).path.lower().endswith((".json", ".geojson", "/"))
        )

    def _file(self, output: Output, folder: Path, where: str) -> Path:
        name = _file_name(output.href, output.media_type, output.name, where)
        path = folder / name
        if output.content is not None:
            path.write_bytes(output.content)
            self.verified[f"{output.name}/{name}"] = ("content",)
            return path
        self._downloads.file(output.href, path, Announced(), where)
        self.verified[f"{output.name}/{name}"] = ("content",)
        return path

    def _items(self, document: dict[str, Any], base: str, where: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield the items of a STAC document, page after page, each with the address that its hrefs are read from."""
        kind = document.get("type")
        if kind == "Feature":
            yield document, base
        elif kind == "FeatureCollection":
            features = document.get("features")
            yield from ((one, base) for one in features if isinstance(one, dict)) if isinstance(features, list) else ()
            if further := linked(document, "next"):
                yield from self._led_to(_joined(base, further, where), where)
        elif kind in ("Catalog", "Collection"):
            for link in document.get("links") or ():
                if isinstance(link, dict) and link.get("rel") in ("item", "child", "items"):
                    yield from self._led_to(_joined(base, str(link.get("href")), where), where)
        else:
            raise ExecutionError(
                f"it is of the type {kind!r}, and no STAC catalog, collection or item.",
                where=where,
                remedy="Let the package hand back a STAC catalog.",
            )

    def _led_to(self, href: str, where: str) -> Iterator[tuple[dict[str, Any], str]]:
        if href in self._read:
            return
        self._read.add(href)
        if len(self._read) > _MOST:
            raise ExecutionError(f"the results have more than {_MOST} STAC documents.", where=where)
        yield from self._items(*self._downloads.document(href, where), where)

    def _item(self, content: dict[str, Any], base: str, folder: Path, where: str) -> Path:
        """Write an item with the files of its data, and return its path."""
        self._number += 1
        name = str(content.get("id") or "")
        own = folder / f"{self._number:03}-{safe_name(name)}"
        own.mkdir()
        assets: dict[str, Any] = {}
        for key, asset in sorted(data_assets(content).items()):
            place = f"{where}, item {name!r}, asset {key!r}"
            file = f"{len(assets):03}-{_file_name(str(asset['href']), str(asset.get('type') or ''), key, place)}"
            announced = Announced.of(asset)
            self._downloads.file(_joined(base, str(asset["href"]), place), own / file, announced, place)
            self.verified[f"{name}/{key}"] = announced.verified
            assets[key] = {**asset, "href": f"./{file}"}
        path = own / "item.json"
        # Without its collection, as it is without the link to it (STAC 1.1, item: collection).
        kept = {key: value for key, value in content.items() if key != "collection"}
        path.write_text(json.dumps({**kept, "assets": assets, "links": []}, indent=2), encoding="utf-8")
        return path


def stage_back(outputs: Sequence[Output], folder: Path, downloads: Downloads, base: str) -> StagedBack:
    """Fetch results below `folder`, and return them as the outputs of a CWL workflow.

    Raises:
        IntegrityError: A file is not what was announced.
        ExecutionError: A document is no STAC, or a file cannot be taken from where it lies.
        UnavailableError: A file cannot be had now.
    """
    staged = StagedBack(folder, downloads, base)
    for output in outputs:
        staged.take(output)
    return staged


def _joined(base: str, href: str, where: str) -> str:
    try:
        return follow(read_address(base), href).asked
    except ForbiddenAddressError as error:
        raise ExecutionError(
            f"it leads to an address that cannot be asked: {error.message}",
            where=where,
            remedy="Have results handed out by https.",
        ) from None


def _file_name(href: str, media_type: str, otherwise: str, where: str) -> str:
    """Return a name for a file that its form can be told from; the provider's own may hold anything."""
    path = urlsplit(href).path
    form = container(path, media_type)
    if form is None or form not in _SUFFIXES:
        told = f"a {form.value}" if form else f"{media_type or 'a file'!r}"
        raise ExecutionError(
            f"it is {told}, and no GeoTIFF and no NetCDF file.",
            where=where,
            remedy="Let the package write one of them into a STAC catalog.",
        )
    stem = posixpath.splitext(posixpath.basename(path))[0] or otherwise
    return f"{safe_name(stem)}{_SUFFIXES[form]}"
