"""Modules that a notebook imports and that are not here."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from earthcode_platform.engines.notebook.cells import Cell

__all__ = ["imported_packages", "missing_modules"]

_CAUGHT: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def missing_modules(cell: Cell, beside: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Yield the modules that the cell imports and that neither Python nor `beside` has, and whether it needs them.

    Not needed when the cell runs is what a function imports. What stands in a `try` that catches the missing module,
    or under `if TYPE_CHECKING`, is left out. Nothing is imported to find out.

    Args:
        cell: The cell.
        beside: Names of modules that lie beside the notebook.
    """
    seen = set()
    for name, needed in _imports(cell.tree.body if cell.tree else [], needed=True):
        root = name.partition(".")[0]
        if root not in seen and root not in beside and not _here(root):
            seen.add(root)
            yield root, needed


def imported_packages(cells: Iterable[Cell]) -> dict[str, str]:
    """Return the installed packages whose modules the cells import, by name, with their versions."""
    roots = {
        name.partition(".")[0]
        for cell in cells
        for name, _ in _imports(cell.tree.body if cell.tree else [], needed=True)
    }
    installed = packages_distributions()
    names = {name for root in roots for name in installed.get(root, ())}
    return {name: version(name) for name in sorted(names)}


def _here(root: str) -> bool:
    if root in sys.stdlib_module_names or root in sys.modules:
        return True
    try:
        return find_spec(root) is not None
    except (ImportError, ValueError):
        return False


def _imports(body: list[ast.stmt], *, needed: bool) -> Iterator[tuple[str, bool]]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, needed) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, needed
        elif not _guarded(node):
            inside = needed and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(node, inner, []), needed=inside)
            for handler in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
                yield from _imports(handler.body, needed=inside)


def _guarded(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if not isinstance(node, ast.Try):
        return False
    caught = {
        ast.unparse(each).rpartition(".")[2]
        for handler in node.handlers
        for each in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
        if each is not None
    }
    return bool(caught & _CAUGHT) or any(handler.type is None for handler in node.handlers)
