"""What the addresses outside the catalog are worth today, beside what was known of them before."""

import json
from collections import Counter
from collections.abc import Callable

from earthcode_platform.catalog.outside.checker import LinkChecker
from earthcode_platform.catalog.outside.findings import link_findings
from earthcode_platform.catalog.outside.places import external_links, shown
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.link_outcome import LinkState
from earthcode_platform.models.watch_report import LinkLook

__all__ = ["ask"]


def ask(
    catalog: Catalog,
    checker: LinkChecker,
    before: LinkLook | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LinkLook:
    """Return what is wrong with the external addresses of a catalog.

    Of an address that does not answer today, the finding of the last look stands: nothing says that it was mended.

    Args:
        catalog: The catalog.
        checker: What asks.
        before: What came of the last look.
        progress: Told how many addresses are decided, and of how many.

    Raises:
        UnavailableError: The checker's memory cannot be read or written.
    """
    places = external_links(catalog)
    outcomes = checker.check(list(places), progress)
    unknown = {json.dumps(one.url, ensure_ascii=False) for one in outcomes if one.state is LinkState.UNKNOWN}
    named = {
        (shown(place.file), json.dumps(shown(url), ensure_ascii=False)) for url, at in places.items() for place in at
    }

    def stands(found: CatalogFinding) -> bool:
        return found.value in unknown and (found.file, found.value) in named

    kept = filter(stands, before.findings if before else ())
    return LinkLook(
        addresses=len(places),
        requests=sum(one.requests for one in outcomes),
        states=dict(sorted(Counter(one.state.value for one in outcomes).items())),
        findings=tuple(sorted((*link_findings(catalog, outcomes), *kept), key=lambda found: found.file)),
    )
