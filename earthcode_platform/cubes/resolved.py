"""A pinned input, opened again: its items, in the order of time, beside the assets that were pinned of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from earthcode_platform.cubes.access import asking
from earthcode_platform.cubes.assets import BandSource, Container, container, raster_bands
from earthcode_platform.cubes.stac import Document, Item, item_of, items_of, mapping, read_document
from earthcode_platform.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earthcode_platform.models.pinned import PinnedAsset, PinnedInput

__all__ = ["ResolvedItem", "resolved_items"]

_WITH_ITEMS = ("item", "items")


@dataclass(frozen=True, slots=True)
class ResolvedItem:
    """An item and its pinned assets."""

    item: Item
    """The item as its document has it."""
    assets: dict[str, PinnedAsset]
    """Its assets that hold data, by key."""

    def containing(self, form: Container) -> dict[str, PinnedAsset]:
        """Return its assets in one form, by key."""
        return {key: found for key, found in self.assets.items() if container(found.href, found.media_type) is form}

    def raster_bands(self) -> Iterator[BandSource]:
        """Yield the bands of its raster assets, in the order of the item."""
        described = mapping(self.item.content, "assets")
        for key in self.containing(Container.RASTER):
            asset = described[key]
            yield from raster_bands(key, asset if isinstance(asset, dict) else {})


def resolved_items(pinned: PinnedInput, limit: int | None = None) -> list[ResolvedItem]:
    """Return the items of a pinned input, in the order in which they were pinned; with a limit only some of them.

    Raises:
        IntegrityError: A document changed after it was pinned.
        RefusedError: A document is no longer there.
        UnavailableError: A server did not answer.
    """
    by_item: dict[str, dict[str, PinnedAsset]] = {}
    for asset in pinned.assets:
        by_item.setdefault(asset.item, {})[asset.key] = asset
    found = _found(pinned) if pinned.found else _read(pinned, by_item, limit)
    return [ResolvedItem(found[identifier], assets) for identifier, assets in by_item.items() if identifier in found]


def _found(pinned: PinnedInput) -> dict[str, Item]:
    """Return the items that an API found when the input was pinned."""
    origin = Document(pinned.href, pinned.checksum, 0, {})
    return {item.id: item for item in (item_of(content, origin) for content in pinned.found)}


def _read(pinned: PinnedInput, wanted: Mapping[str, object], limit: int | None) -> dict[str, Item]:
    """Return the items that stand in the pinned documents."""
    found: dict[str, Item] = {}
    with asking(pinned.href):
        for pinned_document in (entry for entry in pinned.documents if entry.key in _WITH_ITEMS):
            document = read_document(pinned_document.href)
            if document.checksum != pinned_document.checksum:
                raise IntegrityError(
                    f"the STAC document of input {pinned.name!r} changed after it was pinned.",
                    where=document.href,
                    remedy="Start the run again, so that its new content is pinned.",
                )
            found.update({item.id: item for item in items_of(document) if item.id in wanted})
            if limit is not None and len(found) >= limit:
                break
    return found
