"""Reading `experiment.yaml`: everything that is wrong with it at once, each with its line and its remedy."""

import json
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Final

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.document import Document, parse
from earthcode_platform.experiments.overrides import override
from earthcode_platform.experiments.wording import Problem, shown, worded
from earthcode_platform.models.experiment import Experiment

__all__ = ["FILE_NAME", "MAX_BYTES", "lines_of", "read_declared", "read_experiment"]

FILE_NAME: Final = "experiment.yaml"
"""The name of the file in an experiment's folder."""

MAX_BYTES: Final = 1024 * 1024
"""The largest file that is read; an experiment takes about one thousandth of it."""


def read_declared(folder: Path, inputs: Mapping[str, str], configuration: Mapping[str, JsonValue]) -> Experiment:
    """Return the experiment that `folder` declares, with other inputs and values for one run.

    Raises:
        RefusedError: As `read_experiment`.
        UnknownNameError: The experiment declares no input or value of a name.
        InputError: A href of `inputs` cannot be used.
    """
    return override(read_experiment(folder), inputs, configuration)


def read_experiment(folder: Path) -> Experiment:
    """Return the experiment that `folder` declares.

    Args:
        folder: The experiment's folder, or the path of its `experiment.yaml`.

    Raises:
        RefusedError: It declares none; the findings (codes `metadata-*`) are in the order of the lines.
    """
    path = folder / FILE_NAME if folder.is_dir() else folder
    document = parse(_text(path), path.name)
    problems = [*document.problems, *_absolute(document)]
    try:
        # Through JSON and strict: no text becomes a number and no true becomes 1.0 behind the author's back.
        experiment = Experiment.model_validate_json(json.dumps(document.content), strict=True)
    except ValidationError as error:
        reported = [worded(one, document.lines, document.written) for one in error.errors() if not _echo(one)]
        known = {problem.path for problem in document.problems}
        problems += [problem for problem in reported if problem.path not in known]
    if not problems:
        return experiment
    problems.sort(key=lambda problem: problem.line)
    raise RefusedError([problem.finding(path.name) for problem in problems], where=str(path))


def lines_of(folder: Path) -> dict[str, int]:
    """Return the line of every key of the declaration, by the keys with dots between; none if it cannot be read."""
    path = folder / FILE_NAME if folder.is_dir() else folder
    try:
        lines = parse(_text(path), path.name).lines
    except RefusedError:
        return {}
    return {".".join(map(str, keys)): line for keys, line in lines.items() if keys}


def _text(path: Path) -> str:
    content = _bytes(path)
    if not content:
        raise _refused(path, 1, "empty", "the file has 0 bytes.", "Describe the experiment in it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{content[error.start]:02X} is no UTF-8."
        raise _refused(path, line, "encoding", message, "Save the file with the encoding UTF-8.") from None


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise _refused(path, 1, "no-file", f"there is no file {str(path)!r}.", _where_else(path))
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(path, 1, "not-readable", f"it cannot be read: {error.strerror}.", "Check its rights.") from error
    if len(content) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES} bytes."
        raise _refused(path, 1, "too-large", message, "Keep data in files of their own and name them in 'inputs'.")
    return content


def _where_else(path: Path) -> str:
    other = path.with_name("experiment.yml")
    if other.is_file():
        return f"Rename {other.name!r} to {FILE_NAME!r}."
    return f"Name a folder that holds {FILE_NAME!r}."


def _refused(path: Path, line: int, code: str, message: str, remedy: str) -> RefusedError:
    problem = Problem((), line, f"metadata-{code}", message, remedy)
    return RefusedError([problem.finding(path.name)], where=str(path))


def _absolute(document: Document) -> list[Problem]:
    inputs = document.content.get("inputs")
    hrefs = {
        ("inputs", name, "href"): reference["href"]
        for name, reference in (inputs.items() if isinstance(inputs, dict) else ())
        if isinstance(reference, dict) and isinstance(reference.get("href"), str)
    }
    remedy = "Put the data in the folder, name them by a URL, or pass the place when it runs: --input NAME=PATH."
    return [
        Problem(
            path, document.lines[path], "metadata-absolute-path", f"{shown(href)} exists on one machine only.", remedy
        )
        for path, href in hrefs.items()
        if isinstance(href, str) and (href.startswith(("/", "~", "file:")) or PureWindowsPath(href).drive)
    ]


def _echo(error: ErrorDetails) -> bool:
    """Tell whether `error` says that a list is too short only because each of its values was refused."""
    return error["type"] == "too_short" and len(error["input"]) >= int(error["ctx"]["min_length"])
