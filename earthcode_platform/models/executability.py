"""Whether a workflow or an experiment of a catalog can be executed here, judged by its metadata alone."""

from collections import Counter
from enum import StrEnum
from typing import Final, Literal

from earthcode_platform.models.catalog_code import CodeForm, InputForm, Pin
from earthcode_platform.models.catalog_record import RecordKind
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.shown import Shown

__all__ = [
    "MEANINGS",
    "EntryPoint",
    "Executability",
    "ExecutabilityReport",
    "ReportedInput",
    "ReportedParameter",
    "Runtime",
    "Technology",
    "Verdict",
]


class Technology(StrEnum):
    """What a workflow is written in, as its record tells."""

    OPENEO = "openeo"
    """openEO process graph."""
    CWL = "cwl"
    """CWL application package."""
    NOTEBOOK = "notebook"
    """Jupyter notebook."""
    MLFLOW = "mlflow"
    """MLflow model."""
    ARGO = "argo"
    """Argo workflow."""
    SCRIPT = "script"
    """A script of some programming language."""
    NONE = "none"
    """Nothing that the record names could be started."""


class Verdict(StrEnum):
    """The answer."""

    RUNNABLE = "runnable"
    """An engine here runs it, and the catalog names all it takes: the file, what fixes it, and what it is given.

    Of a workflow no inputs are asked: its experiments have them.
    """
    AFTER_MENDING = "after-mending"
    """An engine here runs its kind, but something must be added to the record first."""
    NO_ENGINE = "no-engine"
    """The record names something to start, of a kind that no engine here runs."""
    NOT_EXECUTABLE = "not-executable"
    """The record names nothing that could be started: a repository, a package or a page, but no file of a kind."""


MEANINGS: Final = {
    Verdict.RUNNABLE: "an engine here runs it, and the catalog names all it takes",
    Verdict.AFTER_MENDING: "an engine here runs its kind, but something must be added to its record first",
    Verdict.NO_ENGINE: "it names something to start, of a kind that no engine here runs",
    Verdict.NOT_EXECUTABLE: "it names nothing that could be started: a repository, a package or a page at most",
}
"""The verdicts in words."""


class EntryPoint(Frozen):
    """What would be started."""

    href: Shown
    """Address of it, or the nearest to it that the record names; empty if it names nothing."""
    form: CodeForm | None
    """What the address leads to."""
    pin: Pin
    """What fixes its bytes."""
    reference: Shown = ""
    """Commit, tag or branch."""
    path: Shown = ""
    """Path inside the repository."""
    named_by: str = ""
    """`workflow` if an experiment leaves it to its workflow to name it; empty otherwise."""


class Runtime(Frozen):
    """What it needs around it."""

    container: bool | None
    """Whether it says that it runs in a container; None if it says nothing."""
    images: tuple[Shown, ...]
    """Container images that it names."""
    environment: Shown
    """Address or path of the environment; empty if none is named."""
    environment_form: InputForm | None
    """What that is."""
    environment_pin: Pin
    """What fixes it."""
    kernel: Shown
    """Name of a notebook's kernel."""
    python_version: Shown
    """Version of Python."""
    languages: tuple[Shown, ...]
    """Programming languages."""
    backends: tuple[Shown, ...]
    """openEO back-ends."""
    platforms: tuple[Shown, ...]
    """Platforms it was made on."""


class ReportedParameter(Frozen):
    """A parameter."""

    name: Shown
    """Its name."""
    has_value: bool
    """Whether the record gives its value."""
    has_schema: bool
    """Whether something says which values it takes."""


class ReportedInput(Frozen):
    """Something that it is given."""

    name: Shown
    """Its name."""
    href: Shown
    """Address, or path inside the catalog."""
    form: InputForm
    """What it is."""


class Executability(Frozen):
    """The answer for one workflow or experiment."""

    id: Shown
    """Its id."""
    record: Literal[RecordKind.WORKFLOW, RecordKind.EXPERIMENT]
    """Which of the two it is."""
    path: Shown
    """Path of its file inside the catalog."""
    title: Shown
    """Title."""
    verdict: Verdict
    """The answer."""
    kind: Technology
    """What it is written in."""
    entry: EntryPoint
    """What would be started."""
    pinned: bool
    """Whether a checksum, a commit or a deposit fixes what would be started."""
    runtime: Runtime
    """What it needs around it."""
    parameters: tuple[ReportedParameter, ...]
    """Its parameters."""
    inputs: tuple[ReportedInput, ...]
    """What it is given."""
    credentials: tuple[Shown, ...]
    """What one must have to run it, one sentence each."""
    missing: tuple[Shown, ...]
    """What must be added or mended, one sentence each."""
    quirks: tuple[Shown, ...]
    """What had to be put into another form to be read."""


class ExecutabilityReport(Frozen):
    """The answer for several. Only the catalog's own files were read; nothing was fetched."""

    engines: tuple[str, ...]
    """Kinds of workflow that an engine here runs."""
    records: tuple[Executability, ...]
    """The answers: workflows first, each by id."""
    unread: tuple[Shown, ...] = ()
    """Entries of the catalog that were not looked at because they cannot be read, each with the reason."""

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many have each verdict."""
        counted = Counter(one.verdict for one in self.records)
        return {verdict: counted[verdict] for verdict in Verdict}
