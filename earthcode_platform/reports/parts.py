"""The parts that pages have in common: findings, expectations, tables of statistics."""

from collections.abc import Sequence
from typing import Final

from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.quality import BandStatistics, QualityReport, Table
from earthcode_platform.reports.figures import counted, number, size
from earthcode_platform.reports.markup import Markup, badge, code, joined, table, text

__all__ = ["about_expectations", "about_findings", "expectations", "findings", "statistics"]

_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_ROWS: Final = 100
"""Rows of statistics that a page shows; the JSON beside it has all."""
_FINDINGS: Final = 200
"""Findings that a page shows."""
_ABOUT: Final = {Table.INPUTS: "the inputs", Table.PRODUCT: "the product"}


def about_findings(found: Sequence[Finding]) -> Markup:
    """Return in badges how many findings there are of each severity."""
    if not found:
        return badge("nothing found", "good")
    counts = [(severity, sum(one.severity is severity for one in found)) for severity in _ORDER]
    return joined((badge(counted(count, severity), severity) for severity, count in counts if count), " ")


def findings(found: Sequence[Finding]) -> Markup:
    """Return the findings as a table, the gravest first."""
    if not found:
        return Markup("<p>The gates found nothing to say.</p>")
    ordered = sorted(found, key=lambda one: _ORDER.index(one.severity))
    rows = [
        (
            badge(one.severity, one.severity),
            code(one.where),
            text(f"{one.message} {one.remedy}".strip()),
            code(one.code),
        )
        for one in ordered[:_FINDINGS]
    ]
    more = f"; the first {_FINDINGS} of {len(found):,}" if len(found) > _FINDINGS else ""
    return table(
        f"What the gates found, the gravest first{more}", ("weight", "where", "what, and what to do", "code"), rows
    )


def about_expectations(report: QualityReport) -> Markup:
    """Return in a badge how many expectations are met."""
    met = sum(one.met for one in report.outcomes)
    if not report.outcomes:
        return badge("not evaluated", "note")
    return badge(f"{met} of {len(report.outcomes)} met", "good" if met == len(report.outcomes) else "warning")


def expectations(report: QualityReport) -> Markup:
    """Return the expectations about one table, with what was found."""
    rows = [
        (
            badge("met", "good") if one.met else badge("not met", one.severity),
            joined((code(one.call), Markup(f"<br>{text(one.why).html}" if one.why else ""))),
            text(one.observed or ("as expected" if one.met else "")),
        )
        for one in report.outcomes
    ]
    return table(f"Expectations about {_ABOUT[report.table]}", ("verdict", "expectation", "found"), rows)


def statistics(rows: Sequence[BandStatistics], caption: str) -> Markup:
    """Return a table of statistics, a row for each band."""
    heads = ("item", "asset", "band", "pixels", "valid", "minimum", "median", "mean", "maximum", "unit", "size")
    cells = [
        (
            *(text(held) for held in (one.item, one.asset, one.band)),
            text(f"{one.count:,}"),
            text(f"{100 * one.valid_fraction:.1f} %"),
            *(text(number(held)) for held in (one.minimum, one.median, one.mean, one.maximum)),
            text(one.unit),
            text(size(one.size_bytes)),
        )
        for one in rows[:_ROWS]
    ]
    more = f"; the first {_ROWS} of {len(rows):,}" if len(rows) > _ROWS else ""
    return table(f"{caption}{more}", heads, cells, frozenset({*range(3, 9), 10}))
