"""Processes against a second computation, over types, gaps, chunks and orders of dimensions."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import Phase, given, settings
from process_calls import Parameters, callback
from process_oracles import LOGIC, MAPPERS, REDUCERS, SINGLE, TWO, Row
from random_cubes import CUBES, PAIRS, TRUTHS, Pair, known

from earthcode_platform.engines.openeo.along import is_truth
from earthcode_platform.engines.openeo.registry import processes

OPERANDS = {"arctan2": ("y", "x"), "exp": ("p",), "power": ("base",)}
LEAST = 40
# Cubes are small as they are drawn; to make a failing one smaller still would take minutes.
FEW = settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


def lazily(process: str, /, **arguments: Any) -> xr.DataArray:  # noqa: ANN401 - arguments of a process
    """Return the cube that a process gives, after a look that nothing was computed for it."""
    found = processes()[process]
    made = found.function(**{found.arguments[name].keyword: value for name, value in arguments.items()})
    assert isinstance(made, xr.DataArray)
    assert made.chunks is not None
    return made.compute()


def numbers(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube with truth values as the numbers 1 and 0, as a process of numbers is given them by nobody."""
    return cube.astype("float32") if cube.dtype.kind == "b" else cube


def agree(found: xr.DataArray, expected: Any, row: Row, source: xr.DataArray) -> None:  # noqa: ANN401 - an array
    order = [name for name in ("t", "bands", "y", "x") if name in found.dims]
    close = 1e-9 if source.dtype.name != "float32" else 2e-5
    values = found.transpose(*order).values.astype("float64")
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(values, expected, rtol=close, atol=close, err_msg=str(row))
    assert is_truth(found) == row.truth


def each(strategy: Any, rows: tuple[Row, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:  # noqa: ANN401 - a strategy
    """Run a test with random cubes for each row of a table."""

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        return pytest.mark.parametrize("row", rows, ids=str)(FEW(given(made=strategy)(test)))

    return decorated


@each(CUBES, SINGLE)
def test_of_one_number(row: Row, made: xr.DataArray) -> None:
    source = numbers(made)
    (name,) = OPERANDS.get(row.process, ("x",))
    found = lazily(row.process, **{name: source}, **row.arguments)
    with np.errstate(all="ignore"):
        agree(found, row.oracle(known(source)), row, source)


@each(PAIRS, TWO)
def test_of_two_numbers(row: Row, made: Pair) -> None:
    x, y = numbers(made.x), numbers(made.y)
    first, second = OPERANDS.get(row.process, ("x", "y"))
    found = lazily(row.process, **{first: x, second: y}, **row.arguments)
    with np.errstate(all="ignore"):
        agree(found, row.oracle(known(x), known(y)), row, x if x.dtype.name == "float32" else y)


@each(TRUTHS, LOGIC)
def test_of_two_truth_values(row: Row, made: Pair) -> None:
    found = lazily(row.process, x=made.x, y=made.y)
    agree(found, row.oracle(known(made.x), known(made.y)), row, made.x)


@each(CUBES, REDUCERS)
def test_reducers(row: Row, made: xr.DataArray) -> None:
    source = numbers(made)
    reducer = callback(row.process, data=Parameters("data"), **row.arguments)
    found = lazily("reduce_dimension", data=source, dimension="t", reducer=reducer)
    with np.errstate(all="ignore"):
        expected = np.apply_along_axis(lambda series: row.oracle(series.tolist()), 0, known(source))
    agree(found, expected, row, source)


@each(CUBES, MAPPERS)
def test_arrays_of_arrays(row: Row, made: xr.DataArray) -> None:
    source = numbers(made)
    mapper = callback(row.process, data=Parameters("data"), **row.arguments)
    # Along bands: distances of dates are not those of places.
    found = lazily("apply_dimension", data=source, dimension="bands", process=mapper)
    with np.errstate(all="ignore"):
        expected = np.apply_along_axis(lambda series: row.oracle(series.tolist()), 1, known(source))
    agree(found, expected, row, source)


@FEW
@given(made=TRUTHS)
def test_truth_values_along_a_dimension(made: Pair) -> None:
    values = known(made.x)
    gaps = np.isnan(values)
    for name, decided in (("any", 1.0), ("all", 0.0)):
        reducer = callback(name, data=Parameters("data"))
        found = lazily("reduce_dimension", data=made.x, dimension="t", reducer=reducer)
        expected = np.where(gaps.all(axis=0), np.nan, np.where((values == decided).any(axis=0), decided, 1 - decided))
        agree(found, expected, Row(name, np.array, truth=True), made.x)
    agree(lazily("not", x=made.x), 1 - values, Row("not", np.array, truth=True), made.x)


@FEW
@given(made=PAIRS)
def test_choosing_and_masking(made: Pair) -> None:
    x, y = numbers(made.x), numbers(made.y)
    first, second = known(x), known(y)
    positive = lazily("gt", x=x, y=0).chunk()
    float32 = x if x.dtype.name == "float32" else y
    chosen = lazily("if", value=positive, accept=x, reject=y)
    agree(chosen, np.where(first > 0, first, second), Row("if", np.array), float32)
    masked = lazily("mask", data=y, mask=positive, replacement=-1)
    agree(masked, np.where(first > 0, -1.0, second), Row("mask", np.array), float32)


@FEW
@given(made=CUBES)
def test_parts_and_names(made: xr.DataArray) -> None:
    truth = made.dtype.kind == "b"
    kept = lazily("filter_temporal", data=made, extent=["2020-01-31", "2021-01-01"])
    agree(kept, known(made)[1:3], Row("filter_temporal", np.array, truth=truth), made)
    chosen = lazily("filter_bands", data=made, bands=["B04"])
    agree(chosen, known(made)[:, :1], Row("filter_bands", np.array, truth=truth), made)
    renamed = lazily("rename_labels", data=made, dimension="bands", source=["B04"], target=["red"])
    assert renamed["bands"].values.tolist()[0] == "red"
    wider = lazily("add_dimension", data=made, name="run", label="a")
    narrow = lazily("drop_dimension", data=wider.chunk(), name="run")
    agree(narrow, known(made), Row("drop_dimension", np.array, truth=truth), made)
    assert lazily("rename_dimension", data=made, source="bands", target="band").sizes["band"] == made.sizes["bands"]
    assert processes()["dimension_labels"].function(made, "bands") == made["bands"].values.tolist()


@FEW
@given(made=CUBES)
def test_aggregation_over_time(made: xr.DataArray) -> None:
    source = numbers(made)
    reducer = callback("max", data=Parameters("data"))
    found = lazily("aggregate_temporal_period", data=source, period="month", reducer=reducer)
    frame = source.transpose("t", "bands", "y", "x").compute().astype("float64")
    expected = frame.resample(t="MS").max()
    agree(found, expected.values, Row("aggregate_temporal_period", np.array), source)
    spans = [["2020-01-30", "2020-02-01"], ["2020-02-01", "2022-01-01"], ["2030-01-01", None]]
    found = lazily("aggregate_temporal", data=source, intervals=spans, reducer=reducer)
    ends = [frame.sel(t=slice("2020-01-30", "2020-01-31")), frame.sel(t=slice("2020-02-01", "2021-12-31"))]
    shaped = [part.max("t").values if part.sizes["t"] else np.full(frame.shape[1:], np.nan) for part in ends]
    nothing = np.full(frame.shape[1:], np.nan)
    agree(found, np.stack([*shaped, nothing]), Row("aggregate_temporal", np.array), source)


@FEW
@given(made=PAIRS)
def test_merging(made: Pair) -> None:
    x, y = numbers(made.x), numbers(made.y)
    adding = functools.partial(processes()["add"].function)
    found = lazily("merge_cubes", cube1=x, cube2=y, overlap_resolver=lambda x, y, context: adding(x, y))  # noqa: ARG005 - the resolver's parameters
    with np.errstate(all="ignore"):
        expected = known(x) + known(y)
    agree(found, expected, Row("merge_cubes", np.array), x if x.dtype.name == "float32" else y)


def test_enough_processes_are_covered() -> None:
    tables = {row.process for table in (SINGLE, TWO, LOGIC, REDUCERS, MAPPERS) for row in table}
    beside = {"any", "all", "not", "if", "mask", "filter_temporal", "filter_bands", "rename_labels", "add_dimension"}
    beside |= {"drop_dimension", "rename_dimension", "aggregate_temporal", "aggregate_temporal_period", "merge_cubes"}
    covered = tables | beside
    assert covered <= set(processes())
    assert len(covered) >= LEAST, sorted(covered)
