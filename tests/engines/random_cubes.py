"""Random cubes: types, gaps, chunks and orders of dimensions as real data have them, small enough to look at."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.along import marked_truth

__all__ = ["CUBES", "PAIRS", "TRUTHS", "Pair", "known"]

DTYPES = ("uint8", "uint16", "int16", "int32", "float32", "float64", "bool")
EXTREMES = {"uint8": (0, 255), "uint16": (0, 65535), "int16": (-32768, 32767), "int32": (-(2**31), 2**31 - 1)}
DAYS = np.array(["2020-01-30", "2020-01-31", "2020-02-01", "2021-03-05"], dtype="datetime64[ns]")
SIZES = {"t": 4, "bands": 2, "y": 2, "x": 3}


@dataclass(frozen=True)
class Pair:
    """Two cubes with the same labels, of types, orders and chunks of their own."""

    x: xr.DataArray
    y: xr.DataArray


def known(cube: xr.DataArray) -> NDArray[Any]:
    """Return the values of a cube in the order t, bands, y, x as float64."""
    return cube.transpose("t", "bands", "y", "x").values.astype("float64")


def _elements(dtype: str) -> st.SearchStrategy[Any]:
    if dtype == "bool":
        return st.booleans()
    if dtype in EXTREMES:
        low, high = EXTREMES[dtype]
        return st.one_of(st.integers(max(low, -90), min(high, 90)), st.sampled_from((low, high)))
    # Quarters are exact in every type, so that a difference is one of the process and not of rounding.
    quarters = st.integers(-200, 200).map(lambda number: number / 4)
    return st.one_of(quarters, quarters, st.just(math.nan), st.sampled_from((math.inf, -math.inf, 0.0, 1.0)))


@st.composite
def _cubes(draw: st.DrawFn, sizes: dict[str, int] | None = None, dtypes: tuple[str, ...] = DTYPES) -> xr.DataArray:
    dtype = draw(st.sampled_from(dtypes))
    lengths = sizes or {name: draw(st.integers(1, most)) for name, most in SIZES.items()}
    values = draw(arrays(dtype, tuple(lengths.values()), elements=_elements(dtype)))
    labels = {
        "t": DAYS[: lengths["t"]],
        "bands": ["B04", "B08"][: lengths["bands"]],
        "y": 5.0e6 - 10 * np.arange(lengths["y"]),
        "x": 5.0e5 + 10 * np.arange(lengths["x"]),
    }
    cube = xr.DataArray(values, labels, list(lengths))
    chunks = {name: draw(st.integers(1, size)) for name, size in lengths.items()}
    return cube.transpose(*draw(st.permutations(list(lengths)))).chunk(chunks)


@st.composite
def _pairs(draw: st.DrawFn) -> Pair:
    sizes = {name: draw(st.integers(1, most)) for name, most in SIZES.items()}
    return Pair(draw(_cubes(sizes)), draw(_cubes(sizes)))


@st.composite
def _truths(draw: st.DrawFn) -> Pair:
    sizes = {name: draw(st.integers(1, most)) for name, most in SIZES.items()}
    made = []
    for _ in range(2):
        cube = draw(_cubes(sizes, ("float32",)))
        values = draw(arrays("float32", cube.shape, elements=st.sampled_from((0.0, 1.0, math.nan))))
        made.append(marked_truth(xr.DataArray(values, cube.coords, cube.dims).chunk(dict(cube.chunksizes))))
    return Pair(made[0], made[1])


CUBES = _cubes()
"""One cube."""
PAIRS = _pairs()
"""Two cubes of numbers or truth values."""
TRUTHS = _truths()
"""Two cubes of truth values with gaps."""
