"""The page of a data quality report."""

from earthcode_platform.models.quality import QualityReport, Table
from earthcode_platform.reports.figures import counted
from earthcode_platform.reports.markup import Markup, joined, page, section, text
from earthcode_platform.reports.parts import about_expectations, expectations, findings, statistics

__all__ = ["quality_page"]

_TITLES = {Table.INPUTS: "Data quality of the inputs", Table.PRODUCT: "Data quality of the product"}


def quality_page(report: QualityReport, subject: str) -> str:
    """Return an HTML page that stands alone: the verdict, each expectation, and the table they are about.

    Args:
        report: What was evaluated.
        subject: Title of the experiment or product.
    """
    words = f"{subject}. Suite {report.suite!r}, {counted(len(report.rows), 'row')} of statistics"
    by = f", evaluated by {report.library}" if report.library else ""
    lead = Markup(f'<p class="lead">{text(f"{words}{by}.").html}</p><p>{about_expectations(report).html}</p>')
    parts = [section("Expectations", expectations(report), anchor="expectations")] if report.outcomes else []
    if report.findings:
        parts.append(section("Findings", findings(report.findings), anchor="findings"))
    parts.append(
        section("Statistics", statistics(report.rows, "A row for each band of each asset"), anchor="statistics")
    )
    return page(_TITLES[report.table], lead, joined(parts))
