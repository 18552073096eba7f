"""Revalidate: documents, external links and files of a catalog are looked at; the page of the run says what changed."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

from prefect import get_run_logger, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.events import emit_event
from prefect.runtime import flow_run

from blocks.catalog import OpenScienceCatalog
from blocks.home import home
from blocks.loading import load
from blocks.results_store import ResultsStore
from blocks.schemas import official_schemas
from blocks.web_access import WebAccess
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.watch import page
from earthcode_platform.catalog.watch.assets import Limits, compare
from earthcode_platform.catalog.watch.documents import look, visible
from earthcode_platform.catalog.watch.files import Files
from earthcode_platform.catalog.watch.links import ask
from earthcode_platform.catalog.watch.memory import WatchMemory, memory_of
from earthcode_platform.catalog.watch.settle import Looks, settle
from earthcode_platform.errors import IntegrityError
from earthcode_platform.models.watch_report import AssetLook, DocumentLook, LinkLook, Watched, WatchVerdict
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.web.following import streamed
from tasks.artifacts import artifact_key
from tasks.policies import ONCE, PATIENT

__all__ = ["WORSE", "check_links", "compare_files", "look_at_documents", "settle_run", "start_progress"]

WORSE: Final = "earthcode.catalog.worse"
"""The event that says: an error is new."""

_TOLD: Final = 10
"""How many findings the event spells out."""
_PAUSE: Final = 3.0
"""Seconds between two movements of the bar: each is a request to the server."""
_DOCUMENTS: Final = 10.0
_LINKS: Final = 85.0
_FILES: Final = 99.0
"""Where the bar stands after documents, links and files, in percent."""


def start_progress(catalog: str) -> UUID:
    """Return the bar on the run's page that the tasks move."""
    made = create_progress_artifact(
        progress=0.0, key=f"watch-progress-{artifact_key(catalog)}", description="Reading the catalog"
    )
    return made if isinstance(made, UUID) else UUID(str(made))


@task(name="revalidate: look at documents", **PATIENT)
def look_at_documents(catalog: str, bar: UUID, schemas: str, web: str, *, changed_only: bool) -> DocumentLook:
    """Read the catalog and validate it in strict mode. Retried only while the catalog does not answer."""
    moment = datetime.now(UTC)
    repository = _repository(catalog)
    now = visible(repository.read())
    before = _look_before(repository) if changed_only else None
    looked = look(now, moment, official_schemas(schemas, web), before)
    update_progress_artifact(bar, _DOCUMENTS, f"{looked.looked} of {looked.documents} documents validated")
    return looked


@task(name="revalidate: check links", **PATIENT)
def check_links(catalog: str, bar: UUID, documents: DocumentLook, web: str) -> LinkLook:
    """Ask for every external address. Retried only while the memory of earlier answers cannot be used."""
    repository = _repository(catalog)
    memory = _memory(repository)
    before = memory.last()
    checker = load(WebAccess, web).get_checker(memory.folder / "links.json")
    moved = _Bar(bar, _DOCUMENTS, _LINKS, "external addresses asked for")
    return ask(visible(repository.at(documents.commit)), checker, before.links if before else None, moved)


@task(name="revalidate: compare files", **PATIENT)
def compare_files(catalog: str, bar: UUID, documents: DocumentLook, count: int, store: str, web: str) -> AssetLook:
    """Compare files with their recorded checksums. Retried only while the catalog's local copy does not answer."""
    repository = _repository(catalog)
    before = _memory(repository).last()
    held = load(ResultsStore, store).get_store()
    roots = (held.root,) if isinstance(held, DirectoryStore) else ()
    with load(WebAccess, web).get_web() as asked:
        return compare(
            visible(repository.at(documents.commit)),
            Files(roots, partial(streamed, asked)),
            documents.moment,
            (before.documents.moment, before.assets) if before else None,
            Limits(count),
            _Bar(bar, _LINKS, _FILES, "files compared"),
        )


@task(name="revalidate: settle", **ONCE)
def settle_run(catalog: str, bar: UUID, looks: Looks) -> WatchVerdict:
    """Show what changed since the run before, say it if an error is new, and remember this run. Never retried."""
    repository = _repository(catalog)
    now = visible(repository.at(looks[0].commit))
    watched = settle(_memory(repository), now, repository.address, looks, partial(_tell, catalog))
    update_progress_artifact(bar, 100.0, str(watched.verdict))
    return watched.verdict


def _repository(catalog: str) -> CatalogRepository:
    return load(OpenScienceCatalog, catalog).get_repository()


def _memory(repository: CatalogRepository) -> WatchMemory:
    return memory_of(repository, home(), get_run_logger().warning)


def _look_before(repository: CatalogRepository) -> tuple[Catalog, DocumentLook] | None:
    """Return the catalog of the run before and what came of it; None if one of them is not at hand any more."""
    before = _memory(repository).last()
    if before is None:
        return None
    try:
        return visible(repository.at(before.documents.commit)), before.documents
    except IntegrityError:
        return None


def _tell(catalog: str, watched: Watched) -> None:
    key = artifact_key(catalog)
    verdict = watched.verdict
    get_run_logger().info("%s", verdict)
    create_table_artifact(
        key=f"watch-findings-{key}",
        table=page.rows(watched) or [{"since": "", "what": "Nothing found."}],
        description=page.summary(watched),
    )
    create_markdown_artifact(
        key=f"watch-changes-{key}", markdown=page.changes(watched), description=f"What changed in **{catalog}**"
    )
    create_markdown_artifact(
        key=f"watch-trend-{key}",
        markdown=page.trend(watched),
        description=f"The last runs of the watch on **{catalog}**",
    )
    if not verdict.worse:
        return
    emit_event(
        WORSE,
        resource={"prefect.resource.id": f"earthcode.catalog.{key}", "prefect.resource.name": watched.catalog},
        payload={
            **verdict.model_dump(mode="json"),
            "verdict": str(verdict),
            "run": str(flow_run.id),
            "findings": [str(found) for found in watched.findings[:_TOLD]],
        },
    )


class _Bar:
    """Moves a progress artifact from one percentage to another, at most once in three seconds."""

    def __init__(self, artifact: UUID, low: float, high: float, what: str) -> None:
        self._artifact = artifact
        self._low = low
        self._high = high
        self._what = what
        self._next = 0.0

    def __call__(self, done: int, of: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _PAUSE
        percent = self._low + (self._high - self._low) * done / max(1, of)
        update_progress_artifact(self._artifact, round(percent, 1), f"{done} of {of} {self._what}")
