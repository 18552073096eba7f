"""What changed between two looks at a catalog: findings that are new, that are gone, and that are still there."""

from collections import Counter
from collections.abc import Sequence

from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.frozen import Frozen

__all__ = ["CatalogDrift", "drift"]


class CatalogDrift(Frozen):
    """Findings of two looks, told apart."""

    new: tuple[CatalogFinding, ...]
    """Those of the later look alone."""
    gone: tuple[CatalogFinding, ...]
    """Those of the earlier look alone."""
    still: tuple[CatalogFinding, ...]
    """Those of both, as the later look tells them."""

    @property
    def worse(self) -> bool:
        """Whether an error is new."""
        return any(found.severity is Severity.ERROR for found in self.new)

    @property
    def unchanged(self) -> bool:
        """Whether nothing is new and nothing is gone."""
        return not self.new and not self.gone


def drift(before: Sequence[CatalogFinding], after: Sequence[CatalogFinding]) -> CatalogDrift:
    """Return what is new, gone and still there.

    Two findings are the same if rule, severity, file, value and message agree; line and pointer move when something is
    inserted above. Of equal ones, as many as both looks have are still there.
    """
    left = Counter(map(_identity, before))
    new: list[CatalogFinding] = []
    still: list[CatalogFinding] = []
    for found in after:
        key = _identity(found)
        (still if left[key] > 0 else new).append(found)
        left[key] -= 1
    gone: list[CatalogFinding] = []
    for found in before:
        key = _identity(found)
        if left[key] > 0:
            gone.append(found)
            left[key] -= 1
    return CatalogDrift(new=tuple(new), gone=tuple(gone), still=tuple(still))


def _identity(found: CatalogFinding) -> tuple[str, str, str, str, str]:
    return found.code, found.severity, found.file, found.value, found.message
