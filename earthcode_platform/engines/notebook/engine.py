"""The engine: Jupyter notebooks, by papermill, isolated."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import earthcode_platform
from earthcode_platform.engines.notebook.document import Document, read_document
from earthcode_platform.errors import ExecutionError, RefusedError
from earthcode_platform.isolation.limits import Isolation, Limits
from earthcode_platform.models.run import EngineUsed, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.engines.notebook.job import Scrap, Step
    from earthcode_platform.engines.notebook.running import Ran
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
    from earthcode_platform.models.run import ProducedFile
    from earthcode_platform.models.workflow import Parameter

__all__ = ["NotebookEngine"]

_NEEDED: Final = ("papermill", "ipykernel", "nbformat", "nbclient", "nbconvert")
for _module in _NEEDED:
    if find_spec(_module) is None:
        # The registry turns it into the name of the extra that brings them.
        raise ImportError(f"no module named {_module!r}", name=_module)

_STAGED: Final = 0.02
"""Share of the progress at which everything lies in place."""
_RAN: Final = 0.92
"""Share of the progress at which the last cell has run."""
_LIMITS: Final = Limits(seconds=6 * 3600, processes=512)
_WITHOUT_PARAMETERS: Final = ("workflow-no-parameters", "workflow-parameters-not-code", "workflow-empty")
"""Findings beside which every value would be one for nothing."""
_QUICKLOOK: Final = "quicklook"
"""The scrap that is the quicklook, unless the notebook names another."""


class NotebookEngine:
    """Runs Jupyter notebooks in Python, each in a kernel that sees nothing but its inputs.

    Args:
        progress: Where to report how far it is; nowhere if None.
        limits: What a notebook may use; it can declare less.
        cell_seconds: Seconds that one cell may take; as long as the whole if None.
        least: How little isolation is accepted where the machine cannot do more.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"notebook"})

    def __init__(
        self,
        progress: Progress | None = None,
        limits: Limits = _LIMITS,
        cell_seconds: int | None = None,
        least: Isolation = Isolation.NAMESPACES,
    ) -> None:
        self._progress = progress
        self._limits = limits
        self._cell_seconds = cell_seconds
        self._least = least

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return what the cell tagged `parameters` assigns, but for `output_folder`, which the platform gives.

        Empty if the notebook cannot be read.
        """
        return read_document(Path(workflow.path)).parameters

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return everything that is wrong with the notebook; no cell is run and nothing is imported for it.

        Codes of the form: `workflow-not-readable`, `-not-json`, `-not-a-notebook`, `-old-notebook`, `-too-large`,
        `-duplicate-cell-id`, `-bad-metadata`, `-empty`. Of what it needs: `-no-kernel`, `-other-language`,
        `-other-python`, `-requirement-missing`, `-requirement-unknown`, `-requirement-differs`, `-bad-requirement`,
        `-module-missing`, `-needs-network`, `-uses-network`. Of its parameters: `-no-parameters`,
        `-many-parameters`, `-parameters-not-code`, `-duplicate-parameter`, `-no-output-folder`, `-unused-output`,
        `-unused-input`, `-parameter-overwritten`, `-used-too-early`. Of its cells: `-syntax-error`, `-installs`,
        `-shell`, `-asks`, `-foreign-path`, `-credential`. Of its outputs: `-output-twice`, `-other-format`,
        `-no-quicklook`.
        """
        from earthcode_platform.engines.notebook.check import examine

        return examine(read_document(Path(workflow.path)), workflow, inputs, experiment)

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Run the notebook and write its outputs below `workspace/result`, with the executed notebook and its page.

        Raises:
            RefusedError: The notebook, or a value for it, is wrong; see `check`.
            IntegrityError: A file changed after it was pinned.
            ExecutionError: A cell failed, a limit ended it, or its outputs are not as declared.
            NotIsolatedError: This machine cannot isolate it.
            UnavailableError: A STAC document could not be had; the same run may succeed later.
        """
        from earthcode_platform.provenance.staging import require_workflow

        started = datetime.now(UTC)
        require_workflow(pinned.workflow)
        document = self.require(pinned)
        self._report(0.0, "laying out the inputs")
        ran = self._ran(document, pinned, workspace)
        self._report(_RAN, "collecting the outputs")
        return self._collected(document, pinned, ran, workspace, started)

    def require(self, pinned: PinnedExperiment) -> Document:
        """Return the notebook of an experiment, if it and the values for it are right.

        Raises:
            RefusedError: They are not; it carries all findings.
        """
        from earthcode_platform.engines.notebook.check import examine
        from earthcode_platform.engines.notebook.values import unfit

        document = read_document(Path(pinned.workflow.path))
        findings = examine(document, pinned.workflow, pinned.inputs, pinned.experiment)
        if document.content and not any(found.code in _WITHOUT_PARAMETERS for found in findings):
            names = [entry.name for entry in pinned.inputs]
            findings += unfit(document, names, pinned.experiment.configuration)
        RefusedError.if_any(findings, where=pinned.experiment.id)
        return document

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)

    def _step(self, step: Step) -> None:
        done = _STAGED + (_RAN - _STAGED) * (step.cell - 1) / max(1, step.of)
        heading = f": {step.heading}" if step.heading else ""
        self._report(min(done, _RAN), f"cell {step.cell} of {step.of}{heading}")

    def _ran(self, document: Document, pinned: PinnedExperiment, workspace: Path) -> Ran:
        from earthcode_platform.engines.notebook.running import Running, limits_of

        limits = limits_of(document, self._limits)
        longest = self._cell_seconds or int(limits.seconds)
        cell_seconds = min(longest, document.declared.cell_seconds or longest)
        return Running(pinned, document, limits, cell_seconds, self._least).run(workspace / "notebook", self._step)

    def _collected(
        self, document: Document, pinned: PinnedExperiment, ran: Ran, workspace: Path, started: datetime
    ) -> RunResult:
        from earthcode_platform.engines.notebook.collecting import attach, attach_scraps, collect
        from earthcode_platform.engines.notebook.describing import describe_outputs

        folder = workspace / "result"
        outputs = collect(document.declared, pinned.experiment.product, ran.output, folder)
        files, others = describe_outputs(outputs, pinned)
        quicklook = document.declared.quicklook or _QUICKLOOK
        picture = self._quicklook(document, ran.outcome.scraps, files, pinned, folder)
        kept = [
            attach(ran.executed.replace(folder / ran.executed.name), "notebook", "The notebook as it ran"),
            attach(
                ran.page.replace(folder / ran.page.name), "report", "The notebook as it ran, to read", ("overview",)
            ),
        ]
        attached = [*kept, *others, *attach_scraps(ran.outcome.scraps, {quicklook}, folder)]
        self._report(1.0, "done")
        return RunResult(
            experiment=pinned.experiment.id,
            fingerprint=pinned.fingerprint,
            engine=_engine_used(document, ran),
            started=started,
            finished=datetime.now(UTC),
            files=files,
            quicklook=str(picture.absolute()),
            attached=tuple(attached),
        )

    def _quicklook(
        self,
        document: Document,
        scraps: Iterable[Scrap],
        files: Sequence[ProducedFile],
        pinned: PinnedExperiment,
        folder: Path,
    ) -> Path:
        """Write the figure that the notebook names, or else draw its first file."""
        from earthcode_platform.cubes.produced import draw_produced
        from earthcode_platform.engines.notebook.collecting import figure_of

        wanted = document.declared.quicklook
        path = folder / "quicklook.png"
        named = next((each for each in scraps if each.name == (wanted or _QUICKLOOK) and each.figure), None)
        if named is not None:
            path.write_bytes(figure_of(named))
        elif wanted is not None:
            raise ExecutionError(
                f"no cell displayed a figure of the name {wanted!r}.",
                where=document.name,
                remedy="Display one, or take quicklook out of metadata.earthcode.",
            )
        else:
            draw_produced(Path(files[0].path), path, pinned.experiment.product.title, files[0].start)
        return path


def _engine_used(document: Document, ran: Ran) -> EngineUsed:
    from importlib.metadata import version

    from earthcode_platform.engines.notebook.modules import imported_packages

    libraries = {name: version(name) for name in _NEEDED} | imported_packages(document.cells)
    return EngineUsed(
        name="notebook",
        version=earthcode_platform.__version__,
        libraries=libraries | ran.outcome.kernel,
        isolation=ran.isolation.value,
    )
