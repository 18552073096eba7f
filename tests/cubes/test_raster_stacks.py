"""Rasters that are read as they lie give the values that odc-stac gives, whatever their types, gaps and places."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from cube_factories import ORIGIN, UTM, collection, item, pinned, raster
from hypothesis import given, settings
from hypothesis import strategies as st

from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.placing import Lattice, place_of
from earthcode_platform.cubes.rasters import load_rasters
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.stack import RasterStack
from earthcode_platform.models.pinned import PinnedInput

ROWS, COLUMNS = 6, 8


def transform(west: int = 0, north: int = 0, size: float = 10.0, down: float = -1.0) -> Affine:
    """Return the place of a raster, moved by pixels of 10 m from the corner of the others."""
    return Affine(size, 0.0, ORIGIN[0] + 10 * west, 0.0, down * size, ORIGIN[1] - 10 * north)


def written(folder: Path, name: str, values: np.ndarray[Any, Any], place: Affine, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - those of raster
    """Write a raster, and return its asset with its grid."""
    raster(folder / f"{name}.tif", values, transform=place, **options)
    return {
        "href": f"./{name}.tif", "type": "image/tiff; application=geotiff", "proj:code": UTM,
        "proj:shape": list(values.shape), "proj:transform": list(place)[:6],
    }  # fmt: skip


def both(source: PinnedInput, labels: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the cube as it is loaded, and as odc-stac reads it."""
    items = resolved_items(source)
    own = load_rasters(items, labels)
    with monkeypatch.context() as patched:
        patched.setattr("earthcode_platform.cubes.rasters.stacked", lambda *_: None)
        other = load_rasters(items, labels)
    return own, other


def assert_same(own: xr.DataArray, other: xr.DataArray) -> None:
    assert own.dtype == other.dtype
    for name in ("t", "bands", "y", "x", "units", "common_name"):
        np.testing.assert_array_equal(own[name].values, other[name].values)
    assert own["spatial_ref"].attrs == other["spatial_ref"].attrs
    assert [own[name].attrs["resolution"] for name in "yx"] == [other[name].attrs["resolution"] for name in "yx"]
    np.testing.assert_array_equal(own.values, other.values)


def is_stack(cube: xr.DataArray) -> bool:
    return any(isinstance(one, RasterStack) for layer in cube.data.dask.layers.values() for one in layer.values())


KINDS = st.sampled_from(["uint8", "int16", "uint16", "int32", "float32", "float64"])


@st.composite
def scenes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw one to four items: when, where, of what type, with which gaps."""
    chosen = [
        {
            "day": draw(st.integers(1, 2)) if number else 1,
            "west": draw(st.integers(-3, 3)) if number else 0,
            "north": draw(st.integers(-3, 3)) if number else 0,
            "coarse": draw(st.sampled_from([1, 1, 2, 3])),
            "kinds": [draw(KINDS) for _ in "ab"],
            "file": draw(st.sampled_from([None, 0, 3])),
            "item": draw(st.sampled_from([None, 0, 4])),
            "scale": draw(st.sampled_from([None, 0.5])),
            "missing": number > 0 and draw(st.booleans()),
        }
        for number in range(draw(st.integers(1, 4)))
    ]
    return sorted(chosen, key=lambda scene: int(scene["day"]))


@settings(max_examples=20, deadline=None)
@given(scenes(), st.integers(0, 2**32 - 1))
def test_stacks_and_mosaics_agree(
    tmp_path_factory: pytest.TempPathFactory, made: list[dict[str, Any]], seed: int
) -> None:
    folder, random = tmp_path_factory.mktemp("stack"), np.random.default_rng(seed)
    items = []
    meaning: dict[int, dict[str, Any]] = {}
    for number, scene in enumerate(made):
        described = meaning.setdefault(scene["day"], {name: scene[name] for name in ("item", "file", "scale")})
        assets = {}
        for label, kind in zip("ab", scene["kinds"], strict=True):
            if label == "b" and scene["missing"]:
                continue
            size = scene["coarse"] if label == "b" else 1
            values = random.integers(0, 6, (ROWS // size, COLUMNS // size)).astype(kind)
            place = transform(scene["west"], scene["north"], 10.0 * size)
            band = {"data_type": kind} | (
                {} if described["scale"] is None else {"scale": described["scale"], "offset": 1}
            )
            band |= {} if described["item"] is None else {"nodata": described["item"]}
            asset = written(folder, f"{label}{number}", values, place, nodata=described["file"])
            assets[label] = {**asset, "raster:bands": [band]}
        items.append(item(f"i{number}", f"2020-01-0{scene['day']}T10:00:00Z", assets))
    source = pinned(collection(folder, items))
    with pytest.MonkeyPatch.context() as patch:
        own, other = both(source, ["a", "b"], patch)
        assert_same(own.compute(), other.compute())
        window = {"y": slice(1, 4), "x": slice(2, 5), "t": [own.sizes["t"] - 1]}
        np.testing.assert_array_equal(own.isel(window).values, other.isel(window).values)


def test_a_raster_of_twenty_metres_lies_on_the_grid_of_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = written(tmp_path, "fine", np.arange(48, dtype="uint16").reshape(6, 8), transform())
    coarse = written(tmp_path, "coarse", np.arange(12, dtype="uint8").reshape(3, 4), transform(size=20.0))
    source = pinned(collection(tmp_path, [item("i", "2020-01-01T10:00:00Z", {"a": fine, "b": coarse})]))
    own, other = both(source, ["a", "b"], monkeypatch)
    assert is_stack(own)
    assert not is_stack(other)
    assert own.values[0, 1, :2].tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]] * 2
    assert_same(own, other)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("half a pixel beside", Affine(10.0, 0.0, ORIGIN[0] + 5, 0.0, -10.0, ORIGIN[1])),
        ("one and a half times as coarse", Affine(15.0, 0.0, ORIGIN[0], 0.0, -15.0, ORIGIN[1])),
    ],
)
def test_what_has_to_be_interpolated_is_left_to_odc_stac(tmp_path: Path, name: str, place: Affine) -> None:
    assert name
    values = np.arange(48, dtype="uint16").reshape(6, 8)
    assets = {"a": written(tmp_path, "a", values, transform()), "b": written(tmp_path, "b", values, place)}
    source = pinned(collection(tmp_path, [item("i", "2020-01-01T10:00:00Z", assets)]))
    assert not is_stack(load(source))


def test_rows_from_south_to_north_are_turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(48, dtype="uint16").reshape(6, 8)
    asset = written(tmp_path, "a", values, Affine(10.0, 0.0, ORIGIN[0], 0.0, 10.0, ORIGIN[1]))
    source = pinned(collection(tmp_path, [item("i", "2020-01-01T10:00:00Z", {"a": asset})]))
    own, other = both(source, ["a"], monkeypatch)
    assert is_stack(own)
    assert_same(own, other)
    np.testing.assert_array_equal(own.values[0, 0], values[::-1])


def test_places_are_whole_pixels_or_none() -> None:
    lattice = Lattice(UTM, (10, 10), (10.0, 0.0, 0.0, 0.0, -10.0, 0.0))
    found = place_of((20.0, 0.0, 30.0, 0.0, -20.0, -40.0), (3, 3), lattice)
    assert found is not None
    assert (found.row, found.column, found.rows_each, found.columns_each) == (4, 3, 2, 2)
    for crooked in (
        (10.0, 0.1, 0, 0, -10.0, 0),
        (10.0, 0, 0.2, 0, -10.0, 0),
        (5.0, 0, 0, 0, -5.0, 0),
        (10.0, 0, 0, 0, 10.0, 0),
    ):
        assert place_of(crooked, (3, 3), lattice) is None


def test_moments_of_the_stack_are_those_of_the_items(tmp_path: Path) -> None:
    asset = written(tmp_path, "a", np.ones((2, 2), dtype="uint8"), transform())
    source = pinned(collection(tmp_path, [item("i", "2020-01-01T10:00:00+02:00", {"a": asset})]))
    (moment,) = load(source)["t"].values.astype("datetime64[s]").tolist()
    assert moment == dt.datetime(2020, 1, 1, 8)  # noqa: DTZ001 - the cube's moments are in UTC
