"""An input, fixed: which files of which items it stands on, each with its checksum."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from earthcode_platform import checksums
from earthcode_platform.cubes.access import asking, require_allowed
from earthcode_platform.cubes.assets import data_assets
from earthcode_platform.cubes.extent import intersects, item_bbox
from earthcode_platform.cubes.refusal import refusal
from earthcode_platform.cubes.search import found_items, is_searched
from earthcode_platform.cubes.stac import Document, Item, is_remote, read_document, resolve, text
from earthcode_platform.cubes.walking import collect
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.pinned import PinnedAsset, PinnedInput
from earthcode_platform.web.failures import ForbiddenAddressError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from earthcode_platform.models.experiment import InputReference
    from earthcode_platform.models.finding import Finding

__all__ = ["pin_input", "pin_inputs"]

_HASHERS: Final = 4
"""Files hashed at once; SHA-256 releases the interpreter's lock."""
_MULTIHASH_LENGTH: Final = 68
_NO_ITEMS: Final = "Name a document with items, or with links of rel 'item' or 'child'."
_KINDS: Final = {"Feature": "item", "FeatureCollection": "items", "Collection": "collection", "Catalog": "catalog"}


def pin_input(name: str, reference: InputReference, folder: Path) -> PinnedInput:
    """Return the input `name` with the documents and assets inside its window, in the order of time.

    What an API finds is kept as it described it, for it may find other items the next time.

    Local assets are hashed. Remote ones are not downloaded: their checksum stays None, and so does that of a local
    asset that is missing or cannot be read, which the gate of the inputs reports.

    Args:
        name: Its name in `experiment.yaml`.
        reference: What `experiment.yaml` says of it.
        folder: The experiment's folder, the base of a relative href.

    Raises:
        RefusedError: The input cannot be resolved: codes `inputs-not-found`, `inputs-not-readable`,
            `inputs-not-allowed`, `inputs-not-json`, `inputs-not-stac`, `inputs-too-large`, `inputs-too-many`,
            `inputs-no-items`, `inputs-whole-api`, `inputs-empty-window` and `inputs-no-data`.
        UnavailableError: A server did not answer; the same call may succeed later.
    """
    try:
        return _pin(name, reference, folder)
    except RefusedError as error:
        found = [entry.model_copy(update={"where": f"inputs.{name} ({entry.where})"}) for entry in error.findings]
        raise RefusedError(found) from None


def pin_inputs(references: Mapping[str, InputReference], folder: Path) -> tuple[PinnedInput, ...]:
    """Return all inputs, fixed as `pin_input` does it, in the order in which they are declared.

    Args:
        references: What `experiment.yaml` says of each, by name.
        folder: The experiment's folder.

    Raises:
        RefusedError: At least one cannot be resolved; the error carries the findings of all of them.
        UnavailableError: A server did not answer.
    """
    pinned: list[PinnedInput] = []
    findings: list[Finding] = []
    for name, reference in references.items():
        try:
            pinned.append(pin_input(name, reference, folder))
        except RefusedError as error:
            findings += error.findings
    RefusedError.if_any(findings)
    return tuple(pinned)


def _pin(name: str, reference: InputReference, folder: Path) -> PinnedInput:
    href = _absolute(reference.href, folder)
    with asking(href):
        root = read_document(href)
        searched = is_searched(root)
        documents, items = ([root], found_items(root, reference)) if searched else collect(root)
    selected = _select(items, reference, root)
    assets = [_declared(item, key, asset) for item in selected for key, asset in data_assets(item.content).items()]
    if not assets:
        raise refusal(
            "inputs-no-data",
            root.href,
            f"none of its {len(selected)} items has an asset with data.",
            "Give the assets the role 'data', or the media type of GeoTIFF, NetCDF, Zarr or GRIB.",
        )
    _require_reachable(assets, href)
    with ThreadPoolExecutor(_HASHERS) as pool:
        hashed = tuple(pool.map(_with_checksum, assets))
    return PinnedInput(
        name=name,
        href=root.href,
        checksum=root.checksum,
        declared=reference.checksum,
        stands_for=reference.stands_for,
        datetime=reference.datetime,
        bbox=reference.bbox,
        group=reference.group,
        documents=tuple(_document(document) for document in _kept(documents, selected)),
        found=tuple(item.content for item in selected) if searched else (),
        assets=hashed,
    )


def _require_reachable(assets: Sequence[PinnedAsset], declared: str) -> None:
    """Refuse files on hosts of a local network that a remote document leads to."""
    for asset in assets:
        if is_remote(asset.href):
            try:
                require_allowed(asset.href, declared)
            except ForbiddenAddressError as error:
                remedy = "Mend the item, or allow the host in the input access block."
                raise refusal("inputs-not-allowed", asset.href, error.message, remedy) from None


def _absolute(href: str, folder: Path) -> str:
    if is_remote(href):
        return href
    path = Path(unquote(urlsplit(href).path) if href.startswith("file:") else href)
    joined = Path(os.path.normpath(folder.absolute() / path))
    if not path.is_absolute() and not joined.is_relative_to(os.path.normpath(folder.absolute())):
        raise refusal("inputs-not-allowed", href, "it leaves the experiment's folder.", "Name a file inside it.")
    return str(joined)


def _select(items: Sequence[Item], reference: InputReference, root: Document) -> list[Item]:
    if not items:
        raise refusal("inputs-no-items", root.href, "no STAC item hangs below it.", _NO_ITEMS)
    selected = [item for item in items if _inside(item, reference)]
    if not selected:
        wanted = [f"datetime {reference.datetime}"] if reference.datetime else []
        wanted += [f"bbox {list(reference.bbox)}"] if reference.bbox else []
        first, last = min(item.start for item in items), max(item.end for item in items)
        raise refusal(
            "inputs-empty-window",
            root.href,
            f"none of its {len(items)} items lies in {' and '.join(wanted)}.",
            f"Its items reach from {first.isoformat()} to {last.isoformat()}, over {_boxes(items)}. Widen the window.",
        )
    return sorted(selected, key=lambda item: (item.moment, item.id))


def _boxes(items: Sequence[Item]) -> str:
    boxes = sorted({str([round(edge, 4) for edge in box]) for item in items if (box := item_bbox(item.content))})
    return ", ".join(boxes[:3]) + (f" and {len(boxes) - 3} more boxes" if len(boxes) > 3 else "") or "an unknown box"  # noqa: PLR2004 - three boxes are enough to see where the data lie


def _inside(item: Item, reference: InputReference) -> bool:
    window, box = reference.datetime, item_bbox(item.content)
    in_time = window is None or (
        (window.end is None or item.start <= window.end) and (window.start is None or item.end >= window.start)
    )
    return in_time and (reference.bbox is None or box is None or intersects(reference.bbox, box))


def _kept(documents: Sequence[Document], selected: Sequence[Item]) -> list[Document]:
    used = {item.document.href for item in selected}
    return [document for document in documents if document.href in used or document.kind in ("Collection", "Catalog")]


def _document(document: Document) -> PinnedAsset:
    return PinnedAsset(
        item=text(document.content, "id") or document.href.rsplit("/", 1)[-1],
        key=_KINDS[document.kind],
        href=document.href,
        media_type="application/json",
        size=document.size,
        checksum=document.checksum,
    )


def _declared(item: Item, key: str, asset: dict[str, JsonValue]) -> PinnedAsset:
    size, declared = asset.get("file:size"), text(asset, "file:checksum").lower()
    sha256 = declared.startswith(checksums.MULTIHASH_SHA256) and len(declared) == _MULTIHASH_LENGTH
    return PinnedAsset(
        item=item.id,
        key=key,
        href=resolve(text(asset, "href"), item.document.href),
        media_type=text(asset, "type") or None,
        size=size if isinstance(size, int) else None,
        declared=declared if sha256 else None,
    )


def _with_checksum(asset: PinnedAsset) -> PinnedAsset:
    if is_remote(asset.href) or not Path(asset.href).exists():
        return asset
    try:
        return asset.model_copy(update={"checksum": checksums.of_path(Path(asset.href))})
    except OSError:
        return asset
