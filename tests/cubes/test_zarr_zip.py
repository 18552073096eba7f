"""A Zarr store in one zip file: the same bytes for the same content, and read as quickly as the folder."""

import os
import pickle
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from cube_factories import cube
from product_pieces import MOMENT
from zarr.storage import ZipStore

from earthcode_platform.checksums import of_file
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.produced import describe_produced, open_produced
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.stored_zip import StoredZip, zip_store
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.write import write
from earthcode_platform.cubes.zarr_zip import pack
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat

VALUES = np.random.default_rng(5).normal(size=(2, 2, 40, 33)).astype("float32")
SMALL = {"chunks": {"t": 1, "y": 8, "x": 8}, "shards": {"t": 1, "y": 24, "x": 16}}


def written(folder: Path, store: str = "zip") -> Path:
    path = folder / f"a.zarr{'.zip' * (store == 'zip')}"
    options = read_options({"store": store, **SMALL}, ProductFormat.ZARR)
    write(
        cube(VALUES, bands=("a", "b"), units=("K", "")).astype("float32"), path, ProductFormat.ZARR, "A cube", options
    )
    return path


def test_the_zip_is_the_folder_with_metadata_first_and_no_moment_of_writing(tmp_path: Path) -> None:
    packed, folder = written(tmp_path), written(tmp_path, "directory")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.zarr", "a.zarr.zip"]
    with zipfile.ZipFile(packed) as archive:
        members = archive.infolist()
        content = {member.filename: archive.read(member) for member in members}
    files = {one.relative_to(folder).as_posix(): one for one in folder.rglob("*") if one.is_file()}
    assert content == {name: path.read_bytes() for name, path in files.items()}
    names = [member.filename for member in members]
    assert names[:3] == ["zarr.json", "a/zarr.json", "b/zarr.json"]
    assert names[7:] == sorted(names[7:])
    assert {(member.compress_type, member.date_time[0]) for member in members} == {(zipfile.ZIP_STORED, 1980)}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    packed, folder = written(tmp_path), written(tmp_path, "directory")
    for path in folder.rglob("zarr.json"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    pack(folder, tmp_path / "again.zarr.zip")
    assert of_file(packed) == of_file(tmp_path / "again.zarr.zip")
    assert data_checksum(packed) == data_checksum(folder)


def test_values_are_those_of_the_folder_and_of_the_reader_of_zarr(tmp_path: Path) -> None:
    packed, folder = written(tmp_path), written(tmp_path, "directory")
    xr.testing.assert_identical(reopen(packed), reopen(folder))
    np.testing.assert_array_equal(open_produced(packed, MOMENT).values, VALUES)
    with xr.open_dataset(ZipStore(packed), engine="zarr", consolidated=False) as opened:
        np.testing.assert_array_equal(opened["b"].values, VALUES[:, 1])
    made = describe_produced(packed, "A cube", MOMENT, MOMENT)
    assert (made.media_type, made.checksum) == ("application/vnd.zarr+zip; version=3", of_file(packed))


def test_parts_of_shards_are_read_by_many_threads_and_in_another_process(tmp_path: Path) -> None:
    store: StoredZip = pickle.loads(pickle.dumps(zip_store(written(tmp_path))))  # noqa: S301 - our own bytes
    assert store == zip_store(tmp_path / "a.zarr.zip")
    array = zarr.open_array(store, path="a", mode="r")
    corners = [(row, column) for row in range(0, 40, 7) for column in range(0, 33, 5)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: array[:, at[0] : at[0] + 9, at[1] : at[1] + 6], corners))
    for (row, column), part in zip(corners, found, strict=True):
        np.testing.assert_array_equal(part, VALUES[:, 0, row : row + 9, column : column + 6])
    assert sorted(zarr.open_group(store, mode="r")) == ["a", "b", "spatial_ref", "t", "x", "y"]
    with pytest.raises(ValueError, match="read-only"):
        zarr.open_group(store, mode="a").create_group("c")


def test_a_zip_that_is_compressed_once_more_is_read_too(tmp_path: Path) -> None:
    folder = written(tmp_path, "directory")
    with zipfile.ZipFile(tmp_path / "b.zarr.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    xr.testing.assert_identical(reopen(tmp_path / "b.zarr.zip"), reopen(folder))


def test_what_is_no_packed_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zarr.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InputError, match="cannot be read as a zip file"):
        reopen(tmp_path / "a.zarr.zip")
    with zipfile.ZipFile(tmp_path / "b.zarr.zip", "w") as archive:
        archive.writestr("b.zarr/zarr.json", "{}")
    with pytest.raises(InputError, match=r"it holds b\.zarr/zarr\.json\. Pack what lies in the folder"):
        reopen(tmp_path / "b.zarr.zip")
