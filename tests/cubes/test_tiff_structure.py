import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import rasterio

from earthcode_platform.cubes.tiff_structure import read_structure
from earthcode_platform.errors import InputError


def tiff(path: Path, **options: object) -> Path:
    profile = {"driver": "GTiff", "width": 96, "height": 80, "count": 1, "dtype": "int16", "crs": "EPSG:32633"}
    with rasterio.open(path, "w", **{**profile, **options}) as target:
        target.write(np.arange(96 * 80, dtype="int16").reshape(1, 80, 96))
    return path


@pytest.mark.parametrize(
    "options", [{}, {"BIGTIFF": "YES"}, {"ENDIANNESS": "BIG"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}]
)
def test_what_gdal_writes_is_read_without_it(tmp_path: Path, options: dict[str, object]) -> None:
    path = tiff(tmp_path / "a.tif", **options)
    found = read_structure(path)
    assert (found.size, found.big) == (path.stat().st_size, "BIGTIFF" in options)
    (full,) = found.directories
    assert (full.width, full.height, full.tiled, full.geographic) == (96, 80, "tiled" in options, True)
    assert (full.reduced, full.mask) == (False, False)
    assert sum(held for _, held in full.blocks) == 96 * 80 * 2
    assert full.end <= found.size
    with rasterio.open(path) as opened:
        assert full.first == int(opened.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))


def test_overviews_and_their_order(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif")
    with rasterio.open(path, "r+") as opened:
        opened.build_overviews([2, 4])
    found = read_structure(path)
    assert [(one.width, one.height) for one in found.overviews] == [(48, 40), (24, 20)]
    assert found.full.first < found.overviews[0].first


@pytest.mark.parametrize(
    "content",
    [b"", b"II*\x00", b"PK\x03\x04", b"II*\x00\xff\xff\x00\x00", b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"],
)
def test_what_is_no_whole_tiff_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError):
        read_structure(tmp_path / "a.tif")


def test_a_field_that_claims_more_than_the_file_holds_takes_no_memory(tmp_path: Path) -> None:
    # A list of 2^32 - 1 offsets, said to lie behind the header.
    one = b"\x01\x00\x11\x01\x04\x00\xff\xff\xff\xff\x08\x00\x00\x00"
    (tmp_path / "a.tif").write_bytes(b"II*\x00\x08\x00\x00\x00" + one + b"\x00\x00\x00\x00")
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="and the file ends at 26"):
            read_structure(tmp_path / "a.tif")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_chain_that_bites_its_tail_ends(tmp_path: Path) -> None:
    one = b"\x02\x00\x00\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00"
    (tmp_path / "a.tif").write_bytes(b"II*\x00\x08\x00\x00\x00" + one + b"\x08\x00\x00\x00")
    with pytest.raises(InputError, match="more than 1000 directories"):
        read_structure(tmp_path / "a.tif")
