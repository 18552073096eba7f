"""What is missing before a workflow or an experiment can be executed, in sentences that say what to do."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.models.catalog_code import CodeForm, InputForm, Pin
from earthcode_platform.models.catalog_record import ExperimentRecord
from earthcode_platform.models.executability import EntryPoint, ReportedInput, Runtime, Technology

__all__ = [
    "FIXED",
    "backend_shortcoming",
    "engine_shortcoming",
    "entry_shortcomings",
    "environment_shortcomings",
    "input_shortcomings",
]

FIXED: Final = (Pin.DIGEST, Pin.COMMIT, Pin.DEPOSIT)
"""What fixes bytes for good."""

_NAMES: Final = {
    Technology.OPENEO: "openEO process graphs",
    Technology.CWL: "CWL application packages",
    Technology.NOTEBOOK: "Jupyter notebooks",
    Technology.MLFLOW: "MLflow models",
    Technology.ARGO: "Argo workflows",
    Technology.SCRIPT: "plain scripts",
}
_FILES: Final = {
    Technology.OPENEO: "the process graph (.json)",
    Technology.CWL: "the package (.cwl)",
    Technology.NOTEBOOK: "the notebook (.ipynb)",
    Technology.MLFLOW: "the model (MLmodel)",
    Technology.ARGO: "the workflow (.yml)",
}
_NEEDS_ENVIRONMENT: Final = (Technology.NOTEBOOK, Technology.SCRIPT)
"""Kinds whose file does not say what it runs in."""
_FORMS: Final = {
    CodeForm.FOLDER: "a folder",
    CodeForm.REPOSITORY: "a whole repository",
    CodeForm.ARCHIVE: "a packed archive",
    CodeForm.LANDING_PAGE: "a page about a deposit",
    CodeForm.PAGE: "a page",
}
_NO_INPUT: Final = {
    InputForm.EMPTY: "is empty: write down the parameters and the input data with their values",
    InputForm.MISSING: "does not exist in the catalog: add the file, or mend the link",
    InputForm.COMMENT: "holds a comment and nothing else: write down the parameters and the input data",
    InputForm.UNREADABLE: "is no YAML mapping: mend it",
    InputForm.REPOSITORY: "is a repository of code: link a file with the parameters and the input data instead",
    InputForm.LANDING_PAGE: "is a page about a deposit: link the data themselves, best a STAC document",
    InputForm.PAGE: "is a page for people: link a file with the parameters and the input data instead",
}
_NO_ENVIRONMENT: Final = {
    InputForm.EMPTY: "is empty: write down what it ran on",
    InputForm.MISSING: "does not exist in the catalog: add the file, or mend the link",
    InputForm.COMMENT: "holds a comment and nothing else: name packages with versions, or an image with its digest",
    InputForm.UNREADABLE: "is no YAML mapping: mend it",
    InputForm.REPOSITORY: "is a repository of code: link the environment file in it, at a commit",
    InputForm.LANDING_PAGE: "is a page about a deposit: link the environment file itself",
    InputForm.PAGE: "is a page for people: link the environment file itself",
}


def entry_shortcomings(kind: Technology, entry: EntryPoint) -> Iterator[str]:
    """Yield what is missing of what would be started."""
    who = "Its workflow" if entry.named_by else "It"
    if not entry.href:
        yield f"{who} names nothing to start: link its file with the relation 'application' and the media type of it."
        return
    if kind is Technology.NONE and entry.form is CodeForm.FILE:
        yield f"{who} does not say what {entry.href} is: give its link the media type and application:type of the file."
        return
    if kind is Technology.NONE:
        what = _FORMS[entry.form or CodeForm.PAGE]
        yield (
            f"{who} names {what} ({entry.href}) and nothing to start in it: link the file "
            "to start, at a commit, with the relation 'application', its media type and application:type."
        )
        return
    if entry.form is not CodeForm.FILE:
        folder = entry.form is CodeForm.FOLDER and entry.path
        what = f"the folder {entry.path}" if folder else _FORMS[entry.form or CodeForm.PAGE]
        yield f"Its entry point {entry.href} is {what}: name {_FILES.get(kind, 'the file')} in it."
    if entry.pin not in FIXED:
        yield _unpinned(entry)


def engine_shortcoming(kind: Technology, engines: frozenset[str], runtime: Runtime) -> Iterator[str]:
    """Yield that no engine here runs a kind, if none does."""
    if kind is not Technology.NONE and kind.value not in engines:
        known = ", ".join(sorted(engines)) or "none"
        where = f" ({', '.join(runtime.platforms)})" if runtime.platforms else ""
        yield (
            f"No engine here runs {_NAMES[kind]} (there are: {known}): run it where it was made{where}, or install an "
            "engine for it."
        )


def environment_shortcomings(kind: Technology, runtime: Runtime) -> Iterator[str]:
    """Yield what is missing of what it runs in. A CWL package and a process graph say or need nothing besides."""
    if runtime.environment_form in _NO_ENVIRONMENT:
        yield f"Its environment {runtime.environment} {_NO_ENVIRONMENT[runtime.environment_form]}."
        return
    if kind not in _NEEDS_ENVIRONMENT:
        return
    if runtime.images:
        loose = [image for image in runtime.images if "@sha256:" not in image]
        if loose:
            yield f"The container image {loose[0]} may change: name it with its digest (@sha256:…)."
    elif not runtime.environment:
        says = " It says that it runs in a container, but names no image." if runtime.container else ""
        yield f"Nothing says what it runs in: name an image with its digest, or an environment file.{says}"
    elif runtime.environment_form is InputForm.FILE and runtime.environment_pin not in FIXED:
        yield f"Its environment {runtime.environment} may change: name a commit in its address."


def input_shortcomings(kind: Technology, record: ExperimentRecord, inputs: tuple[ReportedInput, ...]) -> Iterator[str]:
    """Yield what is missing of what an experiment was given."""
    if not inputs:
        yield "It has no 'input' link: write an input.yaml with its parameters and its input data, and link it."
    for given in inputs:
        if given.form in _NO_INPUT:
            yield f"Its input {given.href} {_NO_INPUT[given.form]}."
        elif any(given.href == f"products/{product}/collection.json" for product in record.products):
            yield f"Its input {given.href} is its own product: name what that was computed from."
    has_file = any(given.form is InputForm.PARAMETERS for given in inputs)
    if has_file and not record.parameters_declared:
        yield "Its input file has no 'parameters': write their names and values, or an empty list if there are none."
    if has_file and kind is not Technology.OPENEO and not _names_data(record, inputs):
        # A process graph says itself what it loads.
        yield "Nothing names the data that it reads: add them to its input file by address, best as STAC documents."
    for parameter in record.parameters:
        if not parameter.has_value:
            yield f"The parameter {parameter.name!r} has no value."


def backend_shortcoming(kind: Technology, runtime: Runtime) -> Iterator[str]:
    """Yield that a process graph was made for the collections of another back-end, if it was."""
    if kind is Technology.OPENEO and runtime.backends:
        yield (
            f"It is made for the collections and processes of {runtime.backends[0]}: run it there, or give it STAC "
            "inputs that can be read from here (load_stac)."
        )


def _names_data(record: ExperimentRecord, inputs: tuple[ReportedInput, ...]) -> bool:
    named = any(given.form in (InputForm.STAC, InputForm.FILE) for given in inputs)
    return named or any("://" in str(parameter.value) for parameter in record.parameters)


def _unpinned(entry: EntryPoint) -> str:
    whose = "of its workflow " if entry.named_by else ""
    if entry.pin is Pin.BRANCH:
        return f"The code {whose}is at the branch {entry.reference!r}, which moves: name a commit in its address."
    if entry.pin is Pin.TAG:
        return f"The code {whose}is at the tag {entry.reference!r}, which can be moved: name a commit in its address."
    return f"Nothing fixes the code {whose}at {entry.href}: name a commit in its address, or add file:checksum."
