"""What processes should give, computed a second time: with NumPy on float64 in memory, or value by value in Python."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

__all__ = ["LOGIC", "MAPPERS", "REDUCERS", "SINGLE", "TWO", "Row"]

Values = Any


@dataclass(frozen=True)
class Row:
    """One process, and what it should give."""

    process: str
    """Its name."""
    oracle: Callable[..., Any]
    """Takes float64 arrays (or one series as a list) and gives float64."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """Further arguments."""
    truth: bool = False
    """Whether the result is a truth value."""

    def __str__(self) -> str:
        return " ".join([self.process, *(f"{name}={value}" for name, value in self.arguments.items())])


def _kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a comparison that is no-data where an operand is."""

    def compared(*values: Values) -> Values:
        unknown = np.logical_or.reduce([np.isnan(one) for one in values])
        return np.where(unknown, np.nan, function(*values).astype("float64"))

    return compared


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: function(*values).astype("float64")


def _modulo(x: Values, y: Values) -> Values:
    def one(dividend: float, divisor: float) -> float:
        if divisor == 0 and not math.isnan(dividend):
            return math.nan if dividend == 0 else math.copysign(math.inf, dividend)
        return math.nan if math.isnan(dividend) or math.isinf(dividend) else dividend % divisor

    return np.vectorize(one, otypes=["float64"])(x, y)


def _half_even(x: Values) -> Values:
    def one(number: float) -> float:
        return number if not math.isfinite(number) else float(round(number * 2) / 2 if number % 1 else number)

    return np.vectorize(one, otypes=["float64"])(x)


SINGLE = (
    Row("absolute", np.abs),
    Row("sgn", np.sign),
    Row("sqrt", np.sqrt),
    Row("exp", np.exp),
    Row("ln", np.log),
    Row("log", lambda x: np.log(x) / np.log(3), {"base": 3}),
    Row("power", lambda x: x * x, {"p": 2}),
    Row("floor", np.floor),
    Row("ceil", np.ceil),
    Row("int", np.trunc),
    Row("sin", np.sin),
    Row("cos", np.cos),
    Row("arcsin", np.arcsin),
    Row("arccos", np.arccos),
    Row("arctan", np.arctan),
    Row("sinh", np.sinh),
    Row("cosh", np.cosh),
    Row("tanh", np.tanh),
    Row("arsinh", np.arcsinh),
    Row("arcosh", np.arccosh),
    Row("artanh", np.arctanh),
    Row("clip", lambda x: np.clip(x, -3, 7), {"min": -3, "max": 7}),
    Row("linear_scale_range", lambda x: (np.clip(x, -10, 10) + 10) / 20 * 255,
        {"inputMin": -10, "inputMax": 10, "outputMax": 255}),
    Row("is_nan", _plain(np.isnan), truth=True),
    Row("is_nodata", _plain(np.isnan), truth=True),
    Row("is_valid", _plain(np.isfinite), truth=True),
    Row("is_infinite", _plain(np.isinf), truth=True),
    Row("between", _kept(lambda x: (x >= -2) & (x < 5)), {"min": -2, "max": 5, "exclude_max": True}, truth=True),
    Row("constant", np.array),
)  # fmt: skip
"""Processes of one number."""

TWO = (
    Row("add", np.add),
    Row("subtract", np.subtract),
    Row("multiply", np.multiply),
    Row("divide", np.divide),
    Row("mod", _modulo),
    Row("arctan2", np.arctan2),
    Row("normalized_difference", lambda x, y: (x - y) / (x + y)),
    Row("eq", _kept(np.equal), truth=True),
    Row("eq", _kept(lambda x, y: (x == y) | (np.abs(x - y) <= 1.5)), {"delta": 1.5}, truth=True),
    Row("neq", _kept(np.not_equal), truth=True),
    Row("gt", _kept(np.greater), truth=True),
    Row("gte", _kept(np.greater_equal), truth=True),
    Row("lt", _kept(np.less), truth=True),
    Row("lte", _kept(np.less_equal), truth=True),
)
"""Processes of two numbers."""

_KLEENE = {True: 1.0, False: 0.0, None: math.nan}


def _three(function: Callable[[bool | None, bool | None], bool | None]) -> Callable[..., Any]:
    def one(x: float, y: float) -> float:
        first, second = (None if math.isnan(value) else bool(value) for value in (x, y))
        return _KLEENE[function(first, second)]

    return np.vectorize(one, otypes=["float64"])


def _and(x: bool | None, y: bool | None) -> bool | None:  # noqa: FBT001 - a table of truth
    return False if False in (x, y) else None if None in (x, y) else True


LOGIC = (
    Row("and", _three(_and), truth=True),
    Row("or", _three(lambda x, y: True if True in (x, y) else None if None in (x, y) else False), truth=True),
    Row("xor", _three(lambda x, y: None if None in (x, y) else x != y), truth=True),
)
"""Processes of two truth values."""


def _of(function: Callable[[list[float]], float], least: int = 1) -> Callable[[Sequence[float]], float]:
    """Return a reducer that leaves no-data out and gives no-data for fewer values than it needs."""

    def reduced(series: Sequence[float]) -> float:
        data = [value for value in series if not math.isnan(value)]
        return function(data) if len(data) >= least else math.nan

    return reduced


def _strict(function: Callable[[list[float]], float]) -> Callable[[Sequence[float]], float]:
    return lambda series: math.nan if any(map(math.isnan, series)) else function(list(series))


def _total(data: list[float]) -> float:
    return sum(data) if {math.inf, -math.inf} <= set(data) else math.fsum(data)


def _middle(data: list[float]) -> float:
    ordered = sorted(data)
    low, high = ordered[(len(data) - 1) // 2], ordered[len(data) // 2]
    return low if low == high else (low + high) / 2


def _spread(data: list[float]) -> float:
    return statistics.variance(data) if all(map(math.isfinite, data)) else math.nan


REDUCERS = (
    Row("min", _of(min)),
    Row("min", _strict(min), {"ignore_nodata": False}),
    Row("max", _of(max)),
    Row("mean", _of(lambda data: _total(data) / len(data))),
    Row("mean", _strict(lambda data: _total(data) / len(data)), {"ignore_nodata": False}),
    Row("median", _of(_middle)),
    Row("median", _strict(_middle), {"ignore_nodata": False}),
    Row("sum", _of(_total)),
    Row("sum", _strict(_total), {"ignore_nodata": False}),
    Row("product", _of(lambda data: float(np.prod(data)))),
    Row("variance", _of(_spread, 2)),
    Row("sd", _of(lambda data: math.sqrt(_spread(data)), 2)),
    Row("first", _of(lambda data: data[0])),
    Row("first", lambda series: series[0], {"ignore_nodata": False}),
    Row("last", _of(lambda data: data[-1])),
    Row("count", lambda series: float(sum(map(math.isfinite, series)))),
    Row("count", lambda series: float(len(series)), {"condition": True}),
    Row("array_element", lambda series: series[0], {"index": 0}),
    Row("array_contains", lambda series: float(1.0 in series), {"value": 1.0}, truth=True),
    Row("array_find", lambda series: float(series.index(1.0)) if 1.0 in series else math.nan, {"value": 1.0}),
)
"""Processes of an array that give one value."""


def _running(function: Callable[[float, float], float], start: float) -> Callable[[Sequence[float]], list[float]]:
    def run(series: Sequence[float]) -> list[float]:
        state, found = start, []
        for value in series:
            state = state if math.isnan(value) else function(state, value)
            found.append(math.nan if math.isnan(value) else state)
        return found

    return run


def _filled(series: Sequence[float]) -> list[float]:
    data = [at for at, value in enumerate(series) if not math.isnan(value)]
    found = list(series)
    for left, right in pairwise(data):
        for at in range(left + 1, right):
            share = (at - left) / (right - left)
            alike = series[left] == series[right]
            found[at] = series[left] if alike else series[left] * (1 - share) + series[right] * share
    return found


def _sorted(series: Sequence[float]) -> list[float]:
    data = sorted(value for value in series if not math.isnan(value))
    return data + [math.nan] * (len(series) - len(data))


def _falling(series: Sequence[float]) -> list[float]:
    data = sorted((value for value in series if not math.isnan(value)), reverse=True)
    return data + [math.nan] * (len(series) - len(data))


def _quartiles(series: Sequence[float]) -> list[float]:
    data = sorted(value for value in series if not math.isnan(value))
    found = []
    for share in (0.25, 0.5, 0.75):
        place = share * (len(data) - 1)
        low, high = (data[math.floor(place)], data[math.ceil(place)]) if data else (math.nan, math.nan)
        inside = place - math.floor(place)
        found.append(low if low == high or not inside else low * (1 - inside) + high * inside)
    return found


MAPPERS = (
    Row("cumsum", _running(lambda state, value: state + value, 0.0)),
    Row("cumproduct", _running(lambda state, value: state * value, 1.0)),
    Row("cummin", _running(min, math.inf)),
    Row("cummax", _running(max, -math.inf)),
    Row("array_interpolate_linear", _filled),
    Row("sort", _sorted, {"nodata": True}),
    Row("sort", _falling, {"nodata": True, "asc": False}),
    Row("quantiles", _quartiles, {"q": 4}),
    Row("extrema", lambda series: [_of(min)(series), _of(max)(series)]),
    Row("array_append", lambda series: [*series, 7.0], {"value": 7.0}),
)
"""Processes of an array that give an array."""
