"""How often and how long a provider is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

__all__ = ["AWAY", "FIRST_WAIT", "LONGEST_WAIT", "REFUSED", "Pace", "Paced"]

AWAY: Final = (429, 502, 503, 504)
"""What says: ask again later (RFC 6585, section 4; RFC 9110, section 15.6)."""
REFUSED: Final = (429, 503)
"""What says so of a request that was not done; behind the others it may have been."""
FIRST_WAIT: Final = 0.5
"""Seconds before a question is asked again; then twice as many each time."""
LONGEST_WAIT: Final = 30.0
"""Most of them, unless the provider wants more."""
_HURRY: Final = 5.0
"""Seconds that an answer may take when this process has been told to end."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long a provider is asked."""

    first: float = 2.0
    """Seconds before the state of a job is asked for the second time."""
    longest: float = 60.0
    """Seconds between two such questions in the end; each wait is a quarter longer than the one before."""
    patience: float = 300.0
    """Seconds for which a question is asked again while the provider does not answer."""
    answer: float = 60.0
    """Seconds that one answer, downloads apart, may take."""


class Paced:
    """What asks a provider at a pace."""

    _pace: Pace

    @contextmanager
    def hastened(self) -> Iterator[None]:
        """Ask only once, and not for long, while the block runs."""
        pace, self._pace = self._pace, replace(self._pace, patience=0.0, answer=min(self._pace.answer, _HURRY))
        try:
            yield
        finally:
            self._pace = pace
