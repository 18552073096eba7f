"""How far, how fast and how patiently external links are asked."""

from typing import Annotated

from pydantic import Field

from earthcode_platform.models.frozen import Frozen

__all__ = ["LinkLimits"]

_Positive = Annotated[float, Field(gt=0)]
_NotNegative = Annotated[float, Field(ge=0)]
_Count = Annotated[int, Field(ge=1)]


class LinkLimits(Frozen):
    """Limits of one look at the external links."""

    at_once: _Count = 16
    """Requests at a time."""
    per_host_seconds: _NotNegative = 1.0
    """Seconds from the end of one request to the beginning of the next to the same host, of which one is under way at
    a time: a host never gets two in less."""
    seconds_per_request: _Positive = 20.0
    """Seconds that one request may take, from looking the host up to the end of what is read."""
    total_seconds: _Positive = 3600.0
    """Seconds for the whole look; what is not reached in them is unknown."""
    redirects: _Count = 10
    """How many redirects of one address are followed."""
    longest_pause: _NotNegative = 120.0
    """Seconds that one host may ask us to wait (`Retry-After`), all its pauses together."""
    failures_of_host: _Count = 3
    """After how many requests in a row without an answer a host is left alone for this look."""
    fresh_seconds: _NotNegative = 86_400.0
    """Seconds for which an address that answered is not asked again."""
