"""Would the same experiment give the same values again, on another machine, in some years?

Nothing here is an error by itself; a platform's policy may refuse any of it (`refused_codes: [reproducibility-*]`).
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment, PinnedInput

__all__ = ["THREADS", "check", "check_code"]

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables by which numerical libraries are told how many threads to use."""
_FOREIGN: Final = (WorkflowKind.NOTEBOOK, WorkflowKind.CWL, WorkflowKind.MLFLOW)
"""Kinds that run code of their own; the operations of process graphs give the same values on any number of threads."""
_IMAGE: Final = re.compile(r"(?:^(?:-\s+)*|[{,]\s*)[\"']?(?:dockerPull|image)[\"']?\s*:\s*[\"']?(?P<name>[^\s\"',{}]+)")
"""An image in a line of YAML or JSON, whether its mapping is written in lines of its own or in braces."""
_DIGEST: Final = "@sha256:"
_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a file that is read as code."""
_DRAWS: Final = re.compile(
    r"(?:np|numpy)\.random\.(?!seed$|default_rng$|Generator$|RandomState$)\w+|random\.(?!seed$)\w+"
)
_SEEDS: Final = re.compile(r"(?:\w+\.)*(?:seed|manual_seed|set_seed|set_random_seed|seed_everything)")
_MAKERS: Final = ("default_rng", "RandomState")


def check(pinned: PinnedExperiment, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what would keep the experiment from giving the same values again.

    Args:
        pinned: The experiment.
        environment: The variables of the process that runs workflows.
    """
    yield from check_code(pinned.code)
    for pin in pinned.inputs:
        yield from _input(pin)
    texts = _texts(pinned)
    if pinned.workflow.kind in (WorkflowKind.CWL, WorkflowKind.ARGO):
        yield from _images(texts)
    for name, text in texts.items():
        yield from _seeds(name, text)
    if pinned.workflow.kind in _FOREIGN and not any(environment.get(name) for name in THREADS):
        message = f"the worker does not fix the number of threads ({', '.join(THREADS)} are not set)."
        remedy = "Set OMP_NUM_THREADS where workflows run: sums of floats hang on their order in the last digits."
        yield _found("threads-open", Severity.NOTE, "the platform", message, remedy)


def _found(code: str, severity: Severity, where: str, message: str, remedy: str) -> Finding:
    return Finding(code=f"reproducibility-{code}", severity=severity, where=where, message=message, remedy=remedy)


def check_code(code: CodeVersion | None) -> Iterator[Finding]:
    """Yield what keeps a reader from getting the code of an experiment again.

    Args:
        code: The commit that its folder is at; None if it is at none.
    """
    where = "the experiment's folder"
    if code is None:
        message = "it is under no version control, so that no commit names what ran."
        yield _found("no-commit", Severity.NOTE, where, message, "Put it into a git repository and commit it.")
        return
    if code.dirty:
        message = f"its files differ from the commit {code.commit[:12]} that the record will name."
        yield _found("dirty-tree", Severity.WARNING, where, message, "Commit them before the run.")
    if code.repository is None:
        message = f"nobody else can fetch the commit {code.commit[:12]}: the repository has no remote."
        yield _found("no-remote", Severity.NOTE, where, message, "Push it to a public repository.")


def _input(pin: PinnedInput) -> Iterator[Finding]:
    loose = [asset for asset in pin.assets if asset.checksum is None and asset.declared is None]
    if loose:
        message = f"{len(loose)} of its {len(pin.assets)} files have no checksum, such as {loose[0].href!r}."
        remedy = (
            "Ask its provider for file:checksum in the items, or keep a copy: nobody could tell that a file changed."
        )
        yield _found("input-not-pinned", Severity.NOTE, f"experiment.yaml: inputs.{pin.name}", message, remedy)


def _texts(pinned: PinnedExperiment) -> dict[str, str]:
    """Return the workflow's files that are text and not large, by name."""
    entry = pinned.workflow.name or pinned.experiment.workflow.entry
    paths = {entry: pinned.workflow.path} | {file.name: file.path for file in pinned.workflow.files}
    found: dict[str, str] = {}
    for name, path in paths.items():
        try:
            if Path(path).stat().st_size <= _LARGEST:
                found[name] = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # told by the gate of the workflow, or no text at all
    return found


def _images(texts: Mapping[str, str]) -> Iterator[Finding]:
    for name, text in texts.items():
        lines = [line.strip() for line in text.splitlines() if not line.lstrip().startswith("#")]
        for image in dict.fromkeys(one["name"] for line in lines for one in _IMAGE.finditer(line)):
            if _DIGEST not in image:
                message = f"the container image {image!r} is named without a digest, and may be another one tomorrow."
                remedy = f"Name it by content: {image.rpartition(':')[0] or image}@sha256:…"
                yield _found("image-by-tag", Severity.WARNING, name, message, remedy)


def _seeds(name: str, text: str) -> Iterator[Finding]:
    calls = [node for tree in _trees(name, text) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [(ast.unparse(call.func), call) for call in calls]
    seeded = any(_SEEDS.fullmatch(function) for function, _ in named)
    for function, call in named:
        unseeded = function.rpartition(".")[2] in _MAKERS and not call.args and not call.keywords
        if unseeded or (_DRAWS.fullmatch(function) and not seeded):
            message = f"{function}() draws numbers that are others in every run."
            remedy = "Give the generator a seed, as a parameter with a default."
            yield _found("no-seed", Severity.WARNING, f"{name}: line {call.lineno}", message, remedy)
            return


def _trees(name: str, text: str) -> Iterator[ast.Module]:
    """Yield the code in a file: a module, or the cells of a notebook; what is no Python is left to the engine."""
    sources = [text] if name.endswith(".py") else _cells(text) if name.endswith(".ipynb") else []
    for source in sources:
        try:
            yield ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            continue


def _cells(text: str) -> list[str]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return []
    cells = content.get("cells") if isinstance(content, dict) else None
    sources = [
        cell.get("source")
        for cell in (cells if isinstance(cells, list) else [])
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    joined = ["".join(map(str, one)) if isinstance(one, list) else str(one) for one in sources]
    # Magics are no Python; what they run is the engine's to judge.
    return [
        "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in one.splitlines()) for one in joined
    ]
