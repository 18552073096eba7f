"""Is what is archived still what was archived? Names and sizes of everything each time, bytes in turns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from earthcode_platform.errors import InputError, IntegrityError
from earthcode_platform.models.archive_report import ArchiveReport
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.contract import Fault, Store
from earthcode_platform.stores.delivery import read_manifest
from earthcode_platform.stores.manifest import Manifest

__all__ = ["Turn", "verify"]


@dataclass(frozen=True, slots=True)
class Turn:
    """Which part of the files is read back. A file is in the same part each time, whatever else is archived."""

    number: int = 0
    """The part, from 0."""
    parts: int = 1
    """How many there are."""

    def __post_init__(self) -> None:
        """Check that there is such a part."""
        if not 0 <= self.number < self.parts:
            raise InputError(
                f"there is no part {self.number} of {self.parts}.",
                where="archive verify",
                remedy="Parts are counted from 0; take one below their number.",
            )

    @classmethod
    def of_day(cls, moment: datetime, parts: int) -> "Turn":
        """Return the part of a day: each day the next one, so that in as many days as parts everything has its turn."""
        return cls(moment.date().toordinal() % max(parts, 1), parts)

    def takes(self, key: str) -> bool:
        """Tell whether the file under `key` is read back this time."""
        return int.from_bytes(sha256(key.encode()).digest()[:8]) % self.parts == self.number


def verify(
    store: Store,
    moment: datetime,
    turn: Turn | None = None,
    told: Callable[[int, int], object] = lambda _done, _of: None,
) -> ArchiveReport:
    """Hold everything that a store keeps against its manifests.

    Args:
        store: The store.
        moment: When the look began, UTC.
        turn: Which part of the files is read back; all of them if None.
        told: Told how many versions were looked at, and of how many.

    Raises:
        InputError: The store refuses us.
        UnavailableError: The store does not answer.
    """
    look = _Look(store, turn or Turn())
    prefixes = list(store.prefixes())
    for done, prefix in enumerate(prefixes):
        told(done, len(prefixes))
        look.take(prefix)
    return ArchiveReport(
        moment=moment,
        turn=look.turn.number,
        parts=look.turn.parts,
        versions=look.versions,
        files=look.files,
        compared=look.compared,
        size=look.size,
        findings=tuple(look.findings),
    )


@dataclass(slots=True)
class _Look:
    """One look while it goes on."""

    store: Store
    turn: Turn
    versions: int = 0
    files: int = 0
    compared: int = 0
    size: int = 0
    findings: list[Finding] = field(default_factory=list)

    def take(self, prefix: str) -> None:
        """Look at one version."""
        # What is being delivered meanwhile is nobody's fault: asked before and after, and the manifest last.
        pending = self.store.pending(prefix)
        there = self.store.listed(prefix)
        pending |= self.store.pending(prefix)
        there = {key: size for key, size in there.items() if key.partition("/")[0] not in pending}
        kept = self._manifest(prefix, there, pending)
        if kept is None:
            return
        self.versions += 1
        self.files += len(kept.files)
        below = f"{kept.folder}/" if kept.folder else ""
        known = {f"{below}{file.key}" for file in kept.files} | {manifests.NAME}
        self._extra(prefix, sorted(set(there) - known))
        wrong = {file.key for file in self._sizes(prefix, kept, self.store.listed(kept.base(prefix)))}
        chosen = [one for one in kept.files if one.key not in wrong and self.turn.takes(f"{prefix}/{one.key}")]
        self._bytes(kept.base(prefix), chosen)

    def _manifest(self, prefix: str, there: dict[str, int], pending: set[str]) -> Manifest | None:
        where = f"{prefix}/{manifests.NAME}"
        try:
            return read_manifest(self.store, prefix)[0]
        except IntegrityError:
            self._say("archive-manifest-unreadable", where, "the manifest cannot be read.", "Restore it from a copy.")
        except InputError:
            if self.store.exists(where):
                raise
            if there and not pending:
                message = f"there are {len(there)} files of this version, and no manifest."
                self._say("archive-manifest-missing", where, message, "Restore it from a copy.")
        return None

    def _extra(self, prefix: str, keys: Sequence[str]) -> None:
        for key in keys:
            message = "the manifest does not name this file."
            self._say("archive-file-extra", f"{prefix}/{key}", message, "Remove it, or archive it as a new version.")

    def _sizes(self, prefix: str, kept: Manifest, there: dict[str, int]) -> Iterator[StoredFile]:
        """Tell of what the list of files shows already, and yield it."""
        for file in kept.files:
            found = there.get(file.key)
            if found is None:
                self._missing(f"{kept.base(prefix)}/{file.key}")
                yield file
            elif found != file.size:
                where = f"{kept.base(prefix)}/{file.key}"
                self._differs(where, f"it has {found} bytes, but {file.size} were archived.")
                yield file

    def _bytes(self, base: str, chosen: Sequence[StoredFile]) -> None:
        self.compared += len(chosen)
        self.size += sum(file.size for file in chosen)
        for amiss in self.store.verify(base, chosen):
            where = f"{base}/{amiss.file.key}"
            if amiss.fault is Fault.MISSING:
                self._missing(where)
            else:
                self._differs(where, f"it reads as {amiss.found}, but {amiss.file.checksum} was archived.")

    def _missing(self, where: str) -> None:
        self._say("archive-file-missing", where, "the file is not there.", "Restore it from a copy.")

    def _differs(self, where: str, message: str) -> None:
        self._say(
            "archive-file-differs", where, message, "Restore it from a copy, and find out who or what changed it."
        )

    def _say(self, code: str, where: str, message: str, remedy: str) -> None:
        found = Finding(code=code, severity=Severity.ERROR, where=where, message=message, remedy=remedy)
        self.findings.append(found)
