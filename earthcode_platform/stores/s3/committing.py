"""The one step that makes a version visible: its manifest is written, by exactly one of those who try.

A store that honours `If-None-Match: *` decides itself. With one that does not, those who try say so first and wait
until everybody else who may try can be seen; then the one whose claim the store received first goes on, nobody else.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from botocore.exceptions import ClientError

from earthcode_platform.errors import ConflictError, UnavailableError
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.contract import Delivery
from earthcode_platform.stores.s3.failures import MissingKeyError, explained
from earthcode_platform.stores.s3.leasing import now_there
from earthcode_platform.stores.s3.place import Client, Place

__all__ = ["CLAIMS", "SETTLE", "Committer"]

CLAIMS: Final = ".claims"
"""First part of the keys by which archivers tell each other who goes first."""
SETTLE: Final = 2.5
"""Seconds from a claim to the look at those of others: more than a request takes, and than the steps of the clock."""
_VALID: Final = 60.0
"""Seconds for which a claim may be acted upon; after that it is made anew."""
_DEAD: Final = 180.0
"""Seconds after which a claim counts no more: whoever made it is gone."""
_SAME: Final = 4.0
"""How many times as long as `settle` a claim counts that was made for the same bytes."""
_WRITTEN_BY: Final = "archiver"
_TAKEN: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})


@dataclass(frozen=True, slots=True)
class Committer:
    """Writes manifests."""

    place: Place
    control: Client
    settle: float = SETTLE

    def commit(self, delivery: Delivery, content: bytes, *, conditional: bool) -> None:
        """Write the manifest of a version, unless there is one.

        Args:
            delivery: What the manifest is of.
            content: The manifest.
            conditional: Whether the store honours `If-None-Match`.

        Raises:
            ConflictError: There is one that we did not write.
            UnavailableError: It cannot be told, or somebody else is at it.
        """
        key = f"{delivery.prefix}/{manifests.NAME}"
        with explained(self.place.shown(key)):
            wrote = self._conditionally(key, content) if conditional else self._in_turn(delivery, key, content)
            if not wrote or self._there(key) != content:
                raise self._taken(key)

    def _conditionally(self, key: str, content: bytes) -> bool:
        token = uuid4().hex
        try:
            self._put(key, content, IfNoneMatch="*", Metadata={_WRITTEN_BY: token})
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) not in _TAKEN:
                raise
            # A first try whose answer was lost is refused the second time: its metadata tell whose it is.
            try:
                with explained(self.place.shown(key)):
                    answer = self.control.head_object(Bucket=self.place.bucket, Key=self.place.name(key))
            except MissingKeyError:
                # Several wrote at once and none of them succeeded (409 ConditionalRequestConflict).
                raise UnavailableError(
                    "the store refused the manifest, and there is none.",
                    where=self.place.shown(key),
                    remedy="Somebody else archives this version at this moment; try again.",
                ) from None
            return bool(answer.get("Metadata", {}).get(_WRITTEN_BY) == token)
        return True

    def _in_turn(self, delivery: Delivery, key: str, content: bytes) -> bool:
        deadline = time.monotonic() + 2 * _DEAD
        while time.monotonic() < deadline:
            claim = f"{CLAIMS}/{delivery.prefix}/{delivery.identity}.{uuid4().hex}"
            began = time.monotonic()
            self._put(claim, b"")
            time.sleep(self.settle)
            while time.monotonic() < began + _VALID:
                first = self._is_first(delivery, claim)
                if self._there(key) is not None:
                    self._delete(claim)
                    return False
                if first:
                    self._put(key, content)
                    self._delete(claim)
                    return True
                time.sleep(self.settle / 4)
            self._delete(claim)
        raise UnavailableError(
            "somebody else archives this version and does not finish.",
            where=self.place.shown(key),
            remedy="Try again in some minutes.",
        )

    def _is_first(self, delivery: Delivery, ours: str) -> bool:
        """Tell whether the store received our claim before all others that count."""
        below = self.place.name(f"{CLAIMS}/{delivery.prefix}/")
        claims: list[tuple[datetime, str]] = []
        for page in self.control.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket, Prefix=below):
            now = now_there(page)
            for one in page.get("Contents", ()):
                # Whoever was killed leaves a claim. One for the same bytes may be taken for dead too soon: no harm.
                same = one["Key"].startswith(f"{below}{delivery.identity}.")
                dead = timedelta(seconds=_SAME * self.settle if same else _DEAD)
                if now - one["LastModified"] < dead:
                    claims.append((one["LastModified"], one["Key"]))
        return bool(claims) and min(claims)[1] == self.place.name(ours)

    def _there(self, key: str) -> bytes | None:
        try:
            with explained(self.place.shown(key)):
                answer = self.control.get_object(Bucket=self.place.bucket, Key=self.place.name(key))
                return bytes(answer["Body"].read())
        except MissingKeyError:
            return None

    def _put(self, key: str, content: bytes, **conditions: object) -> None:
        self.control.put_object(
            Bucket=self.place.bucket,
            Key=self.place.name(key),
            Body=content,
            ContentType="application/json",
            **conditions,
        )

    def _delete(self, key: str) -> None:
        self.control.delete_object(Bucket=self.place.bucket, Key=self.place.name(key))

    def _taken(self, key: str) -> ConflictError:
        return ConflictError(
            "this version is archived already, and an archived version is never overwritten.",
            where=self.place.shown(key),
            remedy="Raise `version:` in experiment.yaml if the content is another.",
        )
