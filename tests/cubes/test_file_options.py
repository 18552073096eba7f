"""What a workflow chooses about a file is in the file, as independent readers see it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import rasterio
import xarray as xr
import zarr
from cube_factories import cube
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.file_options import read_options, require_known
from earthcode_platform.cubes.packing import read_back, stored_numbers
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.write import SUFFIXES, require_writable, write
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.file_options import OPTIONS

COG, NETCDF, ZARR = ProductFormat.COG, ProductFormat.NETCDF, ProductFormat.ZARR
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
PACKED = {"dtype": "int16", "scale": 0.0001, "nodata": -32768}


def sample(dates: int = 1, size: int = 6) -> xr.DataArray:
    """Two bands between -1 and 1, with a gap."""
    values = np.random.default_rng(3).uniform(-1, 1, size=(dates, 2, size, size))
    values[0, 0, 1, 2] = np.nan
    return cube(values, ("red", "nir")).compute()


def written(folder: Path, form: ProductFormat, made: xr.DataArray | None = None, **options: Any) -> Path:  # noqa: ANN401 - JSON
    path = folder / f"a{SUFFIXES[form]}"
    write(sample() if made is None else made, path, form, "t", read_options(options, form))
    return path


@pytest.mark.parametrize(
    ("options", "compression", "predictor"),
    [
        ({"COMPRESS": "zstd", "LEVEL": "9"}, "ZSTD", "3"),
        ({"compress": "LZW", "predictor": "no"}, "LZW", None),
        ({"compress": "NONE"}, None, None),
        ({"predictor": "standard"}, "DEFLATE", "2"),
    ],
)
def test_a_cog_is_compressed_as_asked(
    tmp_path: Path, options: dict[str, str], compression: str | None, predictor: str | None
) -> None:
    with rasterio.open(written(tmp_path, COG, **options)) as opened:
        tags = opened.tags(ns="IMAGE_STRUCTURE")
        assert (tags.get("COMPRESSION"), tags.get("PREDICTOR")) == (compression, predictor)
        np.testing.assert_array_equal(opened.read(), sample().values[0].astype("float32"))


def test_tiles_and_overviews_of_a_cog_are_as_asked(tmp_path: Path) -> None:
    large = cube(np.tile([[0.0, 0.0], [0.0, 1.0]], (350, 350)).reshape(1, 1, 700, 700)).compute()
    with rasterio.open(written(tmp_path, COG, large, blocksize=256, overview_resampling="NEAREST")) as opened:
        assert opened.block_shapes == [(256, 256)]
        assert opened.overviews(1) == [2, 4]
        assert set(np.unique(opened.read(1, out_shape=(350, 350)))) <= {0.0, 1.0}
    with rasterio.open(written(tmp_path, COG, large, blocksize=256, overviews="none")) as opened:
        assert opened.overviews(1) == []


def test_a_packed_cog_holds_whole_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, COG, **PACKED)
    with rasterio.open(path) as opened:
        assert (opened.dtypes, opened.nodata, opened.scales, opened.offsets) == (
            ("int16", "int16"), -32768, (0.0001, 0.0001), (0, 0),
        )  # fmt: skip
        stored = opened.read()
    expected = sample().values[0]
    assert stored[0, 1, 2] == -32768
    np.testing.assert_array_equal(stored[1], np.rint(expected[1] / 0.0001))
    np.testing.assert_allclose(reopen(path).values, expected, atol=0.00005001)


def test_a_packed_netcdf_holds_whole_numbers(tmp_path: Path) -> None:
    path = written(
        tmp_path, NETCDF, sample(2), **PACKED, offset=0.5, names={"nir": "near"}, chunksizes={"t": 1, "x": 4}
    )
    with netCDF4.Dataset(path) as opened:
        near = opened["near"]
        assert set(opened.variables) == {"red", "near", "t", "y", "x", "spatial_ref"}
        assert (str(near.dtype), near.scale_factor, near.add_offset) == ("int16", 0.0001, 0.5)
        assert near.chunking() == [1, 6, 4]
        np.testing.assert_allclose(near[:], sample(2).values[:, 1], atol=0.00005001)
        assert np.ma.getmaskarray(opened["red"][:])[0, 1, 2]
    assert reopen(path)["bands"].values.tolist() == ["red", "near"]


@pytest.mark.parametrize(
    ("options", "filters"), [({"compression": "none"}, None), ({"complevel": 9, "shuffle": False}, 9)]
)
def test_netcdf_is_compressed_as_asked(tmp_path: Path, options: dict[str, Any], filters: int | None) -> None:
    with netCDF4.Dataset(written(tmp_path, NETCDF, **options)) as opened:
        found = opened["red"].filters()
    assert (found["complevel"] if found["zlib"] else None, found["shuffle"]) == (filters, False)


@pytest.mark.parametrize("compressor", ["blosc-lz4", "blosc-zstd", "zstd", "gzip", "none"])
def test_zarr_is_chunked_sharded_and_compressed_as_asked(tmp_path: Path, compressor: str) -> None:
    options = {"compressor": compressor, "chunks": {"y": 2, "x": 3}, "shards": {"y": 4}}
    path = written(tmp_path, ZARR, sample(3), **options)
    array = zarr.open_array(path, path="red", mode="r")
    assert (array.chunks, array.shards) == ((3, 2, 3), (3, 4, 3))
    named = type(array.compressors[0]).__name__ if array.compressors else "none"
    assert named == {"zstd": "ZstdCodec", "gzip": "GzipCodec", "none": "none"}.get(compressor, "BloscCodec")
    np.testing.assert_array_equal(reopen(path).values, sample(3).values.astype("float32"))


def test_a_packed_zarr_holds_whole_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, ZARR, dtype="uint8", scale=0.01, offset=-1)
    array = zarr.open_array(path, path="red", mode="r")
    assert (str(array.dtype), array[0, 1, 2]) == ("uint8", 255)
    np.testing.assert_allclose(reopen(path).values[0], sample().values[0], atol=0.00501)


@pytest.mark.parametrize("form", [COG, NETCDF, ZARR])
def test_a_number_may_stand_for_no_data(tmp_path: Path, form: ProductFormat) -> None:
    path = written(tmp_path, form, nodata=-9999)
    found = describe(path, "t", "m", MOMENT, MOMENT)
    assert (found.nodata, found.data_type) == (-9999.0, "float32")
    back = reopen(path).values.reshape(2, 6, 6)
    np.testing.assert_array_equal(back, sample().values[0].astype("float32"))


@pytest.mark.parametrize(("form", "options"), [(form, {"dtype": "float64"}) for form in (COG, NETCDF, ZARR)])
def test_all_digits_are_kept_on_request(tmp_path: Path, form: ProductFormat, options: dict[str, Any]) -> None:
    found = reopen(written(tmp_path, form, **options)).values
    np.testing.assert_array_equal(found.reshape(2, 6, 6), sample().values[0])


@pytest.mark.parametrize("form", [COG, NETCDF, ZARR])
def test_equal_cubes_give_equal_files(tmp_path: Path, form: ProductFormat) -> None:
    one, two = (written(tmp_path / name, form, **PACKED) for name in ("one", "two"))
    for path in [one] if one.is_file() else [entry for entry in one.rglob("*") if entry.is_file()]:
        assert path.read_bytes() == (two / path.relative_to(one) if one.is_dir() else two).read_bytes()


@pytest.mark.parametrize(
    ("form", "options", "words"),
    [
        (COG, {"compres": "LZW"}, "FormatArgumentUnsupported: COG has no option 'compres'.*'compress'"),
        (COG, {"complevel": 3}, "COG has no option 'complevel'"),
        (COG, {"blocksize": 100}, "FormatArgumentInvalid: the option 'blocksize' of COG is 100"),
        (COG, {"compress": "JPEG"}, "'compress' of COG is 'JPEG'.*'DEFLATE', 'ZSTD'"),
        (COG, {"compress": "DEFLATE", "level": 20}, "goes up to 12"),
        (COG, {"compress": "LZW", "level": 2}, "has no levels"),
        (COG, {"dtype": "int16", "predictor": "floating_point"}, "take STANDARD"),
        (NETCDF, {"scale": 0.1}, "scale and offset need a whole dtype"),
        (NETCDF, {"dtype": "int16", "scale": 0}, "scale is 0"),
        (NETCDF, {"dtype": "uint8", "nodata": -1}, "nodata is -1, which uint8 cannot store"),
        (NETCDF, {"dtype": "complex64"}, "'dtype' of NetCDF is 'complex64'"),
        (ZARR, {"chunks": {"x": 0}}, "greater than or equal to 1"),
        (ZARR, {"chunks": {"x": 4}, "shards": {"x": 6}}, "no multiple"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_used_are_refused(form: ProductFormat, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_options(options, form)


@pytest.mark.parametrize(
    ("form", "options", "words"),
    [
        (NETCDF, {"names": {"rde": "r"}}, "no band 'rde'.*'red'"),
        (ZARR, {"shards": {"time": 2}}, "no dimension 'time'"),
        (NETCDF, {"names": {"red": "nir"}}, "cannot all be names"),
    ],
)
def test_options_that_miss_the_cube_are_refused(form: ProductFormat, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        require_writable(sample(), form, "here", read_options(options, form))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dtype": "int8", "scale": 0.001}, "does not fit into int8 with scale 0.001"),
        ({"dtype": "uint8"}, "does not fit into uint8"),
        ({"nodata": 0}, "stands for no data"),
        ({"dtype": "int16", "nodata": 0}, "would be stored as 0, which stands for no data"),
    ],
)
def test_values_that_would_be_lost_are_refused(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    made = sample()
    made[0, 0, 0, 0] = 0.0
    with pytest.raises(InputError, match=words):
        written(tmp_path, COG, made, **options)
    assert list(tmp_path.iterdir()) == []


def test_an_option_is_unknown_only_if_no_format_has_it() -> None:
    require_known({"BLOCKSIZE": 1, "shards": {}, "complevel": 1})
    with pytest.raises(InputError, match="any format has no option 'tiled'"):
        require_known({"tiled": True})


@settings(max_examples=60)
@given(
    values=arrays.arrays("float64", (4, 5), elements=st.floats(-100, 100) | st.just(float("nan"))),
    dtype=st.sampled_from(["int8", "int16", "int32", "uint16", "uint32", None, "float32", "float64"]),
    scale=st.sampled_from([1.0, 0.5, 0.01, 2.5]),
    offset=st.sampled_from([0.0, -150.0]),
)
def test_packing_loses_half_a_step_and_comes_back_as_stored(
    values: np.ndarray[Any, Any], dtype: str | None, scale: float, offset: float
) -> None:
    whole = dtype is not None and "int" in dtype
    options = OPTIONS[COG].model_validate({"dtype": dtype} | ({"scale": scale, "offset": offset} if whole else {}))
    try:
        found = read_back(values, options, "here")
    except InputError:
        steps = np.rint((values - offset) / scale)
        bounds = options.bounds or (0, 0)
        assert np.nanmin(steps) <= bounds[0] or np.nanmax(steps) >= bounds[1]
        return
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    np.testing.assert_allclose(found, values, rtol=6e-8, atol=scale / 2 * (1 + 1e-9) if whole else 1e-38)
    stored = stored_numbers(found, options)
    assert dtype is None or str(stored.dtype) == dtype
    again = np.where(stored == options.stored_nodata, np.nan, stored * scale + offset) if whole else stored
    np.testing.assert_allclose(again, found, rtol=1e-12, equal_nan=True)
