"""What broken runs left in a bucket: found by their leases, and removed when nobody has touched them for long.

A delivery takes a lease before its first object and gives it back after its manifest. So what has no lease is never
touched, also where a version lost its manifest; and a lease whose version is visible is all that has to go.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earthcode_platform.errors import InputError
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.contract import Leftover
from earthcode_platform.stores.s3.committing import CLAIMS
from earthcode_platform.stores.s3.failures import MissingKeyError, explained
from earthcode_platform.stores.s3.leasing import DELIVERIES, now_there
from earthcode_platform.stores.s3.listing import Listed, Listing
from earthcode_platform.stores.s3.place import Client, Place

__all__ = ["LEAST", "Broom"]

LEAST: Final = timedelta(minutes=20)
"""What is younger may belong to a running process, and is never removed: a lease is written anew twice a minute."""
_STEP: Final = timedelta(seconds=2)
"""What the clock of an answer may be behind that of a file."""
_AT_ONCE: Final = 1000
"""Objects that one request removes."""


@dataclass(frozen=True, slots=True)
class Broom:
    """Finds and removes leftovers."""

    place: Place
    control: Client
    listing: Listing

    def leftovers(self, older_than: timedelta) -> list[Leftover]:
        """See `Store.leftovers`.

        Raises:
            InputError: `older_than` is so short that a running delivery could be meant.
        """
        if older_than < LEAST:
            raise InputError(
                f"{older_than} is too short: a delivery that is under way could be taken for a leftover.",
                where="archive gc",
                remedy=f"Take at least {LEAST}.",
            )
        now = self._now()
        found = [self._leftover(lease, now) for lease in self.listing.below(DELIVERIES)]
        claims = [
            Leftover(f"{CLAIMS}/{claim.key}", 1, claim.size, now - claim.modified)
            for claim in self.listing.below(CLAIMS)
        ]
        return [one for one in (*found, *claims) if one.age >= older_than]

    def clean(self, leftover: Leftover) -> bool:
        """See `Store.clean`."""
        kind, _, base = leftover.place.partition("/")
        if kind not in (DELIVERIES, CLAIMS) or not base:
            raise InputError(f"only what lies under {DELIVERIES}/ or {CLAIMS}/ may be removed.", where=leftover.place)
        if kind == DELIVERIES and not self._still(leftover, base):
            return False
        with explained(self.place.shown(leftover.place)):
            if kind == DELIVERIES and not self._visible(base):
                for name, upload, _ in list(self.listing.uploads(base)):
                    self.control.abort_multipart_upload(Bucket=self.place.bucket, Key=name, UploadId=upload)
                self._remove([f"{base}/{one.key}" for one in self.listing.below(base)])
            # Last, so that a broom that breaks finds the rest again.
            self._remove([leftover.place])
        return True

    def _leftover(self, lease: Listed, now: datetime) -> Leftover:
        objects = [] if self._visible(lease.key) else list(self.listing.below(lease.key))
        uploads = list(self.listing.uploads(lease.key))
        moments = [lease.modified, *(one.modified for one in objects), *(began for _, _, began in uploads)]
        size = sum(one.size for one in objects)
        return Leftover(f"{DELIVERIES}/{lease.key}", len(objects) + len(uploads), size, now - max(moments))

    def _still(self, leftover: Leftover, base: str) -> bool:
        """Look again: whoever took the delivery up in the meantime wrote its lease anew."""
        product_version, _, identity = base.rpartition("/")
        leases = [one for one in self.listing.below(f"{DELIVERIES}/{product_version}") if one.key == identity]
        if not leases:
            return False
        return self._leftover(Listed(base, 0, leases[0].modified), self._now()).age > leftover.age - _STEP

    def _visible(self, base: str) -> bool:
        """Tell whether the manifest of the version names this delivery; one that cannot be read is an error."""
        prefix, _, identity = base.rpartition("/")
        key = f"{prefix}/{manifests.NAME}"
        try:
            with explained(self.place.shown(key)):
                answer = self.control.get_object(Bucket=self.place.bucket, Key=self.place.name(key))
                content = bytes(answer["Body"].read())
        except MissingKeyError:
            return False
        return manifests.Manifest.parsed(content, self.place.shown(key)).folder == identity

    def _now(self) -> datetime:
        with explained(self.place.shown("")):
            return now_there(self.control.list_objects_v2(Bucket=self.place.bucket, MaxKeys=1))

    def _remove(self, keys: list[str]) -> None:
        for part in _parts([self.place.name(key) for key in keys]):
            answer = self.control.delete_objects(
                Bucket=self.place.bucket, Delete={"Objects": [{"Key": name} for name in part], "Quiet": True}
            )
            for error in answer.get("Errors", ()):
                raise InputError(
                    f"the results store does not remove an object ({error.get('Code')}).",
                    where=f"s3://{self.place.bucket}/{error.get('Key')}",
                    remedy="Give the key the right to delete below the prefix.",
                )


def _parts(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]
