"""Verify: what is archived is held against its manifests; the page of the run says what is wrong, file by file."""

from datetime import UTC, datetime
from typing import Final

from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.events import emit_event
from prefect.runtime import flow_run

from blocks.loading import load
from blocks.results_store import ResultsStore
from earthcode_platform.models.archive_report import ArchiveReport
from earthcode_platform.stores.verification import Turn, verify
from tasks.artifacts import artifact_key
from tasks.policies import ONCE, PATIENT

__all__ = ["DAMAGED", "show_report", "verify_archive"]

DAMAGED: Final = "earthcode.archive.damaged"
"""The event that says: something in the archive is not what was archived."""

_TOLD: Final = 10
"""How many findings the event and the table's description spell out."""


@task(name="verify: verify archive", **PATIENT)
def verify_archive(store: str, parts: int, part: int | None) -> ArchiveReport:
    """Read files back and compare. Retried only while the store does not answer; a damaged file is a result."""
    moment = datetime.now(UTC)
    turn = Turn.of_day(moment, parts) if part is None else Turn(part, parts)
    return verify(load(ResultsStore, store).get_store(), moment, turn)


@task(name="verify: show report", **ONCE)
def show_report(store: str, report: ArchiveReport) -> None:
    """Show every finding, and send the event if there is one. Never retried."""
    get_run_logger().info("Archive %s: %s", store, report)
    spelled = "".join(f"\n- **{one.code}** at `{one.where}`: {one.message}" for one in report.findings[:_TOLD])
    create_table_artifact(
        key=f"archive-findings-{artifact_key(store)}",
        table=[found.model_dump(mode="json") for found in report.findings]
        or [{"code": "none", "message": "Everything that was looked at is as it was archived."}],
        description=f"**{store}**, {report}\n{spelled}",
    )
    if report.errors:
        emit_event(
            DAMAGED,
            resource={
                "prefect.resource.id": f"earthcode.archive.{artifact_key(store)}",
                "prefect.resource.name": store,
            },
            payload={
                "verdict": str(report),
                "errors": report.errors,
                "run": str(flow_run.id),
                "findings": [str(found) for found in report.findings[:_TOLD]],
            },
        )
