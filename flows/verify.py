"""Verify: what the results repository holds, on a schedule: is it still what was archived?"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from earthcode_platform.models.archive_report import ArchiveReport
from tasks.verify import show_report, verify_archive

__all__ = ["verify"]


@flow(name="verify")
def verify(store: str = "default", parts: int = 30, part: int | None = None) -> State[ArchiveReport]:
    """Hold everything that is archived against its manifests: names and sizes all of them, bytes in turns.

    The run is Completed whatever the archive is like: the look did its work. The report is its result and, in words,
    the message of its state; the event `earthcode.archive.damaged` is sent when something is wrong.

    Args:
        store: Name of the results store block.
        parts: In how many parts the files are read back: in as many days every file has its turn.
        part: Which part, from 0; that of the day if left out.
    """
    report = verify_archive(store, parts, part)
    show_report(store, report)
    return Completed(message=str(report), data=report)
