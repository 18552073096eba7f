"""A provider as the platform is configured for it: where it is, who we are there, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.engines.provider.rights import require_safe
from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import read_address

if TYPE_CHECKING:
    from pydantic import SecretStr

__all__ = ["Endpoint"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OGC API - Processes, and what is agreed with its provider.

    Raises:
        InputError: The address carries credentials or a query, or cannot be sent a token.
    """

    url: str
    """Its landing page, as its users are told it."""
    token: SecretStr | None = None
    """Bearer token; nothing is sent if None."""
    processes: Mapping[str, str] = field(default_factory=dict)
    """Processes that stand there for workflows: from the id of a workflow to that of a process. Others are deployed."""
    replaces: bool = False
    """Whether a process that has the name of ours and other content is replaced."""
    undeploys: bool = False
    """Whether a process that a run deployed is undeployed when the run is over."""
    deletes: bool = False
    """Whether jobs are removed there once their results are here."""
    limit: float = 18_000.0
    """Seconds after which a job is dismissed."""
    largest: int = 20_000_000_000
    """Bytes of results that are downloaded at most."""
    allowed: frozenset[str] = frozenset()
    """Hosts of results, as `host` or `host:port`, that may be asked although they are not on the public internet."""
    pace: Pace = field(default_factory=Pace)
    """How often and how long it is asked."""

    def __post_init__(self) -> None:
        if public(self.url) != self.url or "?" in self.url or "#" in self.url:
            raise InputError(
                "the address of the provider carried a user name, password, signature or query.",
                where=public(self.url).partition("?")[0],
                remedy="Name its landing page alone; the token has a field of its own.",
            )
        if self.token is None:
            read_address(self.url)
        else:
            require_safe(self.url)

    def secrets(self) -> list[str]:
        """Return the texts that must not be shown."""
        return [] if self.token is None else [self.token.get_secret_value()]

    def __reduce__(self) -> NoReturn:
        raise TypeError("an endpoint is not pickled: its token stays in the process that was given it")
