"""The processes that the engine knows, with what their signatures say of their arguments."""

from __future__ import annotations

import inspect
import typing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.openeo.fitting import Misfit, callback_parameters, misfit
from earthcode_platform.engines.openeo.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

__all__ = ["Argument", "Process", "processes", "unfit"]

_FAMILIES: Final = (
    "arithmetic",
    "arrays",
    "calibration",
    "climatology",
    "comparison",
    "constants",
    "cubes",
    "dates",
    "days",
    "dimensions",
    "features",
    "fetched",
    "filters",
    "flattening",
    "focal",
    "foreign",
    "indices",
    "labels",
    "learning",
    "loading",
    "logic",
    "masking",
    "merging",
    "plane",
    "reducers",
    "resampling",
    "rounding",
    "saving",
    "series",
    "temporal",
    "texts",
    "trigonometry",
    "trimming",
    "vectors",
    "zonal",
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
    hint: object
    """Its type hint: the values it may have (`fitting`)."""
    callback: tuple[str, ...] | None
    """Names of the parameters that a process graph given here is called with; None if it takes none."""

    @property
    def left_out_by_null(self) -> bool:
        """Whether null stands for its default: it has one, and null is none of its values."""
        return not self.required and misfit(None, self.hint) is not None


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
    return Argument(keyword.rstrip("_"), keyword, required, hint, callback_parameters(hint))


def unfit(argument: Argument, value: object) -> Misfit | None:
    """Return why a value cannot be given for an argument; None if it can."""
    return None if value is None and argument.left_out_by_null else misfit(value, argument.hint)
