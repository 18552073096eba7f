"""What a notebook says it produces: in its metadata, and in the scraps that its cells display."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.produced import format_of
from earthcode_platform.engines.notebook.document import finding
from earthcode_platform.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.engines.notebook.cells import Cell
    from earthcode_platform.engines.notebook.document import Document
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding

__all__ = ["check_outputs", "named_in"]

_PLACE: Final = "metadata.earthcode.outputs"


def check_outputs(document: Document, experiment: Experiment | None) -> Iterator[Finding]:
    """Yield names and files that are declared twice, data in another format, and a quicklook that nothing displays."""
    declared = document.declared
    for word in ("name", "file"):
        values = [getattr(output, word) for output in declared.outputs]
        for double in sorted({value for value in values if values.count(value) > 1}):
            message = f"the {word} {double!r} is declared twice."
            yield finding("output-twice", document.name, _PLACE, message, "Give each output its own.")
    wanted = experiment.product.format if experiment else None
    for output in declared.outputs if wanted else ():
        if (form := format_of(Path(output.file))) not in (None, wanted):
            message = f"the output {output.file!r} would be {form}, and the experiment wants {wanted}."
            remedy = "Name another file, or change product.format in experiment.yaml."
            yield finding("other-format", document.name, _PLACE, message, remedy)
    shown: dict[str, Cell] = {}
    certain = True
    for cell in document.cells:
        for name in named_in(cell):
            if name is None:
                certain = False
            elif name in shown:
                message = f"it displays the scrap {name!r}, as {shown[name].place} does."
                yield finding("output-twice", document.name, cell.place, message, "Give each scrap its own name.")
            else:
                shown[name] = cell
    if declared.quicklook and certain and declared.quicklook not in shown:
        close = nearest(declared.quicklook, shown)
        hint = (
            f"Did you mean {close!r}?" if close else "Display it: display(figure, metadata={'scrapbook': {'name': …}})"
        )
        message = f"no cell displays a figure of the name {declared.quicklook!r}."
        yield finding("no-quicklook", document.name, "metadata.earthcode.quicklook", message, hint)


def named_in(cell: Cell) -> list[str | None]:
    """Return the names of the scraps that a cell displays, in its order; None for one that only running it tells.

    Found are `scrapbook.glue(name, …)` and `metadata={"scrapbook": {"name": name}}`.
    """
    found: list[tuple[int, ast.expr]] = []
    for node in ast.walk(cell.tree) if cell.tree else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "glue" and node.args:
            found.append((node.lineno, node.args[0]))
        elif isinstance(node, ast.Dict):
            inner = _value(node, "scrapbook")
            name = _value(inner, "name") if isinstance(inner, ast.Dict) else inner
            found += [(node.lineno, name)] if name is not None else []
    values = (name for _, name in sorted(found, key=lambda pair: pair[0]))
    return [str(name.value) if isinstance(name, ast.Constant) else None for name in values]


def _value(node: ast.Dict, wanted: str) -> ast.expr | None:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == wanted:
            return value
    return None
