"""What the platform knows of the catalog it publishes to, and of other platforms, in a form that a gate can use."""

from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.frozen import Frozen

__all__ = ["ProcessingPlatform", "Vocabulary"]


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


class ProcessingPlatform(Frozen):
    """A platform elsewhere that runs workflows; a distribution registers one by an entry point."""

    title: str
    """Its name, for readers."""
    kinds: frozenset[WorkflowKind]
    """The kinds of workflows that it runs."""
    address: str
    """Where to find it."""
