"""What of a node has no effect here: said as warnings, for the graph runs and its values are what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.file_options import is_elsewhere
from earthcode_platform.engines.openeo.format_names import form_of
from earthcode_platform.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.process_graphs.graph import Node

__all__ = ["idle", "is_hint", "other_format"]

_HINTS: Final = {"load_collection": ("featureflags",)}
"""Arguments of published graphs that are none of the process: how one back-end is to cut its tiles."""


def is_hint(node: Node, argument: str) -> bool:
    """Tell whether an argument tells another back-end how to compute, without changing a value."""
    return argument in _HINTS.get(node.process, ())


def idle(node: Node) -> Iterator[tuple[str, str, str]]:
    """Yield code, message and remedy for each part of a node that has no effect."""
    for name in node.arguments:
        if is_hint(node, name):
            message = f"{name!r} tells another back-end how to compute; nothing is done with it."
            yield "workflow-unused-argument", message, "Leave it out."
    if node.process == "save_result":
        yield from _of_result(node)
    if node.process == "export_workspace":
        message = "results are archived where the platform keeps products; the workspace names nothing here."
        yield "workflow-unused-argument", message, "Leave the node out; save_result is enough."


def _of_result(node: Node) -> Iterator[tuple[str, str, str]]:
    form, options = node.arguments.get("format"), node.arguments.get("options")
    try:
        written = not isinstance(form, str) or form_of(form) is not None
    except UnknownNameError:
        written = True
    if not written:
        yield other_format(str(form))
    passed_over = [name for name in options if is_elsewhere(name) or not written] if isinstance(options, dict) else []
    if passed_over:
        message = f"the options {', '.join(passed_over)} have no effect: the platform sets names and layout of files."
        yield "workflow-unused-argument", message, "Leave them out."


def other_format(name: str) -> tuple[str, str, str]:
    """Return code, message and remedy for a result that is kept in the format of the product."""
    message = f"the result is not written as {name}; the values are kept in the format of the product."
    return "workflow-other-format", message, "Leave 'format' out."
