"""Scraps: values and figures that cells display under a name (as the package scrapbook does it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.notebook.cells import text_of
from earthcode_platform.engines.notebook.job import Scrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["scraps_of"]

_DATA: Final = "application/scrapbook.scrap.json+json"
"""Media type in which scrapbook glues values (scrapbook, "Notebook data format")."""
_DISPLAYED: Final = ("display_data", "execute_result")


def scraps_of(cells: Iterable[Mapping[str, Any]]) -> tuple[Scrap, ...]:
    """Return what executed cells displayed under a name, by name; of several with one name, the last.

    A scrap is an output whose metadata hold `scrapbook.name`. Its value is that of a scrapbook scrap, or JSON, or a
    text; its figure is a PNG.
    """
    found = {scrap.name: scrap for cell in cells for scrap in _displayed(cell)}
    return tuple(found[name] for name in sorted(found))


def _displayed(cell: Mapping[str, Any]) -> Iterator[Scrap]:
    for output in cell.get("outputs", ()):
        named = output.get("metadata", {}).get("scrapbook", {})
        name = named.get("name") if isinstance(named, dict) else None
        if output.get("output_type") not in _DISPLAYED or not isinstance(name, str):
            continue
        data = output.get("data", {})
        if "image/png" in data:
            yield Scrap(name=name, figure=text_of(data["image/png"]))
        elif _DATA in data:
            glued = data[_DATA]
            yield Scrap(name=name, value=glued.get("data") if isinstance(glued, dict) else glued)
        elif "application/json" in data:
            yield Scrap(name=name, value=data["application/json"])
        else:
            yield Scrap(name=name, value=text_of(data.get("text/plain", "")))
