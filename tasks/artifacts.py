"""What the stages show on the page of a run."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from earthcode_platform.models.finding import Finding
from earthcode_platform.models.gate_report import GateReport
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Publication
from earthcode_platform.models.quality import QualityReport

__all__ = [
    "artifact_key",
    "in_catalog",
    "looking_at",
    "show_findings",
    "show_measures",
    "show_page",
    "show_quality",
]

_MANY: Final = 100
"""Files from which on somebody who waits wants to see how far it is."""


def artifact_key(text: str) -> str:
    """Return `text` as Prefect wants artifact keys: lower case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def in_catalog(publication: Publication) -> str:
    """Return as Markdown where a change of the catalog is, what it touches, and who has to look at it."""
    changed = "\n".join(f"- `{path}`" for path in publication.changed) or "- nothing: the content was there"
    review = f"Under review: <{publication.review}>\n\n" if publication.review else ""
    where = f"Catalog `{publication.catalog}`, branch `{publication.branch}`, commit `{publication.commit}`"
    return f"{where} ({publication.novelty})\n\n{review}{changed}\n"


def looking_at(pinned: PinnedExperiment) -> Callable[[int, int], None] | None:
    """Return what moves a bar on the run's page while files are looked at; None where they are few."""
    total = sum(len(pin.assets) for pin in pinned.inputs)
    if total < _MANY:
        return None
    subject = pinned.experiment.id
    bar = create_progress_artifact(
        progress=0.0, key=f"files-{artifact_key(subject)}", description=f"Looking at {total} files of **{subject}**"
    )
    identifier = bar if isinstance(bar, UUID) else UUID(str(bar))
    begun: set[int] = set()

    def told(done: int, of: int) -> None:
        percent = 100 * done // of
        if percent not in begun:
            begun.add(percent)
            update_progress_artifact(
                artifact_id=identifier, progress=float(percent), description=f"{done} of {of} files"
            )

    return told


def show_findings(findings: Sequence[Finding], subject: str) -> None:
    """Show all findings about `subject`, an experiment's id or folder, as one table and as one page.

    Cells of a table do not wrap in the UI, and what to do stands in the last: the page spells it out.
    """
    report = GateReport(experiment=subject, findings=tuple(findings))
    create_table_artifact(
        key=f"findings-{artifact_key(subject)}",
        table=[found.model_dump(mode="json") for found in findings] or [{"code": "none", "message": "Nothing found."}],
        description=f"What the gates say of **{subject}**: {report.verdict}.",
    )
    show_page("gates", report.markdown(), subject, "What the gates say of")


def show_page(name: str, markdown: str, subject: str, about: str) -> None:
    """Show a page about `subject` as a Markdown artifact."""
    create_markdown_artifact(
        key=f"{name}-{artifact_key(subject)}", markdown=markdown, description=f"{about} **{subject}**"
    )


def show_quality(report: QualityReport, subject: str) -> None:
    """Show the expectations about one table of an experiment, as a table artifact."""
    rows = [
        {
            "verdict": "met" if one.met else f"not met ({one.severity})",
            "expectation": one.call,
            "found": one.observed,
        }
        for one in report.outcomes
    ]
    met = sum(one.met for one in report.outcomes)
    create_table_artifact(
        key=f"quality-{report.table}-{artifact_key(subject)}",
        table=rows or [{"verdict": "none", "expectation": "Nothing was evaluated."}],
        description=f"Data quality of the {report.table}: {met} of {len(report.outcomes)} expectations are met "
        f"(suite **{report.suite}**, {len(report.rows)} rows of statistics).",
    )


def show_measures(measures: Mapping[str, float], report: Path | None, subject: str) -> None:
    """Show what computing `subject`, an experiment's id, took, as a table artifact, with a link to the report of Dask.

    Args:
        measures: Each measure by its name.
        report: The report; None if there is none.
        subject: The id.
    """
    key = artifact_key(subject)
    create_table_artifact(
        key=f"compute-{key}",
        table=[{"measure": name, "value": value} for name, value in measures.items()],
        description=f"What computing **{subject}** took, memory in 10^6 bytes.",
    )
    if report is not None:
        create_link_artifact(
            link=report.as_uri(),
            link_text="Report of Dask",
            key=f"dask-report-{key}",
            description=f"How Dask computed **{subject}**: tasks, workers, memory and profiles over time. It opens "
            f"without any other host, and lies at `{report}`.",
        )
