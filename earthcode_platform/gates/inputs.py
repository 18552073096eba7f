"""Are the input files there, are they what was declared, and can they be opened?"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from earthcode_platform import checksums
from earthcode_platform.errors import UnavailableError
from earthcode_platform.gates import assets
from earthcode_platform.gates.assets import NO_ANSWER, Told
from earthcode_platform.gates.footprint import beyond
from earthcode_platform.gates.licences import licensed
from earthcode_platform.models.experiment import Grouping, WorkflowKind
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput
from earthcode_platform.redaction import public

__all__ = ["check"]

_READ_AS_CUBES: Final = (WorkflowKind.OPENEO, WorkflowKind.MLFLOW)
"""Kinds of workflows that get cubes of the platform, and not files."""


def check(pinned: PinnedExperiment, told: Told | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the files of the inputs, in the order of the inputs and their assets.

    Sizes and checksums are those of the STAC file extension (`file:size`, `file:checksum`). A remote file is opened,
    not downloaded: its checksum is not known before it is read whole.

    Args:
        pinned: The experiment.
        told: Who is told how far it is.

    Raises:
        UnavailableError: Servers did not answer for some files, and nothing is wrong with the others.
    """
    findings = [found for pin in pinned.inputs for found in _all(pin, pinned, told)]
    silent = [found for found in findings if found.code == f"inputs-{NO_ANSWER}"]
    if silent and len(silent) == sum(found.severity == Severity.ERROR for found in findings):
        more = f" {len(silent)} files got no answer; this is the first." if len(silent) > 1 else ""
        raise UnavailableError(f"{silent[0].message}{more}", where=silent[0].where, remedy=silent[0].remedy)
    yield from findings


def _all(pin: PinnedInput, pinned: PinnedExperiment, told: Told | None) -> Iterator[Finding]:
    yield from _document(pin)
    yield from beyond(pin)
    yield from _shared(pin)
    yield from _ungrouped(pin, pinned.experiment.workflow.kind)
    yield from _signed(pin)
    yield from _without_data(pin)
    yield from _outside(pin, Path(pinned.folder).resolve())
    yield from licensed(pin, pinned.experiment)
    for asset, found in assets.check(pin.assets, told):
        yield found.model_copy(update={"where": f"{pin.name}: {asset.item}/{asset.key}"})


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


def _ungrouped(pin: PinnedInput, kind: WorkflowKind) -> Iterator[Finding]:
    """Yield a grouping of items for a workflow that reads them itself, as items."""
    if pin.group is not Grouping.MOMENT and kind not in _READ_AS_CUBES:
        yield Finding(
            code="inputs-group-unused",
            severity=Severity.WARNING,
            where=f"experiment.yaml: inputs.{pin.name}.group",
            message=f"workflows of kind {kind.value!r} read items themselves, which are not grouped by {pin.group}.",
            remedy="Leave `group` out, and group them in the workflow.",
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
