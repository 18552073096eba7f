"""How the entries of an experiment will read in a catalog, before anything has run."""

from pydantic import JsonValue

from earthcode_platform.models.frozen import Frozen

__all__ = ["Preview", "PreviewEntry"]


class PreviewEntry(Frozen):
    """One entry of the catalog."""

    kind: str
    """What it is: Product, Workflow or Experiment."""
    path: str
    """Its path in the catalog."""
    title: str
    """Its title."""
    description: str
    """Its description."""
    facts: dict[str, str]
    """What else it says, by key, in words."""
    links: tuple[tuple[str, str, str], ...]
    """Relation, title and target of its links."""
    document: dict[str, JsonValue]
    """All of it."""


class Preview(Frozen):
    """The entries, and everything else that their publication would change."""

    experiment: str
    """Id of the experiment."""
    title: str
    """Its title."""
    entries: tuple[PreviewEntry, ...]
    """Product, workflow and experiment."""
    files: dict[str, str]
    """The text of `input.yaml` and `environment.yaml`."""
    changed: tuple[str, ...]
    """Paths of the other files of the catalog that would get a link."""
