"""Does the code beside a workflow read well: its scripts, its modules, its tests and its notebook?

The workflow itself is looked at by its engine's check: process graphs by our own rules, CWL by cwltool's schemas and
types, notebooks cell by cell.
"""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from earthcode_platform.development.finding import found
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["lint_code", "linter"]

_SECONDS: Final = 60
_MOST: Final = 50
"""How many findings are told, mistakes first; who has more begins with those."""
_RULES: Final = "E9,F,B,PLE"
"""What the linter looks for unless the folder has rules of its own: mistakes, and nothing of style."""
_OWN_RULES: Final = ("ruff.toml", ".ruff.toml", "pyproject.toml")
_ERRORS: Final = ("E9", "F821", "PLE", "invalid-syntax")
"""Beginnings of the rules whose breach certainly fails when the line is reached."""


def linter() -> str:
    """Return the path of ruff, beside this Python or on the path; empty if it is not here."""
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.is_file() else shutil.which("ruff") or ""


def lint_code(folder: Path) -> list[Finding]:
    """Return what is wrong with the Python files and notebooks of an experiment's folder.

    Codes: `develop-code-broken` (error) for what fails when it is reached, `develop-code-smell` (warning) for the rest,
    `develop-no-linter` (note) where only the syntax could be looked at.

    Args:
        folder: The experiment's folder. Hidden files are left out. Nothing in it is run.
    """
    files = sorted(path for path in _code(folder))
    if not files:
        return []
    ruff = linter()
    if not ruff:
        message = "ruff is not installed: of the Python code only the syntax was looked at."
        note = found("no-linter", Severity.NOTE, folder.name, message, "Install it: pip install ruff.")
        return [*_by_syntax(folder, files), note]
    own = any(_rules_in(folder / name) for name in _OWN_RULES)
    rules = [] if own else ["--isolated", "--select", _RULES]
    command = [ruff, "check", "--no-cache", "--no-fix", "--output-format", "json", *rules, "--", *map(str, files)]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False, errors="replace"
        )
        told: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    except (subprocess.TimeoutExpired, ValueError) as error:
        message = f"ruff did not answer: {type(error).__name__}."
        return [found("no-linter", Severity.NOTE, folder.name, message, "Look at its settings in the folder.")]
    if done.returncode not in (0, 1):
        message = f"ruff could not look: {' '.join(done.stderr.split())[:300]}"
        return [found("no-linter", Severity.NOTE, folder.name, message, "Look at its settings in the folder.")]
    return sorted((_worded(one, folder) for one in told), key=lambda one: one.severity is not Severity.ERROR)[:_MOST]


def _code(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.suffix in (".py", ".ipynb") and not hidden and path.is_file() and not path.is_symlink():
            yield path


def _rules_in(path: Path) -> bool:
    if not path.is_file():
        return False
    return path.name != "pyproject.toml" or "[tool.ruff" in path.read_text(encoding="utf-8", errors="replace")


def _worded(told: dict[str, Any], folder: Path) -> Finding:
    code = str(told.get("code") or "invalid-syntax")
    broken = code.startswith(_ERRORS)
    place = Path(str(told.get("filename", ""))).resolve()
    name = place.relative_to(folder.resolve()) if place.is_relative_to(folder.resolve()) else Path(place.name)
    cell = f" cell {told['cell']}" if told.get("cell") else ""
    where = f"{name.as_posix()}{cell}:{(told.get('location') or {}).get('row', 1)}"
    message = f"{str(told.get('message', '')).rstrip('.')} ({code})."
    kind = "code-broken" if broken else "code-smell"
    remedy = f"Mend it; 'ruff rule {code}' explains it." if told.get("code") else "Mend it."
    return found(kind, Severity.ERROR if broken else Severity.WARNING, where, message, remedy)


def _by_syntax(folder: Path, files: list[Path]) -> Iterator[Finding]:
    for path in files:
        if path.suffix != ".py":
            continue
        try:
            ast.parse(path.read_bytes(), filename=path.name)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            where = f"{path.relative_to(folder).as_posix()}:{line}"
            yield found("code-broken", Severity.ERROR, where, f"this is no Python: {error}.", "Mend the line.")
