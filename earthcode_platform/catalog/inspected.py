"""An entry under inspection: one document of a catalog with what its rules ask of it."""

from dataclasses import dataclass
from functools import cached_property

from earthcode_platform.catalog.addresses import THEME_SCHEME
from earthcode_platform.catalog.documents import JsonObject, facts, sections, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["Inspected"]


@dataclass(frozen=True)
class Inspected:
    """One entry of a catalog as it would be after the merge."""

    catalog: Catalog
    """The whole catalog."""
    kind: Kind
    """The entry's kind."""
    id: str
    """Its folder's name."""

    @property
    def path(self) -> str:
        """Its path."""
        return self.kind.path(self.id)

    @property
    def document(self) -> JsonObject:
        """Its document."""
        return self.catalog.document(self.path)

    @cached_property
    def facts(self) -> JsonObject:
        """The part of the document with title, dates and `osc:` keys."""
        return facts(self.document)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Its links."""
        return self.catalog.links(self.path)

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """Ids of the catalog's themes that it names."""
        named = [theme for theme in sections(self.facts, "themes") if text(theme, "scheme") == THEME_SCHEME]
        return tuple(text(concept, "id") for theme in named for concept in sections(theme, "concepts"))

    def rel(self, *relations: str) -> list[Link]:
        """Return its links with one of `relations`."""
        return [link for link in self.links if link.rel in relations]

    def finding(self, what: str, message: str, remedy: str, *, severity: Severity = Severity.ERROR) -> Finding:
        """Return the finding `publish-<what>` about the entry."""
        return Finding(code=f"publish-{what}", severity=severity, where=self.path, message=message, remedy=remedy)
