"""What the platform knows of the catalog it publishes to, in a form that a gate can use."""

from earthcode_platform.models.frozen import Frozen

__all__ = ["Vocabulary"]


class Vocabulary(Frozen):
    """The ids that an experiment may name in `osc:`."""

    projects: frozenset[str] = frozenset()
    """Ids of projects."""
    themes: frozenset[str] = frozenset()
    """Ids of themes."""
    variables: frozenset[str] = frozenset()
    """Ids of variables."""
    missions: frozenset[str] = frozenset()
    """Ids of EO missions."""
