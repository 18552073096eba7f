"""Whether a value fits an argument, by the type hint that the process gives it.

A hint says what the JSON Schema of the specification says: `Literal` for its enumerations, `Annotated` with a function
for its formats and bounds. That function is the one by which the process reads the value when it runs.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Final, Literal

from earthcode_platform.errors import ExecutionError, InputError, nearest
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters, leaves

__all__ = ["Misfit", "callback_parameters", "is_plain", "misfit", "options_of"]

_WORDS: Final = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "an array",
    dict: "an object",
}
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit."""

    message: str
    """What the value is: the end of a sentence that begins with the argument."""
    remedy: str
    """What to give in its place."""
    typed: bool = False
    """Whether it has a type that fits, and only its content does not."""


def misfit(value: object, hint: object) -> Misfit | None:
    """Return why a value does not fit a type hint; None if it does, or if that is seen only when the graph runs.

    Args:
        value: A value of a graph, with references in it or resolved.
        hint: The hint.
    """
    options = options_of(hint)
    if isinstance(value, NodeReference | Parameters) or (object in options and not isinstance(value, Graph)):
        return None
    if isinstance(value, Graph) and callback_parameters(hint) is None:
        return Misfit(f" is {_shown(value)}.", f"Give {_wanted(options)}.")
    found = [_of_option(value, option) for option in options]
    if any(one is None for one in found):
        return None
    typed = next((one for one in found if one is not None and one.typed), None)
    return typed or Misfit(f" is {_shown(value)}.", f"Give {_wanted(options)}.")


def callback_parameters(hint: object) -> tuple[str, ...] | None:
    """Return the parameters of the callback that a hint asks for, or an object of them; None if it asks for none."""
    for option in options_of(hint):
        if typing.get_origin(option) is Annotated and isinstance(mark := typing.get_args(option)[1], tuple):
            names: tuple[str, ...] = mark
            return names
        if typing.get_origin(option) is dict:
            return callback_parameters(typing.get_args(option)[1])
    return None


def options_of(hint: object) -> list[object]:
    """Return the alternatives of a hint, flat; a hint without any is its own."""
    if typing.get_origin(hint) in (UnionType, typing.Union):
        return [option for part in typing.get_args(hint) for option in options_of(part)]
    return [hint]


def _of_option(value: object, option: object) -> Misfit | None:
    other, origin = Misfit("", ""), typing.get_origin(option)
    if origin is Annotated:
        return _annotated(value, option)
    if origin is Literal:
        return _named(value, typing.get_args(option))
    if origin is Sequence and isinstance(value, list | tuple):
        (part,) = typing.get_args(option)
        # A process graph in an array stands for the value that it gives.
        return _within(
            [(f"[{at}]", misfit(entry, part)) for at, entry in enumerate(value) if not isinstance(entry, Graph)]
        )
    if origin is dict and isinstance(value, dict):
        part = typing.get_args(option)[1]
        return _within([(f"[{key!r}]", misfit(entry, part)) for key, entry in value.items()])
    return None if _is_a(value, option) else other


def _is_a(value: object, option: object) -> bool:
    if option is Callable or typing.get_origin(option) is Callable:
        return isinstance(value, Graph) or callable(value)
    if option is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(option, type) and isinstance(value, option)


def _annotated(value: object, option: object) -> Misfit | None:
    bare, mark = typing.get_args(option)[:2]
    if isinstance(mark, tuple):
        plain = bool in options_of(bare) and isinstance(value, bool)
        return None if plain or isinstance(value, Graph) or callable(value) else Misfit("", "")
    found = misfit(value, bare)
    if found is not None:
        return found if found.typed else Misfit("", "")
    if not is_plain(value):
        return None
    try:
        mark(value)
    except (ExecutionError, InputError) as error:
        return Misfit(f": {error.message}", error.remedy, typed=True)
    return None


def _named(value: object, known: tuple[object, ...]) -> Misfit | None:
    if not isinstance(value, str):
        return Misfit("", "")
    if value in known:
        return None
    names = [str(name) for name in known]
    close = nearest(value, names)
    return Misfit(
        f" is {_shown(value)}.", f"Did you mean {close!r}?" if close else f"Known: {', '.join(names)}.", typed=True
    )


def _within(parts: Sequence[tuple[str, Misfit | None]]) -> Misfit | None:
    for place, found in parts:
        if found is not None:
            return Misfit(f"{place}{found.message}", found.remedy, typed=True)
    return None


def is_plain(value: object) -> bool:
    """Tell whether a value holds JSON alone: no reference, no process graph, no cube."""
    return all(leaf is None or isinstance(leaf, str | bool | int | float) for leaf in leaves(value))


def _wanted(options: Sequence[object]) -> str:
    if any(callback_parameters(option) is not None and typing.get_origin(option) is Annotated for option in options):
        return "a process graph"
    kinds = {kind for option in options for kind in _kinds(option)}
    words = " or ".join(word for kind, word in _WORDS.items() if kind in kinds)
    return words or "the result of another node ({'from_node': …})"


def _kinds(option: object) -> list[type]:
    origin = typing.get_origin(option)
    if origin is Annotated:
        return [kind for part in options_of(typing.get_args(option)[0]) for kind in _kinds(part)]
    if origin is Literal:
        return [str]
    if origin in (Sequence, dict):
        return [list if origin is Sequence else dict]
    return [option] if isinstance(option, type) and option is not NoneType else []


def _shown(value: object) -> str:
    if isinstance(value, Graph) or callable(value):
        return "a process graph"
    if isinstance(value, list | dict | tuple | str | bool | int | float) or value is None:
        text = repr(value)
        return text if len(text) < _LONGEST else f"{text[:_LONGEST]}…"
    return {"DataArray": "a data cube", "Along": "an array for each pixel"}.get(type(value).__name__, "an input")
