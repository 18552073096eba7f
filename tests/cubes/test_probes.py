"""A header tells whether a file is what its item says, and what it is instead."""

from pathlib import Path

import numpy as np
import pytest
from cube_factories import cube, gridded, raster

from earthcode_platform.cubes.probe import probe
from earthcode_platform.cubes.write import write
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedAsset

TIFF = "image/tiff; application=geotiff"


def asset(path: Path | str, media_type: str | None = TIFF) -> PinnedAsset:
    return PinnedAsset(item="scene", key="B04", href=str(path), media_type=media_type)


def test_good_files_pass(tmp_path: Path) -> None:
    probe(asset(raster(tmp_path / "a.tif", np.ones((4, 4), dtype="uint8"))))
    probe(asset(gridded(tmp_path / "a.nc", [0, 120, 240], [-30, 0, 30]), "application/x-netcdf"))
    write(cube(np.ones((1, 1, 2, 2))).compute(), tmp_path / "a.zarr", ProductFormat.ZARR, "t")
    probe(asset(tmp_path / "a.zarr", "application/vnd+zarr; version=3"))
    probe(asset(tmp_path / "a.tif", None))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML page"),
        (b"<?xml version='1.0'?><Error/>", "XML"),
        (b'{"error": "gone"}', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS pointer"),
        (b"just words", "plain text"),
        (b"II*\x00\x08\x00\x00\x00", "TIFF that is cut short"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"PK\x03\x04....", "ZIP"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        probe(asset(tmp_path / "a.tif"))
    assert "asset 'B04' of item 'scene'" in str(caught.value)
    assert caught.value.remedy


def test_a_file_that_was_cut_short_is_noticed(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", np.random.default_rng(1).integers(0, 9, (600, 600)).astype("uint8"))
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(InputError, match="cut short"):
        probe(asset(path))
    data = gridded(tmp_path / "a.nc", np.arange(0, 360, 10), np.arange(-80, 81, 10))
    data.write_bytes(data.read_bytes()[:3000])
    with pytest.raises(InputError, match="cut short"):
        probe(asset(data, "application/x-netcdf"))


def test_missing_unknown_and_wrong_forms_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        probe(asset(tmp_path / "gone.tif"))
    with pytest.raises(InputError, match="text/csv"):
        probe(asset(tmp_path / "a.csv", "text/csv"))
    picture = raster(tmp_path / "a.tif", np.ones((4, 4), dtype="uint8"))
    with pytest.raises(InputError, match="cannot be opened as netcdf"):
        probe(asset(picture, "application/x-netcdf"))
    (tmp_path / "folder.zarr").mkdir()
    with pytest.raises(InputError, match="folder without Zarr metadata"):
        probe(asset(tmp_path / "folder.zarr", "application/vnd+zarr"))
    with pytest.raises(InputError, match="local files only"):
        probe(asset("https://example.org/a.nc", "application/x-netcdf"))


def test_a_server_that_is_not_there_is_unavailable_or_refused() -> None:
    with pytest.raises((InputError, UnavailableError)):
        probe(asset("http://127.0.0.1:9/a.tif"))
