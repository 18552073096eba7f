"""Revalidate: the whole catalog, on a schedule; what is new since the run before, and an event if that is an error."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from earthcode_platform.models.watch_report import WatchVerdict
from tasks.revalidate import check_links, compare_files, look_at_documents, settle_run, start_progress

__all__ = ["revalidate"]


@flow(name="revalidate")
def revalidate(  # noqa: PLR0913 - each is a field of the form that starts a run
    catalog: str = "default",
    *,
    changed_only: bool = False,
    links: bool = True,
    checksums: int = 20,
    schemas: str = "fetch",
    store: str = "default",
    web: str = "default",
) -> State[WatchVerdict]:
    """Look at a catalog as it is now and tell what changed since the run before.

    The run is Completed whatever the catalog is like: the watch did its work. The verdict is its result and, in words,
    the message of its state; the event `earthcode.catalog.worse` is sent when an error is new.

    Args:
        catalog: Name of the catalog block to watch.
        changed_only: Validate only what a change since the last run can have touched; the report is whole all the same.
        links: Ask for the external addresses.
        checksums: How many recorded files to compare with their checksums; each day takes others. None if 0.
        schemas: The official JSON Schemas: `fetch` them from their addresses, `skip` them, or the folder of a mirror.
        store: Name of the results store block whose files may be read.
        web: Name of the web access block: limits, and hosts that may be asked although they are not public.
    """
    bar = start_progress(catalog)
    documents = look_at_documents(catalog, bar, schemas, web, changed_only=changed_only)
    outside = check_links(catalog, bar, documents, web) if links else None
    files = compare_files(catalog, bar, documents, checksums, store, web) if checksums > 0 else None
    verdict = settle_run(catalog, bar, (documents, outside, files))
    return Completed(message=str(verdict), data=verdict)
