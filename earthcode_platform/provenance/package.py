"""The package of an experiment: a folder from which it can be run again, on any machine, without its author's."""

import hashlib
import json
import posixpath
import re
import shutil
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import JsonValue

from earthcode_platform import checksums
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import Experiment, InputReference
from earthcode_platform.models.pinned import PinnedAsset, PinnedExperiment, PinnedInput
from earthcode_platform.provenance.staging import require_free, stage_workflow

__all__ = ["LARGEST_INPUTS", "write_package"]

LARGEST_INPUTS: Final = 512 * 1024 * 1024
"""Bytes of local input data that a package carries at most; more belongs behind a URL of its own."""

_Document: TypeAlias = dict[str, Any]


def write_package(pinned: PinnedExperiment, folder: Path, largest: int = LARGEST_INPUTS) -> Experiment:
    """Copy the workflow's files and every local input into `folder`, and return the experiment as it reads from there.

    Local inputs become self-contained STAC below `inputs/<name>/`, cut down to the items and assets that were pinned.
    So do the items that an API found, whose files stay where they are: the API may find others the next time. Other
    remote inputs stay where they are, held to the checksum of the STAC document that was pinned.

    Args:
        pinned: What ran.
        folder: An empty or missing folder.
        largest: Bytes of local input data allowed in the package.

    Raises:
        InputError: The local inputs are larger than that.
        IntegrityError: A file changed since it was pinned.
    """
    size = sum(_bytes(asset) for pin in pinned.inputs if pin.local for asset in pin.assets)
    if size > largest:
        raise InputError(
            f"the local inputs hold {size:,} bytes, and a product carries {largest:,} of them at most.",
            where=pinned.experiment.id,
            remedy="Put them behind a URL of their own, and name that as the input's href.",
        )
    stage_workflow(pinned.workflow.model_copy(update={"name": pinned.experiment.workflow.entry}), folder)
    if pinned.expectations is not None and pinned.expectations not in pinned.workflow.files:
        _copy(pinned.expectations.path, pinned.expectations.checksum, folder / pinned.expectations.name)
    inputs = {pin.name: _reference(pin, folder) for pin in pinned.inputs}
    return pinned.experiment.model_copy(update={"inputs": inputs})


def _reference(pin: PinnedInput, folder: Path) -> InputReference:
    href, checksum = pin.href, pin.checksum
    if pin.local or pin.found:
        document = _write_input(pin, folder / "inputs" / pin.name)
        href, checksum = document.relative_to(folder).as_posix(), checksums.of_file(document)
    return InputReference(
        href=href,
        datetime=pin.datetime,
        bbox=pin.bbox,
        group=pin.group,
        checksum=checksum,
        stands_for=pin.stands_for,
    )


def _write_input(pin: PinnedInput, folder: Path) -> Path:
    root: _Document = {"type": "FeatureCollection"} if pin.found else json.loads(Path(pin.href).read_bytes())
    items: dict[str, _Document] = {str(item["id"]): item for item in pin.found}
    items |= {} if pin.found else {item["id"]: item for document in pin.documents for item in _items(document)}
    wanted: dict[str, list[PinnedAsset]] = {}
    for asset in pin.assets:
        wanted.setdefault(asset.item, []).append(asset)
    written = [_write_item(items[name], assets, folder / _folder(name)) for name, assets in wanted.items()]
    if root.get("type") == "Feature":
        return written[0]
    if root.get("type") == "FeatureCollection":
        root = {"type": "Catalog", "id": pin.name, "stac_version": "1.1.0", "description": f"Items of {pin.name}"}
    root["links"] = [
        {"rel": "item", "href": f"./{path.relative_to(folder).as_posix()}", "type": "application/geo+json"}
        for path in written
    ]
    return _write_json(root, folder / ("collection.json" if root["type"] == "Collection" else "catalog.json"))


def _items(document: PinnedAsset) -> list[_Document]:
    content: _Document = json.loads(Path(document.href).read_bytes())
    if content.get("type") == "FeatureCollection":
        return list(content["features"])
    return [content] if content.get("type") == "Feature" else []


def _write_item(item: _Document, assets: list[PinnedAsset], folder: Path) -> Path:
    kept: dict[str, JsonValue] = {}
    for asset in assets:
        if _remote(asset):
            kept[asset.key] = {**item["assets"][asset.key], "href": asset.href}
            continue
        taken = {str(entry["href"])[2:] for entry in kept.values() if isinstance(entry, dict)}
        name = _name(asset, taken | {f"{folder.name}.json"})
        _copy(asset.href, asset.checksum, folder / name)
        kept[asset.key] = {**item["assets"][asset.key], "href": f"./{name}"}
    links = [link for link in item.get("links", []) if link.get("rel") not in _STRUCTURAL]
    return _write_json({**item, "links": links, "assets": kept}, folder / f"{folder.name}.json")


_STRUCTURAL: Final = frozenset({"self", "root", "parent", "collection"})


def _remote(asset: PinnedAsset) -> bool:
    return "://" in asset.href


def _bytes(asset: PinnedAsset) -> int:
    return 0 if _remote(asset) else checksums.size_of(Path(asset.href))


def _folder(item: str) -> str:
    """Item ids may hold any character (STAC item specification); folder names may not."""
    clean = re.sub(r"[^A-Za-z0-9._-]", "_", item).lstrip(".")[:_LONGEST]
    return clean if clean == item else f"{clean or 'item'}-{hashlib.sha256(item.encode()).hexdigest()[:8]}"


_LONGEST: Final = 80


def _name(asset: PinnedAsset, taken: set[str]) -> str:
    name = posixpath.basename(asset.href)
    return f"{asset.key}-{name}" if name in taken else name


def _copy(source: str, checksum: str | None, target: Path) -> None:
    require_free(target)
    if Path(source).is_dir():
        shutil.copytree(source, target)
        return
    shutil.copyfile(source, target)
    if checksum is not None:
        checksums.require(target, checksum)


def _write_json(document: _Document, path: Path) -> Path:
    require_free(path)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
