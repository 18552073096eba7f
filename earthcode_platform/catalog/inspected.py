"""An entry of a submission under inspection: what the rules of publishing ask of it beyond the validator's."""

from functools import cached_property

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.references import named_themes
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["Inspected", "publish_finding"]


class Inspected(Inspection):
    """One entry of a catalog as it would be after the merge.

    Args:
        catalog: The whole catalog.
        kind: The entry's kind.
        entry: Its folder's name.

    Raises:
        InputError: Its file holds no JSON object.
    """

    def __init__(self, catalog: Catalog, kind: Kind, entry: str) -> None:
        super().__init__(catalog, kind.path(entry))
        self.of_kind = kind

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """Ids of the catalog's themes that it names."""
        return tuple(name for _, name in named_themes(self, first=False))

    def finding(self, what: str, message: str, remedy: str, *, severity: Severity = Severity.ERROR) -> Finding:
        """Return the finding `publish-<what>` about the entry."""
        return publish_finding(self.path, what, message, remedy, severity=severity)


def publish_finding(path: str, what: str, message: str, remedy: str, *, severity: Severity = Severity.ERROR) -> Finding:
    """Return the finding `publish-<what>` about the entry at `path`."""
    return Finding(code=f"publish-{what}", severity=severity, where=path, message=message, remedy=remedy)
