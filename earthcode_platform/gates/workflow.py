"""Can the engine run the workflow, and are its files still those that were pinned?"""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from earthcode_platform import checksums
from earthcode_platform.errors import MissingExtraError, UnknownNameError
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment

if TYPE_CHECKING:
    from earthcode_platform.engines.contract import Engine

__all__ = ["check", "no_engine"]

_SUFFIXES: Final = {
    WorkflowKind.OPENEO: (".json",),
    WorkflowKind.CWL: (".cwl", ".yaml", ".yml", ".json"),
    WorkflowKind.NOTEBOOK: (".ipynb",),
}
"""How files of a kind end; a kind that is not here is no single file with a suffix."""


def check(pinned: PinnedExperiment, engine: "Engine") -> Iterator[Finding]:
    """Yield what is wrong with the workflow's file and with what is in it.

    Args:
        pinned: The experiment.
        engine: The engine that would run it.
    """
    entry, kind = pinned.experiment.workflow.entry, pinned.workflow.kind
    if kind not in engine.kinds:
        message = f"the engine runs {', '.join(sorted(engine.kinds))}, but the workflow is of the kind {kind.value!r}."
        yield _found("other-kind", Severity.ERROR, "workflow.kind", message, "Take the engine of that kind.")
        return
    suffixes = _SUFFIXES.get(kind, ())
    if suffixes and PurePath(entry).suffix.lower() not in suffixes:
        message = f"{entry!r} does not end as a workflow of the kind {kind.value!r} does ({', '.join(suffixes)})."
        yield _found("suffix", Severity.WARNING, "workflow.entry", message, "Check the kind, or rename the file.")
    changed = list(_changed(pinned))
    yield from changed or engine.check(pinned.workflow, pinned.inputs, pinned.experiment)


def no_engine(error: UnknownNameError | MissingExtraError) -> Finding:
    """Return the finding for a workflow that no engine of this installation runs, from the registry's error."""
    return _found("no-engine", Severity.ERROR, "workflow.kind", error.message, error.remedy)


def _found(code: str, severity: Severity, key: str, message: str, remedy: str) -> Finding:
    where = f"experiment.yaml: {key}"
    return Finding(code=f"workflow-{code}", severity=severity, where=where, message=message, remedy=remedy)


def _changed(pinned: PinnedExperiment) -> Iterator[Finding]:
    yield from _altered("workflow.entry", pinned.workflow.path, pinned.workflow.checksum)
    for file in pinned.workflow.files:
        yield from _altered("workflow.files", file.path, file.checksum)


def _altered(key: str, path: str, wanted: str) -> Iterator[Finding]:
    remedy = "Develop the experiment again, so that what is checked is what runs."
    try:
        checksum = checksums.of_file(Path(path))
    except OSError as error:
        message = f"{path!r} was pinned, but cannot be read now: {error.strerror}."
        yield _found("gone", Severity.ERROR, key, message, remedy)
        return
    if checksum != wanted:
        message = f"{path!r} has the checksum {checksum}, but {wanted} was pinned."
        yield _found("changed", Severity.ERROR, key, message, remedy)
