"""Cells as people name them: by number and by the heading above, and their code as Python."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Cell", "Magic", "cells_of", "magics", "python_of", "text_of"]

_HEADING: Final = re.compile(r"^ {0,3}#{1,6}[ \t]+(?P<title>.+?)[ \t]*#*[ \t]*$")
"""An ATX heading (CommonMark 0.31, section 4.2)."""
_FENCE: Final = re.compile(r"^ {0,3}(```|~~~)")
_LONGEST: Final = 60
_OF_PYTHON: Final = ("time", "timeit", "capture", "prun")
"""Cell magics of IPython whose body is Python that runs in the notebook's own namespace."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a notebook."""

    number: int
    """Its place among all cells, from 1."""
    kind: str
    """`code`, `markdown` or `raw`."""
    heading: str
    """The nearest Markdown heading above; empty if there is none."""
    source: str
    """Its text."""
    tags: frozenset[str]
    """Its tags."""
    tree: ast.Module | None = None
    """Its code as Python, magics as calls of `get_ipython()`; None for text, and for what is no Python."""
    fault: SyntaxError | None = None
    """Why its code is no Python."""

    @property
    def place(self) -> str:
        """How it is called in findings: `cell 4 'Smooth the series'`."""
        return f"cell {self.number} {self.heading!r}" if self.heading else f"cell {self.number}"


@dataclass(frozen=True, slots=True)
class Magic:
    """A line or a cell that IPython does not run as Python."""

    cell: Cell
    name: str
    """Such as `pip` or `bash`; empty for `!command`."""
    foreign: bool
    """Whether a shell or another program runs it, and not this Python."""
    text: str
    """What it is given."""


def cells_of(contents: Iterable[Mapping[str, object]]) -> tuple[Cell, ...]:
    """Return the cells of a notebook (nbformat 4, `cells`), each with the heading it stands under."""
    found, heading = [], ""
    for number, content in enumerate(contents, start=1):
        kind, source = str(content.get("cell_type")), text_of(content.get("source"))
        if kind == "markdown":
            heading = next(reversed(list(_headings(source))), heading)
        metadata = content.get("metadata")
        tags = metadata.get("tags", []) if isinstance(metadata, dict) else []
        cell = Cell(number, kind, heading, source, frozenset(map(str, tags if isinstance(tags, list) else [])))
        found.append(_parsed(cell) if kind == "code" else cell)
    return tuple(found)


def text_of(multiline: object) -> str:
    """Return a text that nbformat may keep as a list of lines."""
    return "".join(map(str, multiline)) if isinstance(multiline, list) else str(multiline or "")


def _headings(markdown: str) -> Iterator[str]:
    fenced = False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (found := _HEADING.match(line)):
            title = found["title"]
            yield title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"


def _parsed(cell: Cell) -> Cell:
    try:
        return replace(cell, tree=python_of(cell.source))
    except SyntaxError as error:
        return replace(cell, fault=error)
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL byte, or brackets without end
        return replace(cell, fault=SyntaxError(str(error)))


def python_of(source: str) -> ast.Module:
    """Return the code of a cell as Python, its magics turned into calls, as IPython does it before it runs a cell.

    Raises:
        SyntaxError: It is no Python.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings():
        # What Python says of `is` with a literal is the author's business.
        warnings.simplefilter("ignore")
        tree = ast.parse(TransformerManager().transform_cell(source))
        # A tree can be built of code that does not compile: `return` outside a function. Nothing is run.
        compile(tree, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return _unfolded(tree)


def _unfolded(tree: ast.Module) -> ast.Module:
    """Put the bodies of cell magics such as `%%time` beside the calls that run them."""
    bodies = [
        statement
        for method, given in _calls(tree)
        if method == "run_cell_magic" and given[0] in _OF_PYTHON
        for statement in python_of(given[-1]).body
    ]
    return ast.Module(body=[*tree.body, *bodies], type_ignores=[])


def magics(cell: Cell) -> Iterator[Magic]:
    """Yield the magics and shell commands of a cell, in their order."""
    for method, given in _calls(cell.tree) if cell.tree else ():
        if method in ("system", "getoutput"):
            yield Magic(cell, "", foreign=True, text=given[-1].strip())
        else:
            yield Magic(cell, given[0], foreign=given[0] in _PROGRAMS, text=" ".join(given[1:]).strip())


_PROGRAMS: Final = frozenset(
    {"bash", "sh", "script", "system", "sx", "cmd", "perl", "ruby", "pypy", "pip", "conda", "mamba", "micromamba", "uv"}
)
_METHODS: Final = ("system", "getoutput", "run_line_magic", "run_cell_magic")


def _calls(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Yield the calls of `get_ipython()` that stand for magics: the method, and its arguments as texts."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _METHODS
            and node.args
            and ast.unparse(node.func.value) == "get_ipython()"
        ):
            texts = [str(given.value) if isinstance(given, ast.Constant) else "" for given in node.args]
            yield node.func.attr, texts
