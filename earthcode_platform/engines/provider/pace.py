"""How often and how long a provider is asked."""

from dataclasses import dataclass

__all__ = ["Pace"]


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
