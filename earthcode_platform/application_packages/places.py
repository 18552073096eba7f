"""Which step, input or tool stands in a line of a CWL document."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["place_of"]

_WORDS: Final = {"steps": "step", "inputs": "input", "outputs": "output", "in": "input", "$graph": "process"}
_DEEPEST: Final = 6


def place_of(file: Path, line: int) -> str:
    """Return what stands in a line of the document in words, such as `step 'crop', input 'band'`; empty if unknown.

    Args:
        file: The document.
        line: The line, counted from 1.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError):
        return ""
    best: tuple[str, ...] = ()
    for at, path in _places(content, ()):
        if at <= line:
            best = path
    return ", ".join(_words(best))


def _places(content: Any, path: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:  # noqa: ANN401 - ruamel's own types
    """Yield the line of each key and list element, in the order of the document."""
    marks: Any = getattr(content, "lc", None)
    if len(path) > _DEEPEST or marks is None:
        return
    if isinstance(content, dict):
        for key, value in content.items():
            yield marks.key(key)[0] + 1, (*path, str(key))
            yield from _places(value, (*path, str(key)))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            name = str(value.get("id", number)) if isinstance(value, dict) else str(number)
            yield marks.item(number)[0] + 1, (*path, name)
            yield from _places(value, (*path, name))


def _words(path: tuple[str, ...]) -> Iterator[str]:
    for section, name in pairwise(path):
        if section in _WORDS and name not in _WORDS:
            yield f"{_WORDS[section]} {name.rpartition('#')[2]!r}"
