"""Where a store in object storage is, how patiently it is asked, and the two clients that ask."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit

import obstore.store

from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public
from earthcode_platform.stores.s3.concealing import conceal
from earthcode_platform.web.signing import ObjectStorage

if TYPE_CHECKING:
    from obstore.store import S3Credential

__all__ = ["Client", "Patience", "Place"]

Client: TypeAlias = Any
"""boto3 makes its clients while it runs: no type describes them."""

_BUCKET: Final = "{bucket}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a store may keep us waiting."""

    connect: float = 10.0
    """Seconds for a connection."""
    read: float = 60.0
    """Seconds without a byte; seconds for a whole small file."""
    tries: int = 4
    """How often a request is made before the store counts as unavailable."""
    pause: float = 0.2
    """Seconds before the second try; each further pause is twice as long."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and a prefix in it, and the right to use them."""

    storage: ObjectStorage
    """The endpoint, its region and our keys."""
    bucket: str
    """The bucket."""
    prefix: str = ""
    """What the keys of everything of ours begin with; no slash at its ends."""
    patience: Patience = field(default_factory=Patience)
    """How long it may keep us waiting."""

    def __post_init__(self) -> None:
        """Check the bucket's name, which becomes part of a host name, and the endpoint, which libraries log."""
        if not self.bucket or "/" in self.bucket or _BUCKET in self.bucket:
            raise InputError(
                f"{self.bucket!r} is no name of a bucket.",
                where="results store",
                remedy="Name the bucket alone; what comes after it goes into the prefix.",
            )
        if public(self.storage.endpoint) != self.storage.endpoint:
            raise InputError(
                "the endpoint carries a user name, a password or a signature.",
                where=public(self.storage.endpoint),
                remedy="Leave it out of the address: the key and its secret have settings of their own.",
            )

    @property
    def virtual(self) -> bool:
        """Whether each bucket is a host of its own."""
        return _BUCKET in self.storage.endpoint

    @property
    def endpoint(self) -> str:
        """The address that requests of bucket and key are appended to."""
        return self.storage.endpoint or f"https://s3.{self.storage.region}.amazonaws.com"

    def name(self, key: str) -> str:
        """Return the name of an object in the bucket."""
        return f"{self.prefix}/{key}" if self.prefix else key

    def shown(self, key: str) -> str:
        """Return how an object is named in messages."""
        return f"s3://{self.bucket}/{self.name(key)}"

    def control(self) -> Client:
        """Return the client that lists, writes manifests, and sends large files in parts."""
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config

        conceal(self.storage)
        signed = {} if self.storage.key else {"signature_version": UNSIGNED}
        config = Config(
            connect_timeout=self.patience.connect,
            read_timeout=self.patience.read,
            retries={"mode": "standard", "total_max_attempts": self.patience.tries},
            max_pool_connections=16,
            # What is sent is hashed once, by us, and read back: neither a second sum nor a signature of the content.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "virtual" if self.virtual else "path", "payload_signing_enabled": False},
            **signed,
        )
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint.replace(f"{_BUCKET}.", ""),
            region_name=self.storage.region,
            aws_access_key_id=self.storage.key or None,
            aws_secret_access_key=self.storage.secret or None,
            aws_session_token=self.storage.token or None,
            config=config,
        )

    def bulk(self) -> obstore.store.S3Store:
        """Return the client that sends and reads many files at once."""
        conceal(self.storage)
        endpoint = self.endpoint.replace(_BUCKET, self.bucket)
        pause = timedelta(seconds=self.patience.pause)
        return obstore.store.S3Store(
            self.bucket,
            prefix=self.prefix or None,
            # Both, and a provider of keys, or variables of the environment would count for more than what we were told.
            endpoint=endpoint,
            aws_endpoint_url_s3=endpoint,
            skip_signature=not self.storage.key,
            credential_provider=self._credential if self.storage.key else None,
            region=self.storage.region,
            virtual_hosted_style_request=self.virtual,
            unsigned_payload=True,
            client_options={
                "allow_http": urlsplit(endpoint).scheme == "http",
                "connect_timeout": timedelta(seconds=self.patience.connect),
                "read_timeout": timedelta(seconds=self.patience.read),
                "timeout": timedelta(seconds=10 * self.patience.read),
                "pool_max_idle_per_host": "128",
            },
            retry_config={
                "max_retries": self.patience.tries - 1,
                "backoff": {"init_backoff": pause, "max_backoff": 20 * pause, "base": 2},
                "retry_timeout": timedelta(seconds=self.patience.tries * self.patience.read),
            },
        )

    def _credential(self) -> "S3Credential":
        return {
            "access_key_id": self.storage.key,
            "secret_access_key": self.storage.secret,
            "token": self.storage.token or None,
            "expires_at": None,
        }
