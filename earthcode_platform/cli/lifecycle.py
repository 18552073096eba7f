"""The five stages in a row, without a server: the library's functions, composed."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.vocabulary import vocabulary
from earthcode_platform.cli.checking import Asked, checked, develop, examine, validate, weigh
from earthcode_platform.cubes.streaming.product import FOLDER
from earthcode_platform.engines.registry import engine_with
from earthcode_platform.errors import InputError, RefusedError
from earthcode_platform.isolation.limits import Isolation
from earthcode_platform.models.checked import Checked
from earthcode_platform.models.gate_report import GateReport
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.platform import Vocabulary
from earthcode_platform.models.policy import Policy
from earthcode_platform.models.product import Product, Publication
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.costs import Meter
from earthcode_platform.provenance.outcome import Outcome
from earthcode_platform.provenance.resuming import forget, resuming
from earthcode_platform.provenance.workspace import Workspace
from earthcode_platform.reports.attaching import attach
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore

__all__ = ["Lifecycle", "Told", "check"]

Told = Callable[[str], None]
"""Who is told what is going on."""


def check(asked: Asked, catalog: str | None, policy: Policy | None = None) -> GateReport:
    """Develop and validate an experiment, and leave nothing behind; return what the gates say.

    Args:
        asked: The experiment.
        catalog: Path or URL of the catalog to hold it against; None for no catalog.
        policy: What the gates let pass; errors refuse if left out.

    Raises:
        EarthCodeError: The folder declares no experiment, or something that was passed cannot be used.
    """
    developed = develop(asked)
    with tempfile.TemporaryDirectory(prefix="earthcode-") as scratch:
        known = None if catalog is None else vocabulary(CatalogRepository(catalog, Path(scratch)).read())
    weighed = weigh(developed, validate(developed, known), policy or Policy())
    return GateReport(experiment=developed.experiment.id, findings=weighed.findings, waived=weighed.waived)


class Lifecycle:
    """Takes experiments from their folder to a published product.

    Args:
        workspace: Folder for `archive/`, `runs/` and, unless another catalog is named, `catalog.git`. It is touched
            only once the gates have let an experiment through.
        catalog: Path or URL of the catalog's repository; it gets a branch for each product, which is not merged.
        told: Who is told what is going on.
        least: How little isolation is accepted for programs of the workflow, where this machine can do no more.
        policy: What the gates let pass; errors refuse if left out.
    """

    def __init__(
        self,
        workspace: Path,
        catalog: str | None,
        told: Told,
        least: Isolation = Isolation.NAMESPACES,
        policy: Policy | None = None,
    ) -> None:
        self.seconds: dict[str, float] = {}
        """How long each stage took."""
        self._workspace = workspace.absolute()
        self._catalog = catalog
        self._told = told
        self._least = least
        self._policy = policy or Policy()
        self._tenths = 0

    def run(self, asked: Asked) -> Outcome:
        """Go through all five stages.

        Raises:
            RefusedError: A gate refused the experiment.
            EarthCodeError: A stage failed; what it had begun is gone.
        """
        with tempfile.TemporaryDirectory(prefix="earthcode-") as scratch:
            pinned, before = self._pinned(asked, Path(scratch))
            folder = self._opened(pinned)
            with self._stage("execute"):
                pinned, run = self._executed(pinned, before, folder)
                folder.save(pinned)
                folder.save(run)
            with self._stage("archive"):
                product = archive(pinned, run, DirectoryStore(self._workspace / "archive"), folder.path)
                folder.save(product)
            with self._stage("publish"):
                publication = self._published(pinned, run, product, Path(scratch))
                folder.save(publication)
        return Outcome.of(folder.path, product, publication)

    def _executed(
        self, pinned: PinnedExperiment, before: Checked, folder: Workspace
    ) -> tuple[PinnedExperiment, RunResult]:
        """Run the workflow, let its product through the gate, and attach the report."""
        meter = Meter()
        engine = engine_with(pinned.workflow.kind, {"progress": self._progress, "least": self._least})
        forget(folder.path.parent, FOLDER)
        with resuming(folder.path, FOLDER) as left:
            if left is not None:
                self._told(f"going on with the blocks that the run in {left} finished")
            run = engine.run(pinned, folder.path)
        run = run.model_copy(update={"costs": meter.read()})
        after = examine(pinned, run, self._policy)
        RefusedError.if_any(after.findings, where=pinned.experiment.product.id)
        pinned = pinned.model_copy(update={"waived": (*pinned.waived, *after.waived)})
        return pinned, attach(pinned, run, (before, after), folder.path).run

    def _pinned(self, asked: Asked, scratch: Path) -> tuple[PinnedExperiment, Checked]:
        with self._stage("develop"):
            developed = develop(asked)
        with self._stage("validate"):
            found = checked(developed, self._vocabulary(scratch))
            weighed = weigh(developed, found.findings, self._policy)
            RefusedError.if_any(weighed.findings, where=str(asked.folder))
        if developed.pinned is None:
            raise RefusedError(developed.refused, where=str(asked.folder))
        said = Checked(findings=weighed.findings, quality=found.quality)
        return developed.pinned.model_copy(update={"waived": weighed.waived}), said

    def _vocabulary(self, scratch: Path) -> Vocabulary:
        """Return the ids of the catalog; the embedded one is made only when something is published in it."""
        if self._catalog is not None or self._own.exists():
            return vocabulary(self._repository(scratch).read())
        return vocabulary(Catalog(seed_files()))

    @property
    def _own(self) -> Path:
        return self._workspace / "catalog.git"

    def _repository(self, scratch: Path) -> CatalogRepository:
        if self._catalog is not None:
            return CatalogRepository(self._catalog, scratch / "cache")
        return CatalogRepository(str(self._own), scratch / "cache", merges=True)

    def _opened(self, pinned: PinnedExperiment) -> Workspace:
        folder = Workspace(
            self._workspace / "runs" / f"{pinned.experiment.id}-{pinned.fingerprint[:12]}-{uuid4().hex[:8]}"
        )
        try:
            folder.save(pinned)
        except OSError as error:
            raise InputError(
                f"nothing can be written below {str(self._workspace)!r}: {error.strerror}.",
                where="--workspace",
                remedy="Name a folder that you may write to.",
            ) from error
        return folder

    def _published(self, pinned: PinnedExperiment, run: RunResult, product: Product, scratch: Path) -> Publication:
        if self._catalog is None:
            create_catalog(self._own)
        return publish(self._repository(scratch), pinned, run, product)

    def _progress(self, fraction: float, step: str) -> None:
        """Tell of every tenth of the way; an engine may report every block."""
        tenth = int(fraction * 10)
        if tenth > self._tenths:
            self._tenths = tenth
            self._told(f"execute  {fraction:4.0%} {step}")

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 3)
        self._told(f"{name:<8} {self.seconds[name]:.1f} s")
