"""Why nothing came back from an address, as errors that a caller can tell apart.

InputError
├── ForbiddenAddressError   it must not be asked: no HTTP address, or one of a network that is not public
├── MissingPageError        it says that there is nothing (404, 410)
└── UnusableAnswerError     it answers, and never with what is wanted: too large, of another media type, in circles
UnavailableError
└── NoAnswerError           it did not answer, or said that it cannot now; `cause` says why
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from earthcode_platform.errors import InputError, UnavailableError

__all__ = ["Cause", "ForbiddenAddressError", "MissingPageError", "NoAnswerError", "UnusableAnswerError"]


class Cause(StrEnum):
    """What kept an answer from coming."""

    NAME = "the name of its host is not known"
    """The resolver knows no address of the host; without a network that is said of every host."""
    LOOKUP = "the name of its host could not be looked up"
    """The resolver did not answer."""
    CONNECT = "no connection to its host"
    """Nobody listens there, or the network is not reachable."""
    CERTIFICATE = "no trusted certificate"
    """TLS failed, or the certificate is not valid for the host."""
    TIME = "no answer in time"
    """The time allowed was over."""
    CUT = "the connection was cut"
    """It was reset, or closed before the answer was complete."""
    GARBLED = "an answer that is no HTTP"
    """What came back cannot be read as HTTP/1."""
    PROXY = "the proxy refused"
    """The proxy of the environment cannot be used, or does not let the request pass."""
    STATUS = "an answer that says: not now, or not to you"
    """A status such as 403, 429 or 503."""


class ForbiddenAddressError(InputError):
    """The address must not be asked."""


class MissingPageError(InputError):
    """The server says that there is nothing at the address."""


class UnusableAnswerError(InputError):
    """What the server answers can never be used."""


class NoAnswerError(UnavailableError):
    """Nothing came back."""

    cause: Cause = Cause.CONNECT
    """What kept it from coming."""

    @classmethod
    def of(cls, cause: Cause, where: str, detail: str = "") -> Self:
        """Build the error for the address `where`."""
        message = f"{cause.value} ({detail})." if detail else f"{cause.value}."
        error = cls(message, where=where, remedy="Try again later, or check the address and the network.")
        error.cause = cause
        return error
