"""The processes that the engine knows, with what their signatures say of their arguments."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType, NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Final

from earthcode_platform.engines.openeo.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Argument", "Process", "processes"]

_FAMILIES: Final = (
    "arithmetic",
    "arrays",
    "climatology",
    "comparison",
    "constants",
    "cubes",
    "dates",
    "dimensions",
    "filters",
    "indices",
    "loading",
    "logic",
    "masking",
    "merging",
    "reducers",
    "resampling",
    "rounding",
    "saving",
    "series",
    "temporal",
    "texts",
    "trigonometry",
)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a process."""

    name: str
    """Its name in the specification."""
    keyword: str
    """Its name in the function."""
    required: bool
    """Whether a graph must give it."""
    literals: frozenset[type] | None
    """Types that a plain value may have; None if anything goes."""
    callback: tuple[str, ...] | None
    """Names of the parameters that a process graph given here is called with; None if it takes none."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that graphs can use."""

    id: str
    """Its name in the specification."""
    function: Callable[..., object]
    """What computes it."""
    arguments: Mapping[str, Argument]
    """Its arguments, by their names in the specification."""
    with_session: bool
    """Whether it needs the run itself: its inputs, or the place for results."""


@cache
def processes() -> Mapping[str, Process]:
    """Return all processes, by id."""
    modules = [import_module(f"earthcode_platform.engines.openeo.processes.{family}") for family in _FAMILIES]
    return {found.id: found for module in modules for found in _of(module)}


def _of(module: ModuleType) -> list[Process]:
    return [_process(name, getattr(module, name)) for name in module.__all__]


def _process(name: str, function: Callable[..., object]) -> Process:
    hints = typing.get_type_hints(function, include_extras=True)
    arguments = {}
    with_session = False
    for keyword, parameter in inspect.signature(function).parameters.items():
        if hints[keyword] is Session:
            with_session = True
            continue
        argument = _argument(keyword, hints[keyword], required=parameter.default is inspect.Parameter.empty)
        arguments[argument.name] = argument
    return Process(name.rstrip("_"), function, arguments, with_session)


def _argument(keyword: str, hint: object, *, required: bool) -> Argument:
    options = _options(hint)
    callback = next((parameters for option in options if (parameters := _parameters(option)) is not None), None)
    literals = None if object in options else frozenset(kind for option in options for kind in _literals(option))
    return Argument(keyword.rstrip("_"), keyword, required, literals, callback)


def _literals(option: object) -> list[type]:
    """Return the types of plain JSON values that fit one option of a type hint; cubes and callbacks are none."""
    if isinstance(option, type) and option in (str, bool, int, float, NoneType):
        return [option]
    origin = typing.get_origin(option)
    if origin is Annotated:
        return [bool] if bool in _options(typing.get_args(option)[0]) else []
    return [list] if origin is Sequence else [dict] if origin is dict else []


def _options(hint: object) -> list[object]:
    if typing.get_origin(hint) in (UnionType, typing.Union):
        return [option for part in typing.get_args(hint) for option in _options(part)]
    return [hint]


def _parameters(hint: object) -> tuple[str, ...] | None:
    """Return the callback's parameters if the hint is one of a callback, or of an object of callbacks."""
    if typing.get_origin(hint) is Annotated:
        found: tuple[str, ...] = typing.get_args(hint)[1]
        return found
    if typing.get_origin(hint) is dict:
        return _parameters(typing.get_args(hint)[1])
    return None
