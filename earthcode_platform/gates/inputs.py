"""Are the input files there, are they what was declared, and can they be opened?"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from earthcode_platform import checksums
from earthcode_platform.cubes.access import carried
from earthcode_platform.cubes.probe import probe
from earthcode_platform.errors import InputError
from earthcode_platform.gates.footprint import beyond
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedAsset, PinnedExperiment, PinnedInput
from earthcode_platform.redaction import public

__all__ = ["check"]

_OPENED_AT_ONCE: Final = 8
"""Most of the time goes into waiting for a disk or a server."""


def check(pinned: PinnedExperiment) -> Iterator[Finding]:
    """Yield what is wrong with the files of the inputs, in the order of the inputs and their assets.

    Sizes and checksums are those of the STAC file extension (`file:size`, `file:checksum`). A remote file is opened,
    not downloaded: its checksum is not known before it is read whole.

    Raises:
        UnavailableError: A server did not answer, so that nothing can be said of its files.
    """
    for pin in pinned.inputs:
        yield from _document(pin)
        yield from beyond(pin)
        yield from _shared(pin)
        yield from _signed(pin)
        yield from _without_data(pin)
        yield from _outside(pin, Path(pinned.folder).resolve())
        with ThreadPoolExecutor(_OPENED_AT_ONCE) as pool:
            for findings in pool.map(carried(_found), pin.assets):
                yield from (found.model_copy(update={"where": f"{pin.name}: {found.where}"}) for found in findings)


def _error(code: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(code=f"inputs-{code}", severity=Severity.ERROR, where=where, message=message, remedy=remedy)


def _document(pin: PinnedInput) -> Iterator[Finding]:
    if pin.declared is not None and pin.declared != pin.checksum:
        message = f"{pin.href!r} has the checksum {pin.checksum}, but {pin.declared} is declared."
        remedy = "Look at what changed in it, then declare its new checksum and raise the version."
        yield _error("checksum-differs", f"experiment.yaml: inputs.{pin.name}.checksum", message, remedy)
    remedy = "Develop the experiment again, so that what is checked is what is read."
    for document in pin.documents:
        path = Path(document.href)
        if "://" in document.href or document.checksum is None:
            continue
        try:
            same = checksums.of_file(path) == document.checksum
        except OSError as error:
            yield _error("document-gone", f"{pin.name}: {path}", f"it cannot be read now: {error.strerror}.", remedy)
            continue
        if not same:
            yield _error("document-changed", f"{pin.name}: {path}", "it changed after it was pinned.", remedy)


def _shared(pin: PinnedInput) -> Iterator[Finding]:
    """Yield files that several items claim: a mean over the items would count them several times."""
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    for asset in pin.assets:
        owners[asset.href][asset.item] = None
    for href, items in owners.items():
        if len(items) > 1:
            message = f"{len(items)} items share {href!r}: {', '.join(list(items)[:3])}."
            remedy = "Check that no file is counted twice."
            where = f"experiment.yaml: inputs.{pin.name}"
            yield Finding(
                code="inputs-shared-file", severity=Severity.WARNING, where=where, message=message, remedy=remedy
            )


def _signed(pin: PinnedInput) -> Iterator[Finding]:
    """Yield addresses with credentials: the archive publishes what the experiment read, addresses included."""
    for name, href in [("href", pin.href), *((f"{file.item}/{file.key}", file.href) for file in pin.assets)]:
        if public(href) != href:
            message = f"{href!r} carried a user name, password or signature, which would be archived with the product."
            remedy = "Name an address without them, and configure access apart."
            yield _error("signed-address", f"{pin.name}: {name}", message, remedy)


def _without_data(pin: PinnedInput) -> Iterator[Finding]:
    """Yield items inside the window that add nothing: the result would silently leave them out."""
    used = {asset.item for asset in pin.assets}
    for document in pin.documents:
        if document.key == "item" and document.item not in used:
            message = f"the item {document.item!r} lies in the window, but has no asset with data."
            remedy = "Mend its assets, or take it out of the collection."
            where = f"{pin.name}: {document.href}"
            yield Finding(
                code="inputs-item-without-data", severity=Severity.WARNING, where=where, message=message, remedy=remedy
            )


def _outside(pin: PinnedInput, folder: Path) -> Iterator[Finding]:
    """Yield files that an input inside the folder reaches outside it, by its hrefs or by links of the file system.

    The archive publishes every local input with the product: an item must not lead it to files that are not the
    experiment's. An input that was named from outside at run time is the caller's to answer for.
    """
    if not pin.local or not Path(pin.href).resolve().is_relative_to(folder):
        return
    for file in (*pin.documents, *pin.assets):
        if "://" not in file.href and not Path(file.href).resolve().is_relative_to(folder):
            message = f"{file.href!r} lies outside the experiment's folder."
            remedy = "Put the file inside it, or name the whole input at run time: --input NAME=PATH."
            yield _error("outside-folder", f"{pin.name}: {file.item}/{file.key}", message, remedy)


def _found(asset: PinnedAsset) -> list[Finding]:
    return list(_asset(asset))


def _asset(asset: PinnedAsset) -> Iterator[Finding]:
    where = f"{asset.item}/{asset.key}"
    if "://" not in asset.href:
        findings = list(_local(asset, where))
        if findings:
            yield from findings
            return
    try:
        probe(asset)
    except InputError as error:
        remedy = error.remedy or "Take the asset out of the item, or put a readable file in its place."
        yield _error("not-readable", where, error.message, remedy)


def _local(asset: PinnedAsset, where: str) -> Iterator[Finding]:
    path = Path(asset.href)
    if not path.exists():
        yield _error("file-missing", where, f"there is no file {asset.href!r}.", "Fetch it, or take the item out.")
        return
    if path.is_dir():  # a Zarr store
        return
    size = path.stat().st_size
    if size == 0:
        yield _error("file-empty", where, f"{asset.href!r} has 0 bytes.", "Fetch the file again.")
        return
    if asset.size is not None and asset.size != size:
        message = f"{asset.href!r} has {size} bytes, but its item declares {asset.size}."
        yield _error("size-differs", where, message, "Fetch the file again, or mend file:size in the item.")
    if asset.declared and asset.checksum and asset.declared != asset.checksum:
        message = f"{asset.href!r} has the checksum {asset.checksum}, but its item declares {asset.declared}."
        yield _error("checksum-differs", where, message, "Fetch the file again, or mend file:checksum in the item.")
