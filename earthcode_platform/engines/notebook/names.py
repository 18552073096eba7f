"""Which names the cells of a notebook read and assign, found without running them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.notebook.cells import magics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.engines.notebook.cells import Cell

__all__ = ["assigned", "read", "read_first"]

_WORD: Final = re.compile(r"[^\W\d]\w*")
_LATER: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""What has a scope of its own, and may run later than the cell."""


def read(cell: Cell) -> set[str]:
    """Return every name that the cell reads anywhere, in its magics too."""
    tree = ast.walk(cell.tree) if cell.tree else ()
    names = {node.id for node in tree if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)}
    return names.union(*(_WORD.findall(magic.text) for magic in magics(cell)))


def read_first(cell: Cell) -> set[str]:
    """Return the names that the cell itself reads when it runs, without those it reads inside functions."""
    return {node.id for node in _running(cell) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def assigned(cell: Cell, *, anew: bool = False) -> set[str]:
    """Return the names that the cell assigns, in the namespace of the notebook.

    Args:
        cell: The cell.
        anew: Leave out those whose new value is made of the old one, as in `days = int(days)`.
    """
    names: set[str] = set()
    for node in _running(cell):
        targets, value = _assignment(node)
        used = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)} if value and anew else set()
        stored = (each for target in targets for each in ast.walk(target))
        names |= {each.id for each in stored if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)} - used
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names


def _assignment(node: ast.AST) -> tuple[list[ast.expr], ast.expr | None]:
    """Return what a statement assigns to, and of what; nothing for one that assigns nothing."""
    if isinstance(node, ast.Assign):
        return node.targets, node.value
    if isinstance(node, ast.AnnAssign | ast.NamedExpr):
        return [node.target], node.value
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.target], node.iter
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.optional_vars for item in node.items if item.optional_vars is not None], None
    return [], None


def _running(cell: Cell) -> Iterator[ast.AST]:
    """Yield the nodes of a cell that belong to its own scope."""
    waiting: list[ast.AST] = list(cell.tree.body) if cell.tree else []
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _LATER):
            waiting += getattr(node, "decorator_list", [])
        elif not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting += ast.iter_child_nodes(node)
        else:
            waiting.append(node.generators[0].iter)
