"""A back-end as the platform is configured for it: where it is, who we are there, and how long we wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NoReturn

from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.engines.provider.rights import require_safe
from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import read_address

if TYPE_CHECKING:
    from pydantic import SecretStr

__all__ = ["Authentication", "Backend", "Credentials"]


class Authentication(StrEnum):
    """How a back-end is told who we are (openEO API 1.2, section Authentication)."""

    NONE = "none"
    """Not at all; the back-end must let everybody make jobs."""
    BASIC = "basic"
    """User name and password, for which it gives a token."""
    REFRESH_TOKEN = "oidc-refresh-token"  # noqa: S105 - the name of a method
    """A refresh token of an OpenID Connect provider."""
    CLIENT_CREDENTIALS = "oidc-client-credentials"
    """Id and secret of a client of an OpenID Connect provider: a machine's account."""


_NEEDED: Final[dict[Authentication, tuple[str, ...]]] = {
    Authentication.NONE: (),
    Authentication.BASIC: ("username", "password"),
    Authentication.REFRESH_TOKEN: ("refresh_token",),
    Authentication.CLIENT_CREDENTIALS: ("client_id", "client_secret"),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are at a back-end. Only what the method needs is used."""

    method: Authentication = Authentication.NONE
    """How it is told."""
    username: str = ""
    """User name, for `basic`."""
    password: SecretStr | None = None
    """Password, for `basic`."""
    client_id: str = ""
    """OpenID Connect client; for a refresh token the back-end's default client if empty."""
    client_secret: SecretStr | None = None
    """Secret of that client."""
    refresh_token: SecretStr | None = None
    """Refresh token."""
    provider: str = ""
    """Id of the OpenID Connect provider at the back-end; its first one if empty."""

    def secrets(self) -> list[str]:
        """Return the texts that must not be shown."""
        held = (self.password, self.client_secret, self.refresh_token)
        return [secret.get_secret_value() for secret in held if secret is not None]

    def missing(self) -> list[str]:
        """Return the names of the fields that the method needs and that are empty."""
        return [name for name in _NEEDED[self.method] if not getattr(self, name)]

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not pickled: they stay in the process that was given them")


@dataclass(frozen=True, slots=True)
class Backend:
    """An openEO back-end, and what is agreed with its provider.

    Raises:
        InputError: The address carries credentials, or cannot be sent any; or something the method needs is missing.
    """

    url: str
    """Its address, as its users are told it; versions are found from there."""
    credentials: Credentials = field(default_factory=Credentials)
    """Who we are there."""
    collections: Mapping[str, str] = field(default_factory=dict)
    """Its collections that stand for inputs: from an input's href, or the id of its STAC collection, to an id there."""
    plan: str = ""
    """Billing plan; the account's default if empty."""
    budget: float | None = None
    """Most that a job may cost, in the currency of the back-end."""
    limit: float = 18_000.0
    """Seconds after which a job is stopped."""
    largest: int = 20_000_000_000
    """Bytes of results that are downloaded at most."""
    deletes: bool = False
    """Whether jobs are deleted there: after their results are here, or after they were stopped."""
    allowed: frozenset[str] = frozenset()
    """Hosts of results, as `host` or `host:port`, that may be asked although they are not on the public internet."""
    pace: Pace = field(default_factory=Pace)
    """How often and how long it is asked."""

    def __post_init__(self) -> None:
        if public(self.url) != self.url:
            raise InputError(
                "the address of the back-end carried a user name, password or signature.",
                where=self.url,
                remedy="Leave it out of the address; credentials have fields of their own.",
            )
        missing = self.credentials.missing()
        if missing:
            raise InputError(
                f"authentication by {self.credentials.method.value!r} needs {' and '.join(map(repr, missing))}.",
                where=self.url,
                remedy="Fill it in, in the block of the back-end.",
            )
        if self.credentials.method is Authentication.NONE:
            read_address(self.url)
        else:
            require_safe(self.url)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a back-end is not pickled: its credentials stay in the process that was given them")
