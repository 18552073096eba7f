"""The end of a run of the watch: what is new since the run before, and what the next run finds."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.watch.memory import WatchMemory
from earthcode_platform.models.catalog_drift import CatalogDrift, drift
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.watch_report import (
    AssetLook,
    DocumentLook,
    LinkLook,
    TrendRow,
    Watched,
    WatchReport,
    tally,
)

__all__ = ["Looks", "settle"]

Looks: TypeAlias = tuple[DocumentLook, LinkLook | None, AssetLook | None]
"""What one run saw; None for what it left out."""

_SHOWN: Final = 30
"""How many runs of the trend a page shows."""


def settle(
    memory: WatchMemory,
    catalog: Catalog,
    address: str,
    looks: Looks,
    tell: Callable[[Watched], object],
) -> Watched:
    """Tell what changed since the run before, and then remember this run in its place.

    Told first and remembered afterwards: what a run that died could not tell, the next one tells. Other runs on the
    same catalog wait meanwhile.

    Args:
        memory: The state of the watch.
        catalog: The catalog that was looked at.
        address: Path or address of its repository.
        looks: What came of documents, links and files; None for links or files that this run left out: then what the
            run before found stands, for documents that are still there.
        tell: Takes the outcome.
    """
    documents, links, assets = looks
    with memory.locked():
        before = memory.last()
        report = WatchReport(
            catalog=address,
            documents=documents,
            links=links or _standing_links(before, catalog),
            assets=assets or _standing_assets(before, catalog),
        )
        told = _told(before, report)
        trend = (*memory.trend(), _row(report, told, first=before is None))
        watched = Watched(
            catalog=report.catalog,
            first=before is None,
            rebased=before is not None and before.documents.basis != documents.basis,
            documents=documents.model_copy(update={"findings": ()}),
            links=report.links.model_copy(update={"findings": ()}),
            assets=report.assets.model_copy(update={"findings": (), "suspects": ()}),
            drift=told,
            trend=trend[-_SHOWN:],
        )
        tell(watched)
        memory.keep(report, trend)
    return watched


def _standing_links(before: WatchReport | None, catalog: Catalog) -> LinkLook:
    if before is None:
        return LinkLook()
    findings = tuple(found for found in before.links.findings if found.file in catalog)
    return before.links.model_copy(update={"findings": findings, "requests": 0})


def _standing_assets(before: WatchReport | None, catalog: Catalog) -> AssetLook:
    if before is None:
        return AssetLook()
    pairs = [
        pair for pair in zip(before.assets.findings, before.assets.suspects, strict=True) if pair[0].file in catalog
    ]
    findings, suspects = (tuple(pair[side] for pair in pairs) for side in (0, 1))
    update = {"findings": findings, "suspects": suspects, "requests": 0, "compared": 0}
    return before.assets.model_copy(update=update)


def _told(before: WatchReport | None, report: WatchReport) -> CatalogDrift:
    if before is None:
        return CatalogDrift(new=(), gone=(), still=report.findings)
    return drift(before.findings, report.findings)


def _row(report: WatchReport, told: CatalogDrift, *, first: bool) -> TrendRow:
    counted = tally(report.findings)
    moment = report.documents.moment
    return TrendRow(
        moment=moment,
        commit=report.documents.commit,
        errors=counted[Severity.ERROR],
        warnings=counted[Severity.WARNING],
        notes=counted[Severity.NOTE],
        new=0 if first else len(told.new),
        gone=len(told.gone),
        codes=dict(sorted(Counter(found.code for found in report.findings).items())),
        seconds=round((datetime.now(UTC) - moment).total_seconds(), 3),
        requests=report.requests,
    )
