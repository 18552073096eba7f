"""What came of asking for an external address."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from earthcode_platform.models.frozen import Frozen
from earthcode_platform.redaction import public

__all__ = ["LinkOutcome", "LinkState"]

_Public = Annotated[str, AfterValidator(public)]


class LinkState(StrEnum):
    """What is known of an address."""

    ALIVE = "alive"
    """It answers."""
    MOVED = "moved"
    """It answers elsewhere, and says that this is for good (301 or 308)."""
    BROKEN = "broken"
    """It says that there is nothing (404, 410), or its answer can never be one, such as redirects in a circle."""
    REFUSED = "refused"
    """It was not asked: no HTTP address, or one of a private, link-local or loopback network."""
    UNKNOWN = "unknown"
    """Nothing can be said: it did not answer in time, wants credentials, or is out of order (401, 403, 429, 5xx)."""


class LinkOutcome(Frozen):
    """The outcome for one address. No text of it carries the userinfo of a URL."""

    url: _Public
    """The address."""
    state: LinkState
    """What is known of it."""
    status: int | None
    """Status of the last answer; None if there was none."""
    final: _Public
    """Where redirects led; empty if there were none."""
    reason: _Public
    """Why it is not alive, in a few words; empty if it is."""
    requests: int
    """How many requests were made for it in this look; 0 if an earlier answer was still fresh."""
    checked: datetime
    """When it was asked last, UTC."""
