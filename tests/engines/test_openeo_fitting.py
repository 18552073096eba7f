"""Values are compared with type hints as JSON Schema would compare them."""

from collections.abc import Sequence
from typing import Annotated, Literal

import pytest
import xarray as xr

from earthcode_platform.engines.openeo.allowed import AtLeast, Box, Interval, Projection, Resolution, Wavelength
from earthcode_platform.engines.openeo.callbacks import LabelCondition, Reducer
from earthcode_platform.engines.openeo.fitting import misfit
from earthcode_platform.engines.openeo.registry import processes
from earthcode_platform.process_graphs.graph import Graph, Node, NodeReference, Parameters

GRAPH = Graph({"n": Node("n", "pi", {})}, "n")
CUBE = xr.DataArray([1.0], dims="t")
UNKNOWN = Parameters("a")


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (1, float), (1, int), (True, bool), (None, str | None), ("a", Literal["a", "b"]), ([1, 2.5], Sequence[float]),
        ((1981, 2010), Sequence[int | str]), ({"a": 1}, dict[str, object]), (GRAPH, Reducer), (CUBE, xr.DataArray),
        (NodeReference("a"), int), ([UNKNOWN, None], Interval), ({"a": GRAPH}, dict[str, LabelCondition] | None),
        (["2020-01-01", "2020-02-01T00:00:00Z"], Interval), (3, Annotated[int, AtLeast(3)]), (20, Resolution),
        ([10, 20.5], Resolution), (32633, Projection), ("EPSG:3035", Projection), ([0.7, 0.9], Wavelength),
        ({"west": UNKNOWN, "south": 1, "east": 2, "north": 3}, Box), ([CUBE, 1], Sequence[object]), ("x", object),
    ],
)  # fmt: skip
def test_what_fits(value: object, hint: object) -> None:
    assert misfit(value, hint) is None


@pytest.mark.parametrize(
    ("value", "hint", "message", "remedy", "typed"),
    [
        (1.5, int, " is 1.5.", "Give a whole number.", False),
        (True, int, " is True.", "Give a whole number.", False),
        (True, float | str, " is True.", "Give a text or a number.", False),
        ("c", Literal["ab", "cd"], " is 'c'.", "Did you mean 'cd'?", True),
        ("zz", Literal["ab", "cd"], " is 'zz'.", "Known: ab, cd.", True),
        (5, Literal["ab"] | None, " is 5.", "Give a text.", False),
        ("B04", Sequence[str], " is 'B04'.", "Give an array.", False),
        (["a", 2], Sequence[str], "[1] is 2.", "Give a text.", True),
        ({"a": 1}, dict[str, LabelCondition], "['a'] is 1.", "Give a process graph.", True),
        (GRAPH, object, " is a process graph.", "Give the result", False),
        (GRAPH, dict[str, LabelCondition], " is a process graph.", "Give an object.", False),
        (5, Reducer, " is 5.", "Give a process graph.", False),
        (5, xr.DataArray, " is 5.", "Give the result of another node", False),
        (CUBE, float | None, " is a data cube.", "Give a number.", False),
        ([UNKNOWN, "noon"], Interval, "[1]: 'noon' is no date or time.", "Write 2020-01-31", True),
        (["2020-01-02", "2020-01-01"], Interval, ": TemporalExtentEmpty", "Let it end after", True),
        (2, Annotated[int, AtLeast(3)], ": 2 is below 3.", "Give 3 or more.", True),
        ([1, 2, 3], Resolution, ": the resolution [1, 2, 3]", "one or two", True),
        ("EPSG:0", Projection, ": 'EPSG:0' is no coordinate reference system", "EPSG or WKT2", True),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_why(value: object, hint: object, message: str, remedy: str, *, typed: bool) -> None:
    found = misfit(value, hint)
    assert found is not None
    assert found.message.startswith(message)
    assert remedy in found.remedy
    assert found.typed is typed


def test_every_default_fits_its_own_argument() -> None:
    import inspect

    for process in processes().values():
        parameters = inspect.signature(process.function).parameters
        for argument in process.arguments.values():
            if not argument.required:
                default = parameters[argument.keyword].default
                assert misfit(default, argument.hint) is None, (process.id, argument.name)
