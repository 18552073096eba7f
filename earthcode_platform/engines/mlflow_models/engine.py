"""The engine: MLflow models, applied to lazy cubes block by block in a process of their own."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import earthcode_platform
from earthcode_platform.engines.mlflow_models.choices import PARAMETERS
from earthcode_platform.engines.mlflow_models.document import read_model
from earthcode_platform.errors import ExecutionError, RefusedError, UnavailableError
from earthcode_platform.isolation.limits import Isolation, Limits
from earthcode_platform.models.run import EngineUsed, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.engines.mlflow_models.check import Examined
    from earthcode_platform.engines.mlflow_models.inference import Inference
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
    from earthcode_platform.models.workflow import Parameter

__all__ = ["ModelEngine"]

if find_spec("mlflow") is None:
    raise ImportError("mlflow is not installed", name="mlflow")  # which the registry turns into words

_LIBRARIES: Final = ("mlflow-skinny", "numpy", "pandas", "xarray", "dask", "rasterio")
_OF_FLAVORS: Final = {"sklearn": ("scikit-learn",), "onnx": ("onnxruntime", "onnx")}
_LOADED: Final = 0.05
"""Share of the progress at which the model is asked for its first block."""
_PREDICTED: Final = 0.9
"""Share of the progress at which every block is answered."""
_WRITTEN: Final = 0.95
"""Share of the progress at which files are written and read back."""


class ModelEngine:
    """Runs MLflow models that have the flavour python_function: each pixel of the input is a row, each band a column.

    Args:
        progress: Where to report how far it is; nowhere if None.
        limits: What the model's process may use.
        least: How little isolation is accepted where the machine cannot do more.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"mlflow"})

    def __init__(
        self,
        progress: Progress | None = None,
        limits: Limits | None = None,
        least: Isolation = Isolation.NAMESPACES,
    ) -> None:
        self._progress = progress
        self._limits = limits or Limits(seconds=6 * 3600)
        self._least = least

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return what every model takes (the input `data`, the choice of bands) and what this one declares."""
        signature = read_model(workflow).signature
        return (*PARAMETERS, *signature.parameters) if signature is not None else ()

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return everything that is wrong with the model and its use of the inputs; nothing of it is loaded.

        Codes of its form: `workflow-not-readable`, `-not-yaml`, `-not-a-model`, `-no-pyfunc`, `-no-signature`,
        `-bad-signature`, `-tensor-shape`, `-output-type`. Of its files: `-missing-file`, `-undeclared-file`,
        `-outside-folder`, `-too-large`. Of what would run it: `-python-version`, `-unknown-loader`, `-package-missing`,
        `-package-version`, `-requirement-unread`. Of its input: `-unknown-band`, `-column-type`, `-band-count`,
        `-half-mask`, `-unknown-output`, `-reserved-parameter`, `-unusable-input`, `-unwritable`.
        """
        return self._examined(workflow, inputs, experiment).findings

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Apply the model and write `result/<product id>` and `quicklook.png` below `workspace`.

        Raises:
            RefusedError: The model is wrong, or does not fit its input; see `check`.
            IntegrityError: A file of the model, or a STAC document, changed after it was pinned.
            ExecutionError: The model failed, or used more than it may.
            NotIsolatedError: This machine cannot isolate it, and less is not accepted.
            UnavailableError: Remote data did not answer; the same run may succeed later.
        """
        from earthcode_platform.cubes.outcome import write_results
        from earthcode_platform.cubes.quicklook import draw_quicklook
        from earthcode_platform.engines.mlflow_models.describing import describe_model

        started = datetime.now(UTC)
        self._report(0.0, "checking the model")
        examined = self._examined(pinned.workflow, pinned.inputs, pinned.experiment)
        RefusedError.if_any(examined.findings, where=pinned.experiment.id)
        picture, signature = examined.picture, examined.model.signature
        if picture is None or signature is None:
            raise UnavailableError("the input did not answer.", where=pinned.experiment.id, remedy="Try again.")
        with self._inference(pinned, workspace) as inference:
            self._report(_LOADED, "loading the model")
            cube = picture.filled(_reading(inference, examined, pinned))
        self._report(_PREDICTED, "writing")
        files = write_results([cube], pinned, workspace / "result")
        self._report(_WRITTEN, "drawing the quicklook")
        quicklook = workspace / "quicklook.png"
        draw_quicklook(cube, quicklook, pinned.experiment.product.title)
        self._report(1.0, "done")
        title = pinned.experiment.workflow.title
        return RunResult(
            experiment=pinned.experiment.id,
            fingerprint=pinned.fingerprint,
            engine=_engine_used(examined.model.flavor, inference.isolation),
            started=started,
            finished=datetime.now(UTC),
            files=files,
            quicklook=str(quicklook.absolute()),
            model=describe_model(examined.model, signature, picture.choices, inference.facts, title),
        )

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)

    def _examined(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None
    ) -> Examined:
        from earthcode_platform.engines.mlflow_models.check import examine

        return examine(workflow, inputs, experiment, self._limits.memory_bytes)

    @contextmanager
    def _inference(self, pinned: PinnedExperiment, workspace: Path) -> Iterator[Inference]:
        """Lay out the model's files, each held against its checksum, and take everything away again."""
        from earthcode_platform.engines.mlflow_models.inference import Inference
        from earthcode_platform.provenance.staging import stage_workflow

        workspace.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".model-", dir=workspace.resolve()))
        try:
            entry = stage_workflow(pinned.workflow, folder / "staged")
            (folder / "exchange").mkdir()
            yield Inference(entry.parent, folder / "exchange", self._limits, self._least, self._predicted)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _predicted(self, fraction: float) -> None:
        self._report(_LOADED + (_PREDICTED - _LOADED) * fraction, "predicting")


def _reading(inference: Inference, examined: Examined, pinned: PinnedExperiment) -> NDArray[Any]:
    """Apply the model, and tell files that cannot be read from a model that fails."""
    from rasterio.errors import RasterioError

    if examined.picture is None or examined.model.signature is None:
        raise AssertionError
    try:
        return inference.apply(examined.picture, examined.model.signature)
    except RasterioError as error:
        remote = any("://" in asset.href for entry in pinned.inputs for asset in entry.assets)
        kind = UnavailableError if remote else ExecutionError
        raise kind(
            f"reading the data failed: {error}.", where=pinned.experiment.id, remedy="Check the files; try again."
        ) from error


def _engine_used(flavor: str, isolation: Isolation) -> EngineUsed:
    from importlib.metadata import version

    import rasterio

    libraries = {name: version(name) for name in (*_LIBRARIES, *_OF_FLAVORS.get(flavor, ()))}
    return EngineUsed(
        name="mlflow",
        version=earthcode_platform.__version__,
        libraries={**libraries, "gdal": rasterio.__gdal_version__},
        isolation=isolation.value,
    )
