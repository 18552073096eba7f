"""What the outcomes of external links mean for the catalog: findings with file, pointer, line and mend."""

import json
from collections.abc import Sequence
from typing import Final

from earthcode_platform.catalog.outside.places import LinkPlace, external_links, shown
from earthcode_platform.catalog.scan import locate
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.link_outcome import LinkOutcome, LinkState

__all__ = ["link_findings"]

_WORST: Final = (LinkState.BROKEN, LinkState.REFUSED, LinkState.MOVED, LinkState.UNKNOWN, LinkState.ALIVE)


def link_findings(catalog: Catalog, outcomes: Sequence[LinkOutcome]) -> tuple[CatalogFinding, ...]:
    """Return a finding for each place of an address that is broken, moved or refused, by file and line.

    A broken address is an error (`catalog-external-broken`): a reader finds nothing. One that moved for good
    (`catalog-external-moved`) or that was not asked (`catalog-external-refused`) is a warning. Of one of which nothing
    is known there is no finding: a server that is out of order for a night says nothing about the catalog. Count these
    in the outcomes.
    """
    told: dict[str, LinkOutcome] = {}
    # Two addresses may differ in what is not shown alone; the worse outcome stands for both.
    for outcome in sorted(outcomes, key=lambda one: _WORST.index(one.state), reverse=True):
        told[outcome.url] = outcome
    found = [
        _finding(catalog, place, told[shown(url)])
        for url, places in external_links(catalog).items()
        if shown(url) in told and told[shown(url)].state not in (LinkState.ALIVE, LinkState.UNKNOWN)
        for place in places
    ]
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.pointer)))


def _finding(catalog: Catalog, place: LinkPlace, outcome: LinkOutcome) -> CatalogFinding:
    severity, message, mend = _said(outcome)
    content = catalog.content(place.file)
    at = locate(content, place.pointer).start
    return CatalogFinding(
        code=f"catalog-external-{outcome.state}",
        severity=severity,
        file=shown(place.file),
        pointer=shown(place.pointer),
        line=content.count(b"\n", 0, at) + 1 if at else 1,
        value=json.dumps(outcome.url, ensure_ascii=False),
        message=message,
        mend=mend,
    )


def _said(outcome: LinkOutcome) -> tuple[Severity, str, str]:
    url = outcome.url
    if outcome.state is LinkState.MOVED:
        return Severity.WARNING, f"{url} moved for good.", f"Write {outcome.final}."
    if outcome.state is LinkState.REFUSED:
        return (
            Severity.WARNING,
            f"{url} was not asked: {outcome.reason}.",
            "Name an address that everybody can open with https.",
        )
    return Severity.ERROR, f"{url} is broken: {outcome.reason}.", "Name an address that answers, or leave it out."
