"""Addresses of objects in S3 that may be read for a while: signed, so that whoever reads needs no key.

Source: AWS Signature Version 4, authentication by query parameters (Amazon S3 API reference).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

__all__ = ["ObjectStorage"]

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_PATH: Final = "/-._~"
_VALUE: Final = "-._~"


@dataclass(frozen=True, slots=True)
class ObjectStorage:
    """A storage that speaks S3, and the right to read from it."""

    endpoint: str = ""
    """Its address, such as `https://s3.example.org`, or `https://{bucket}.example.org` where each bucket is a host.

    If empty, Amazon's in the region.
    """
    region: str = "us-east-1"
    """The region that signatures name."""
    key: str = field(default="", repr=False)
    """Id of the access key; without one, objects are asked for as anybody may."""
    secret: str = field(default="", repr=False)
    """The secret that belongs to it."""
    token: str = field(default="", repr=False)
    """The token of a session, where the key is a temporary one."""

    @property
    def host(self) -> str:
        """Host, and port if it is written, of the endpoint; empty if each bucket has its own."""
        netloc = urlsplit(self.base).netloc
        return "" if "{bucket}" in netloc else netloc

    @property
    def base(self) -> str:
        """Its address, that of Amazon's where none is given; `{bucket}` stands for the bucket where each is a host."""
        return (self.endpoint or f"https://s3.{self.region}.amazonaws.com").rstrip("/")

    def address(self, href: str, seconds: int, moment: datetime | None = None) -> str:
        """Return the HTTP address of the object `s3://bucket/key`, signed for reading if there is a key.

        Args:
            href: The object.
            seconds: How long the signature holds; at most seven days.
            moment: When it begins, UTC; now if None.
        """
        plain = self.plain(href)
        base = urlsplit(plain)
        when = moment or datetime.now(UTC)
        return f"{plain}?{self._query(base.netloc, base.path, seconds, when)}" if self.key else plain

    def plain(self, href: str) -> str:
        """Return the HTTP address of the object `s3://bucket/key`, by which it can be read where anybody may."""
        bucket, _, name = href.partition("://")[2].partition("/")
        base = urlsplit(self.base.replace("{bucket}", bucket))
        inside = name if "{bucket}" in self.base else f"{bucket}/{name}"
        return f"{base.scheme}://{base.netloc}{quote(f'{base.path}/{inside}', safe=_PATH)}"

    def _query(self, host: str, path: str, seconds: int, moment: datetime) -> str:
        stamp = moment.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        fields = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(seconds),
            **({"X-Amz-Security-Token": self.token} if self.token else {}),
            "X-Amz-SignedHeaders": "host",
        }
        query = "&".join(f"{name}={quote(value, safe=_VALUE)}" for name, value in sorted(fields.items()))
        request = "\n".join(("GET", path, query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"))
        told = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
        return f"{query}&X-Amz-Signature={self._signature(scope, told)}"

    def _signature(self, scope: str, text: str) -> str:
        key = f"AWS4{self.secret}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()
