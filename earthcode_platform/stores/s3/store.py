"""The store: a delivery goes to a folder of its own below its version, and nobody is led there before it is whole."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import obstore.store

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, IntegrityError
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.contract import Amiss, Delivery, Leftover, Source
from earthcode_platform.stores.keys import Addresses, parts_of
from earthcode_platform.stores.s3.committing import SETTLE, Committer
from earthcode_platform.stores.s3.failures import explained
from earthcode_platform.stores.s3.leasing import DELIVERIES, Lease
from earthcode_platform.stores.s3.leftovers import Broom
from earthcode_platform.stores.s3.listing import Listing
from earthcode_platform.stores.s3.place import Client, Place
from earthcode_platform.stores.s3.reading import Reader
from earthcode_platform.stores.s3.sending import Sender
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["S3Store"]

_ROUNDS: Final = 3
"""How often a file is sent that does not read back as it was sent."""
_STEP: Final = timedelta(seconds=1)
"""What the clock of an answer may be behind that of a file: it tells no fractions of a second."""


class _Placed(NamedTuple):
    """A file that was read back."""

    file: StoredFile
    since: datetime
    """When reading it back began, by the clock of the store."""


class S3Store:
    """Keeps files in a bucket. Nothing is asked before the first use.

    Args:
        place: Bucket, prefix, endpoint and keys.
        public_url: Address under which others read the prefix; that at the endpoint if left out.
        settle: Seconds that archivers give each other where the store cannot decide who was first.
    """

    def __init__(self, place: Place, public_url: str | None = None, *, settle: float = SETTLE) -> None:
        self.place = place
        self._settle = settle
        self._addresses = Addresses(public_url or place.storage.plain(f"s3://{place.bucket}/{place.prefix}"))
        self._clients: tuple[Client, obstore.store.S3Store] | None = None

    def __repr__(self) -> str:
        return f"S3Store({self.place.shown('')!r})"

    @property
    def storage(self) -> ObjectStorage:
        """See `Store.storage`."""
        return self.place.storage

    def place_of(self, key: str) -> str:
        """See `Store.place_of`."""
        parts_of(key)
        return self.place.shown(key)

    def deliver(self, delivery: Delivery) -> str:
        """See `Store.deliver`."""
        control, _ = self._asked()
        base = f"{delivery.prefix}/{delivery.identity}"
        if self.exists(f"{delivery.prefix}/{manifests.NAME}"):
            raise ConflictError("this version is archived already.", where=self.href(delivery.prefix))
        lease = Lease(self.place, control, f"{DELIVERIES}/{base}")
        lease.take()
        there = self.listed(base)
        placed = [one for group in delivery.groups for one in self._placed(group, base, there, lease)]
        content = delivery.seal(delivery.identity, [one.file for one in placed])
        lease.take()
        conditional = lease.honoured()
        self._require_there(placed, base)
        Committer(self.place, control, self._settle).commit(delivery, content, conditional=conditional)
        lease.release()
        return checksums.of_bytes(content)

    def verify(self, prefix: str, files: Sequence[StoredFile]) -> list[Amiss]:
        """See `Store.verify`."""
        return self._reader(_nobody).verify(files, prefix)

    def listed(self, prefix: str) -> dict[str, int]:
        """See `Store.listed`."""
        return {one.key: one.size for one in self._listing().below(prefix)}

    def prefixes(self) -> Iterator[str]:
        """See `Store.prefixes`."""
        listing = self._listing()
        for product in listing.folders(""):
            for version in listing.folders(product):
                yield f"{product}/{version}"

    def versions(self) -> Iterator[str]:
        """See `Store.versions`."""
        yield from (prefix for prefix in self.prefixes() if self.exists(f"{prefix}/{manifests.NAME}"))

    def pending(self, prefix: str) -> set[str]:
        """See `Store.pending`."""
        return {one.key for one in self._listing().below(f"{DELIVERIES}/{prefix}")}

    def read(self, key: str) -> bytes:
        """See `Store.read`."""
        parts_of(key)
        with explained(self.place.shown(key)):
            return bytes(obstore.get(self._asked()[1], key).bytes())

    def get(self, key: str, local: Path) -> str:
        """See `Store.get`."""
        parts_of(key)
        return self._reader(_nobody).get(key, local)

    def exists(self, key: str) -> bool:
        """See `Store.exists`."""
        parts_of(key)
        # Listed, for an answer that is refused says why; one about a single object (HEAD) has no room for it.
        name = self.place.name(key)
        with explained(self.place.shown(key)):
            answer = self._asked()[0].list_objects_v2(Bucket=self.place.bucket, Prefix=name, MaxKeys=1)
        return any(one["Key"] == name for one in answer.get("Contents", ()))

    def leftovers(self, older_than: timedelta) -> list[Leftover]:
        """See `Store.leftovers`."""
        return self._broom().leftovers(older_than)

    def clean(self, leftover: Leftover) -> bool:
        """See `Store.clean`."""
        return self._broom().clean(leftover)

    def href(self, key: str) -> str:
        """See `Store.href`."""
        return self._addresses.href(key)

    def link(self, key: str, seconds: int) -> str:
        """See `Store.link`."""
        parts_of(key)
        return self.place.storage.address(self.place.shown(key), seconds)

    def key(self, href: str) -> str:
        """See `Store.key`."""
        return self._addresses.key(href)

    def _placed(self, group: Sequence[Source], base: str, there: dict[str, int], lease: Lease) -> list[_Placed]:
        """Store what is not there with the right bytes, and read everything back."""
        kept = self._kept(group, base, there, lease)
        waiting = [source for source in group if source.key not in kept]
        sender = Sender(self.place, self._asked()[1], lease.beat)
        for _ in range(_ROUNDS):
            sent = sender.send(waiting, base)
            since = lease.take()
            amiss = self._reader(lease.beat).verify(sent, base)
            bad = {one.file.key for one in amiss}
            kept |= {file.key: _Placed(file, since) for file in sent if file.key not in bad}
            waiting = [source for source in waiting if source.key in bad]
            if not waiting:
                return list(kept.values())
        raise IntegrityError(
            f"it does not read back as it was sent ({amiss[0].fault}), {_ROUNDS} times.",
            where=self.place.shown(f"{base}/{waiting[0].key}"),
            remedy="Something between here and the store changes bytes, or its disk does; nothing is visible yet.",
        )

    def _kept(self, group: Sequence[Source], base: str, there: dict[str, int], lease: Lease) -> dict[str, _Placed]:
        """Return what a broken run left with the right bytes."""
        found: dict[str, StoredFile] = {}
        for source in group:
            size = source.size() if source.key in there else -1
            if there.get(source.key) == size:
                checksum = source.checksum or checksums.of_file(source.path)
                found[source.key] = StoredFile(key=source.key, size=size, checksum=checksum)
        if not found:
            return {}
        since = lease.take()
        bad = {one.file.key for one in self._reader(lease.beat).verify(list(found.values()), base)}
        return {key: _Placed(file, since) for key, file in found.items() if key not in bad}

    def _require_there(self, placed: Sequence[_Placed], base: str) -> None:
        """Look at all of it again: what was written after it was read back is read once more."""
        there = {one.key: one for one in self._listing().below(base)}
        gone = [one.file for one in placed if one.file.key not in there]
        found = [(one, there[one.file.key]) for one in placed if one.file.key in there]
        later = [one.file for one, now in found if now.size != one.file.size or now.modified > one.since + _STEP]
        gone += [amiss.file for amiss in self._reader(_nobody).verify(later, base)]
        if gone:
            raise IntegrityError(
                "it was stored and read back, and is gone or changed now.",
                where=self.place.shown(f"{base}/{gone[0].key}"),
                remedy="Somebody else works on this store; nothing is visible yet. Run it again.",
            )

    def _reader(self, told: Callable[[], object]) -> Reader:
        return Reader(self.place, *self._asked(), told)

    def _listing(self) -> Listing:
        return Listing(self.place, self._asked()[0])

    def _broom(self) -> Broom:
        return Broom(self.place, self._asked()[0], self._listing())

    def _asked(self) -> tuple[Client, obstore.store.S3Store]:
        if self._clients is None:
            self._clients = self.place.control(), self.place.bulk()
        return self._clients


def _nobody() -> None:
    """Nobody waits to hear that something moves."""
