"""Files compared with the checksums that are recorded of them: a part of them each day, all of them in the end."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import ceil
from typing import Final

from earthcode_platform.catalog.documents import JsonObject, parse
from earthcode_platform.catalog.links import target_of
from earthcode_platform.catalog.outside.places import shown
from earthcode_platform.catalog.scan import locate
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.watch.files import Files
from earthcode_platform.catalog.watch.multihash import multihash_of
from earthcode_platform.catalog.watch.recorded import Recorded, Unit, assets_of, items_of, units
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.watch_report import AssetLook, Suspect

__all__ = ["Limits", "compare"]

_DOCUMENT: Final = 20_000_000
"""Bytes of a document of a delivery; a collection with ten thousand item links has two million."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one look takes on."""

    count: int = 20
    """How many files and deliveries of the day's part; as many more of those that were amiss last time."""
    largest: int = 200_000_000
    """Bytes of a file; larger ones are not compared."""
    seconds: float = 900.0
    """After how long nothing more is begun."""


_USUAL: Final = Limits()


@dataclass(frozen=True, slots=True)
class _Amiss:
    """A finding, and what to take again next time."""

    finding: CatalogFinding
    suspect: Suspect


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a file."""

    code: str
    severity: Severity
    message: str
    mend: str


class _UnreadableError(Exception):
    """A file, or the document that records it, cannot be read."""

    def __init__(self, fault: _Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _TooLargeError(Exception):
    """A file has more bytes than are read."""


def compare(
    catalog: Catalog,
    files: Files,
    moment: datetime,
    before: tuple[datetime, AssetLook] | None = None,
    limits: Limits = _USUAL,
    progress: Callable[[int, int], object] = lambda _done, _of: None,
) -> AssetLook:
    """Return which of the recorded files of a catalog are not what was recorded.

    What is compared is the same for the same catalog on the same day (UTC), and the next part of it on the next. What
    was amiss is taken again each time; a finding that this look had no room for stands as it was.

    Args:
        catalog: The catalog.
        files: What reads the files.
        moment: When the look began, UTC.
        before: When the last look began, and what came of it.
        limits: How much to take on.
        progress: Told how many were done, and of how many.
    """
    held = sorted(units(catalog), key=_shuffled)
    parts = max(1, ceil(len(held) / limits.count))
    turn = 0 if before is None else before[1].turn + (before[0].date() != moment.date())
    start = (turn % parts) * limits.count
    earlier = _earlier(held, before[1] if before else AssetLook())
    work: list[tuple[Unit, Suspect | None]] = [(unit, one.suspect) for unit, one in earlier[: limits.count]]
    taken = {unit.key for unit, suspect in work if suspect and not suspect.document}
    work += [(unit, None) for unit in held[start : start + limits.count] if unit.key not in taken]
    look = _Look(catalog, files, limits.largest, turn // parts)
    kept = {one.suspect: one for _, one in earlier}
    deadline = time.monotonic() + limits.seconds
    for done, (unit, suspect) in enumerate(work):
        if time.monotonic() > deadline:
            break
        progress(done, len(work))
        look.take(unit, suspect)
        if suspect is not None:
            look.stand_by(kept.pop(suspect))
    found = {**kept, **look.amiss}.values()
    return AssetLook(
        turn=turn,
        parts=parts,
        recorded=len(held),
        compared=look.compared,
        requests=files.requests,
        findings=tuple(one.finding for one in found),
        suspects=tuple(one.suspect for one in found),
    )


def _shuffled(unit: Unit) -> str:
    """Order units by chance, but by the same chance each time: neighbours in a catalog lie on the same server."""
    return sha256("\n".join(unit.key).encode()).hexdigest()


def _earlier(held: Sequence[Unit], before: AssetLook) -> list[tuple[Unit, _Amiss]]:
    """Return what was amiss last time and is still in the catalog, with its unit, errors first."""
    known = {unit.key: unit for unit in held}
    pairs = [_Amiss(*pair) for pair in zip(before.findings, before.suspects, strict=True)]
    pairs.sort(key=lambda one: one.finding.severity is not Severity.ERROR)
    found = ((known.get((one.suspect.file, one.suspect.href)), one) for one in pairs)
    return [(unit, one) for unit, one in found if unit is not None]


class _Look:
    """One look while it goes on: what was amiss so far."""

    def __init__(self, catalog: Catalog, files: Files, largest: int, turns: int) -> None:
        self.compared = 0
        self.amiss: dict[Suspect, _Amiss] = {}
        self._catalog = catalog
        self._files = files
        self._largest = largest
        self._turns = turns

    def take(self, unit: Unit, suspect: Suspect | None) -> None:
        """Compare one file of a unit: the suspect one, or the one whose turn it is."""
        document = suspect.document if suspect else ""
        try:
            if unit.asset:
                recorded = assets_of(self._catalog.document(unit.file), "").get(unit.asset)
                self._compare(unit, "", unit.asset, recorded)
            elif suspect and document:
                files = {shown(key): one for key, one in assets_of(self._document(document), document).items()}
                self._compare(unit, document, suspect.asset, files.get(suspect.asset))
            else:
                self._compare(unit, *self._drawn(unit.href))
        except _UnreadableError as error:
            self._note(unit, document, suspect.asset if suspect else "", error.fault)

    def stand_by(self, earlier: _Amiss) -> None:
        """Keep an earlier error about a file that cannot be read now: nothing says that it was mended."""
        now = self.amiss.get(earlier.suspect)
        if now and (earlier.finding.severity, now.finding.severity) == (Severity.ERROR, Severity.NOTE):
            self.amiss[earlier.suspect] = earlier

    def _drawn(self, href: str) -> tuple[str, str, Recorded | None]:
        """Return address of the document, key and record of the file of a delivery whose turn it is."""
        collection = self._document(href)
        own = assets_of(collection, href)
        documents = [*([href] if own else []), *items_of(collection, href)]
        if not documents:
            return href, "", None
        turns, at = divmod(self._turns, len(documents))
        document = documents[at]
        files = own if document == href else assets_of(self._document(document), document)
        if not files:
            return document, "", None
        key = sorted(files)[turns % len(files)]
        return document, key, files[key]

    def _document(self, href: str) -> JsonObject:
        try:
            return parse(b"".join(self._pieces(href, _DOCUMENT)), href)
        except _TooLargeError:
            raise _UnreadableError(_unreadable(href, f"it has more than {_DOCUMENT} bytes.")) from None
        except InputError as error:
            raise _UnreadableError(_unreadable(href, error.message)) from None

    def _compare(self, unit: Unit, document: str, asset: str, recorded: Recorded | None) -> None:
        if recorded is None or (recorded.size or 0) > self._largest:
            return
        try:
            found, size = multihash_of(self._content(unit, document, recorded.href), recorded.checksum)
        except _TooLargeError:
            return
        except _UnreadableError as error:
            self._note(unit, document, asset, error.fault)
            return
        except InputError as error:
            self._note(unit, document, asset, _unknown(recorded, error))
            return
        self.compared += 1
        if found != recorded.checksum:
            self._note(unit, document, asset, _differs(recorded, found, size))
        elif recorded.size not in (None, size):
            self._note(unit, document, asset, _other_size(recorded, size))

    def _content(self, unit: Unit, document: str, href: str) -> Iterator[bytes]:
        target = None if document else target_of(unit.file, href)
        if target is None:
            yield from self._pieces(href, self._largest)
        elif target in self._catalog:
            yield self._catalog.content(target)
        else:
            raise _UnreadableError(_missing(href))

    def _pieces(self, href: str, limit: int) -> Iterator[bytes]:
        size = 0
        try:
            with closing(self._files.pieces(href)) as pieces:
                for piece in pieces:
                    size += len(piece)
                    if size > limit:
                        raise _TooLargeError
                    yield piece
        except FileNotFoundError:
            raise _UnreadableError(_missing(href)) from None
        except (InputError, UnavailableError) as error:
            raise _UnreadableError(_unreadable(href, error.message)) from None

    def _note(self, unit: Unit, document: str, asset: str, fault: _Fault) -> None:
        file, href = unit.key
        suspect = Suspect(file=file, href=href, document=shown(document), asset=shown(asset))
        content = self._catalog.content(unit.file)
        finding = CatalogFinding(
            code=f"catalog-{fault.code}",
            severity=fault.severity,
            file=file,
            pointer=shown(unit.pointer),
            line=content.count(b"\n", 0, locate(content, unit.pointer).value.start) + 1,
            value=json.dumps(href, ensure_ascii=False),
            message=shown(fault.message),
            mend=shown(fault.mend),
        )
        self.amiss[suspect] = _Amiss(finding, suspect)


def _differs(recorded: Recorded, found: str, size: int) -> _Fault:
    message = f"{recorded.href} has the checksum {found} ({size} bytes), but {recorded.checksum} is recorded."
    return _Fault("file-differs", Severity.ERROR, message, "Restore the file, or publish it anew under a new version.")


def _other_size(recorded: Recorded, size: int) -> _Fault:
    message = f"{recorded.href} has {size} bytes, but {recorded.size} are recorded."
    return _Fault("file-size-differs", Severity.ERROR, message, "Mend file:size.")


def _missing(href: str) -> _Fault:
    return _Fault("file-missing", Severity.ERROR, f"{href} is missing from its folder.", "Restore the file.")


def _unreadable(href: str, reason: str) -> _Fault:
    # The reason is another each night; in the message it would make an old finding a new one.
    mend = f"The next run tries again; this time: {reason}"
    return _Fault("file-unreachable", Severity.NOTE, f"{href} could not be read, so nothing was compared.", mend)


def _unknown(recorded: Recorded, error: InputError) -> _Fault:
    return _Fault("file-checksum-unknown", Severity.NOTE, f"{recorded.href}: {error.message}", error.remedy)
