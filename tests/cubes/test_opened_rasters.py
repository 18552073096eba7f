"""Raster files stay open, as long as they are the same, and nobody reads one that another is reading."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from cube_factories import raster
from rasterio.errors import RasterioError

from earthcode_platform.cubes import opened
from earthcode_platform.cubes.opened import opened_raster


def filled(path: Path, value: int, size: int = 4) -> Path:
    raster(path, np.full((size, size), value, dtype="uint8"))
    return path


def value_of(path: Path) -> int:
    with opened_raster(str(path)) as file:
        return int(file.read(1).max())


def test_a_file_is_opened_once(tmp_path: Path) -> None:
    path = str(filled(tmp_path / "a.tif", 1))
    with opened_raster(path) as one:
        pass
    with opened_raster(path) as other:
        assert other is one
        with opened_raster(path) as nested:
            assert nested is not one


def test_a_file_goes_from_thread_to_thread_but_is_read_by_one(tmp_path: Path) -> None:
    path = str(filled(tmp_path / "a.tif", 1))
    with opened_raster(path) as one, ThreadPoolExecutor(1) as pool:
        assert pool.submit(value_of, Path(path)).result() == 1
        with opened_raster(path) as other:
            assert other is not one
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(value_of, [Path(path)] * 64))
    assert read == [1] * 64


def test_a_child_of_a_process_opens_files_of_its_own(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.tif", 1)
    program = f"""
import os
from earthcode_platform.cubes.opened import opened_raster
with opened_raster({str(path)!r}) as before:
    pass
if not os.fork():
    with opened_raster({str(path)!r}) as after:
        os._exit(after is before)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_file_that_changed_is_opened_anew(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.tif", 1)
    assert value_of(path) == 1
    assert value_of(filled(path, 2)) == 2
    filled(tmp_path / "b.tif", 3).replace(path)
    assert value_of(path) == 3
    path.unlink()
    with pytest.raises(RasterioError):
        value_of(path)


def test_a_file_that_fails_is_closed(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.tif", 1)
    with pytest.raises(ValueError, match="no such band"), opened_raster(str(path)) as file:
        raise ValueError("no such band")
    assert file.closed
    assert value_of(path) == 1


def test_only_so_many_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "_MOST", 2)
    files = []
    for number in range(4):
        with opened_raster(str(filled(tmp_path / f"{number}.tif", number))) as file:
            files.append(file)
    assert [file.closed for file in files] == [True, True, False, False]
