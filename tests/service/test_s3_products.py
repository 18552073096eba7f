"""Archived products in object storage as lazy cubes: GeoTIFF and Zarr where they lie, NetCDF from a checked copy."""

import pickle
from datetime import UTC, datetime
from pathlib import Path

import factories
import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from s3_server import SECRET, S3Server

from earthcode_platform import checksums
from earthcode_platform.cubes.access import Access, using
from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.write import media_type_of, suffix_of, write
from earthcode_platform.errors import InputError
from earthcode_platform.gates.assets import check
from earthcode_platform.models.experiment import InputReference, ProductFormat
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty
from earthcode_platform.models.run import ProducedFile, RunResult
from earthcode_platform.products import open_product
from earthcode_platform.stores.delivery import archive, read_manifest

pytestmark = pytest.mark.service


def run_with_netcdf(pinned: PinnedExperiment, workspace: Path) -> RunResult:
    """Return a run that wrote one NetCDF file of two dates."""
    made = factories.run(pinned, workspace)
    path = workspace / "result" / "series.nc"
    times = np.array(["2023-08-01", "2023-08-11"], dtype="datetime64[ns]")
    values = xr.DataArray(
        np.arange(128, dtype="float32").reshape(2, 8, 8),
        coords={"time": times, "lat": 45.75 - 0.1 * np.arange(8), "lon": 10.05 + 0.1 * np.arange(8)},
        dims=("time", "lat", "lon"),
        name="sst",
    )
    values.to_netcdf(path)
    produced = ProducedFile(
        path=str(path), title="Series", media_type="application/x-netcdf", bands=("sst",), units=("1",),
        bbox=factories.BOX, start=datetime(2023, 8, 1, tzinfo=UTC), end=datetime(2023, 8, 11, tzinfo=UTC),
        checksum=checksums.of_path(path), data_checksum=checksums.of_bytes(b"x"), statistics={},
    )  # fmt: skip
    return made.model_copy(update={"files": (produced,)})


def test_a_geotiff_is_read_where_it_lies(server: S3Server, tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    store = server.store()
    archive(pinned, factories.run(pinned, tmp_path / "work"), store, tmp_path / "work")
    cube = open_product(store, "small-mean", cache=tmp_path / "cache")
    np.testing.assert_array_equal(cube.compute().values[0, 0], np.tile(5 + np.arange(8, dtype="float32"), (8, 1)))
    assert not (tmp_path / "cache").exists()


def test_netcdf_is_read_from_a_checked_copy(server: S3Server, tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    declared = pinned.experiment.model_copy(update={"version": "2.0.0"})
    pinned = pinned.model_copy(update={"experiment": declared})
    store = server.store()
    product = archive(pinned, run_with_netcdf(pinned, tmp_path / "work"), store, tmp_path / "work")
    cube = open_product(store, "small-mean", cache=tmp_path / "cache")
    assert dict(cube.sizes) == {"t": 2, "bands": 1, "y": 8, "x": 8}
    np.testing.assert_array_equal(cube.compute().values[1, 0], np.arange(64, 128, dtype="float32").reshape(8, 8))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [product.manifest_checksum]


def run_with_zarr(pinned: PinnedExperiment, workspace: Path, store: str) -> tuple[RunResult, xr.DataArray]:
    """Return a run that wrote one Zarr store of two dates and two bands, in many chunks, and what it computed."""
    made = factories.run(pinned, workspace)
    options = read_options(
        {"store": store, "chunks": {"t": 1, "y": 32, "x": 32}, "shards": {"t": 1}}, ProductFormat.ZARR
    )
    path = workspace / "result" / f"small-mean{suffix_of(ProductFormat.ZARR, options)}"
    values = np.random.default_rng(4).normal(size=(2, 2, 100, 120)).astype("float32")
    values[:, 0, :5] = np.nan
    computed = cube(values, bands=("sst", "ice"), units=("K", "1")).astype("float32").compute()
    write(computed, path, ProductFormat.ZARR, "Sea", options)
    moment = datetime(2023, 8, 1, tzinfo=UTC)
    produced = describe(path, "Sea", media_type_of(ProductFormat.ZARR, path), moment, moment)
    return made.model_copy(update={"files": (produced,)}), computed


@pytest.mark.parametrize(("store", "version", "objects"), [("directory", "3.0.0", 74), ("zip", "4.0.0", 1)])
def test_zarr_is_opened_again_as_it_was_computed(
    server: S3Server, tmp_path: Path, store: str, version: str, objects: int
) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    pinned = pinned.model_copy(update={"experiment": pinned.experiment.model_copy(update={"version": version})})
    run, computed = run_with_zarr(pinned, tmp_path / "work", store)
    held = server.store()
    product = archive(pinned, run, held, tmp_path / "work")
    assert archive(pinned, run, held, tmp_path / "work").novelty is Novelty.UNCHANGED
    manifest, _ = read_manifest(held, product.prefix)
    assert len([file for file in manifest.files if ".zarr" in file.key]) == objects
    with using(Access(held.storage)):
        place = held.place_of(f"{manifest.base(product.prefix)}/{manifest.item}")
        assert [found for _, found in check(pin_input("sea", InputReference(href=place), tmp_path).assets)] == []
    opened = open_product(held, "small-mean", version, cache=tmp_path / "cache")
    assert opened.chunks is not None
    assert opened["bands"].values.tolist() == ["sst", "ice"]
    np.testing.assert_array_equal(opened.values, computed.values)
    np.testing.assert_array_equal(opened["t"].values, computed["t"].values)
    assert not (tmp_path / "cache").exists()
    assert SECRET.encode() not in pickle.dumps(opened)
    assert (opened.rio.crs.to_epsg(), opened.rio.transform()) == (32633, computed.rio.transform())


def test_a_store_that_may_not_be_listed_is_no_store_that_is_gone(server: S3Server) -> None:
    for place, href, told in (
        (server.place(secret=SECRET[1:]), "s3://results/a.zarr", "cannot be listed: SignatureDoesNotMatch"),
        (server.place(), "s3://nowhere/a.zarr", "cannot be listed: NoSuchBucket"),
        (server.place(), "s3://results/gone.zarr", "there is no such store"),
    ):
        with using(Access(place.storage)), pytest.raises(InputError, match=told) as caught:
            open_gridded(href, Container.ZARR)
        assert SECRET not in str(caught.value)
