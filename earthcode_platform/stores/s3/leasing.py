"""Who is at work on a delivery: one small object a delivery, written before the first file and removed after the last.

Ages are told by the clock of the store alone: that of this machine may be wrong.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from earthcode_platform.stores.s3.failures import explained
from earthcode_platform.stores.s3.place import Client, Place

__all__ = ["DELIVERIES", "Lease", "now_there"]

DELIVERIES: Final = ".deliveries"
"""First part of the keys that say what is being delivered."""
_BEAT: Final = 30.0
"""Seconds after which a lease is written anew."""


@dataclass(slots=True)
class Lease:
    """Says that a delivery is being worked on, for as long as something moves."""

    place: Place
    control: Client
    key: str
    """`.deliveries/<product>/<version>/<identity>`."""
    _next: float = field(default=0.0, init=False)

    def take(self) -> datetime:
        """Write the lease, and return what time it is by the clock of the store."""
        self._next = time.monotonic() + _BEAT
        with explained(self.place.shown(self.key)):
            return now_there(self.control.put_object(Bucket=self.place.bucket, Key=self.place.name(self.key), Body=b""))

    def beat(self) -> None:
        """Write the lease anew if it is time to."""
        if time.monotonic() > self._next:
            self.take()

    def honoured(self) -> bool:
        """Tell whether the store refuses to overwrite an object if it is asked to (`If-None-Match: *`).

        The lease is there already, so that one request tells. Some stores say that they cannot, others just overwrite.
        """
        from botocore.exceptions import ClientError

        with explained(self.place.shown(self.key)):
            try:
                self.control.put_object(
                    Bucket=self.place.bucket, Key=self.place.name(self.key), Body=b"", IfNoneMatch="*"
                )
            except ClientError as error:
                code = str(error.response.get("Error", {}).get("Code", ""))
                if code in ("PreconditionFailed", "412"):
                    return True
                if code not in ("NotImplemented", "501"):
                    raise
        return False

    def release(self) -> None:
        """Remove the lease."""
        with explained(self.place.shown(self.key)):
            self.control.delete_object(Bucket=self.place.bucket, Key=self.place.name(self.key))


def now_there(answer: dict[str, dict[str, dict[str, str]]]) -> datetime:
    """Return what time it is by the clock of the store, from one of its answers."""
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(told) if told else datetime.now(UTC)
