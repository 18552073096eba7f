"""Raster files stay open, as long as they are the same, and nobody reads one that another is reading."""

import logging
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from cube_factories import raster
from data_server import serving_files
from rasterio.errors import RasterioError

from earthcode_platform.cubes import opened
from earthcode_platform.cubes.opened import opened_raster
from earthcode_platform.web import concealing
from earthcode_platform.web.concealing import conceal


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
    path = str(tmp_path / "3.tif")
    with opened_raster(path) as one, opened_raster(path) as other, opened_raster(path) as third:
        pass
    assert (one.closed, other.closed, third.closed) == (True, True, True), "three of one file are more than two, too"


def test_no_signature_is_in_errors_or_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    raster(tmp_path / "cut.tif", np.random.default_rng(1).integers(0, 255, (2000, 100)).astype("uint8"))
    (tmp_path / "other.tif").write_bytes(b"no raster")
    content = (tmp_path / "cut.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    told = []
    conceal()
    with serving_files(tmp_path) as address, caplog.at_level(logging.DEBUG, "rasterio"):
        for name in ("cut.tif", "other.tif", "none.tif"):
            href = f"{address}/{name}?X-Amz-Credential=okapi&X-Amz-Security-Token=okapi&X-Amz-Signature=okapi"
            with pytest.raises(RasterioError) as caught, opened_raster(href) as file:
                file.read()
            told.append("".join(traceback.format_exception(caught.value)))
    assert "X-Amz-Signature=…" in told[1]
    assert [text for text in (*told, caplog.text) if "okapi" in text] == []
    assert "rasterio._base" in caplog.text
    loggers = {name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "rasterio"}
    assert loggers <= set(concealing._LOGGERS)  # noqa: SLF001 - all of them
