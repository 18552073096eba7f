"""What a back-end reads in place of the experiment's inputs: a STAC address, or a collection of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.stac import is_remote, text
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.experiment import Grouping
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import Address, is_local_name, is_public, literal, read_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from earthcode_platform.engines.remote_openeo.backend import Backend
    from earthcode_platform.models.pinned import PinnedInput
    from earthcode_platform.process_graphs.graph import Parsed

__all__ = ["LOADERS", "Source", "named_input", "source_of"]

LOADERS: Final = {"load_stac": "url", "load_collection": "id"}
"""Processes that read an input, and the argument that names it."""


@dataclass(frozen=True, slots=True)
class Source:
    """What stands for an input at the back-end, or why nothing can."""

    collection: str = ""
    """A collection of the back-end."""
    href: str = ""
    """Or a STAC document that it can read."""
    code: str = ""
    """Or why it can read neither: code of the finding,"""
    message: str = ""
    """what is wrong,"""
    remedy: str = ""
    """and what to do."""

    @property
    def process(self) -> str:
        """The process that loads it."""
        return "load_collection" if self.collection else "load_stac"

    @property
    def argument(self) -> dict[str, str]:
        """The argument of that process that names it."""
        return {LOADERS[self.process]: self.collection or self.href}


def source_of(pinned: PinnedInput, backend: Backend) -> Source:
    """Return what stands for an input at a back-end.

    Raises:
        IntegrityError: The input's STAC document changed after it was pinned.
        UnavailableError: The server of the input does not answer.
    """
    if pinned.group is not Grouping.MOMENT:
        return Source(
            code="workflow-unsendable-group",
            message=f"the items of {pinned.name!r} are grouped by {pinned.group}, which no back-end can be told.",
            remedy="Leave `group` out, or run the experiment here.",
        )
    for key in (pinned.href, *_collections(pinned, backend)):
        if key in backend.collections:
            return Source(collection=backend.collections[key])
    if pinned.bbox is not None and pinned.bbox[0] > pinned.bbox[2]:
        return Source(
            code="workflow-unsendable-window",
            message=f"the box of the input {pinned.name!r} crosses the antimeridian, which no back-end can be told.",
            remedy="Split the input in two, one on each side.",
        )
    if not is_remote(pinned.href):
        return Source(
            code="workflow-local-input",
            message=f"the input {pinned.name!r} lies on this machine, where the back-end cannot read it.",
            remedy="Put it behind a public address, map its STAC collection to one of the back-end's in the block, "
            "or run the experiment here.",
        )
    if public(pinned.href) == pinned.href and _reachable(read_address(pinned.href), read_address(backend.url)):
        return Source(href=pinned.href)
    return Source(
        code="workflow-unreachable-input",
        message=f"the input {pinned.name!r} is at {public(pinned.href)!r}, which is no public address.",
        remedy="Put it behind an address that everybody may read, or run the experiment here.",
    )


def _collections(pinned: PinnedInput, backend: Backend) -> Sequence[str]:
    """Return the ids of the STAC collections that an input stands on; they are looked up only if ids are mapped."""
    ids = [document.item for document in pinned.documents if document.key == "collection"]
    if ids or not backend.collections:
        return ids
    try:
        items = resolved_items(pinned, limit=1)
    except RefusedError:
        return []  # the input cannot be read, which the inputs gate reports
    return list(dict.fromkeys(name for found in items if (name := text(found.item.content, "collection"))))


def _reachable(address: Address, backend: Address) -> bool:
    """Tell whether a back-end may reach an address: it is public, or the back-end itself is not."""
    return not _is_private(address.host) or _is_private(backend.host)


def _is_private(host: str) -> bool:
    ip = literal(host)
    return is_local_name(host) or (ip is not None and not is_public(ip))


def named_input(reference: Parsed, inputs: Mapping[str, PinnedInput]) -> PinnedInput | None:
    """Return the input that a loading node names: by parameter, by name or by href; None if it names none."""
    from earthcode_platform.process_graphs.graph import Parameters

    name = reference.name if isinstance(reference, Parameters) else reference
    if not isinstance(name, str):
        return None
    return inputs.get(name) or next((pinned for pinned in inputs.values() if pinned.href == name), None)
