"""A spool on a disk that is full, or that was cut short, says so: it never takes a part for the whole."""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from earthcode_platform.cubes.streaming.spool import Spool
from earthcode_platform.cubes.streaming.units import Box

WHOLE = Box(0, 100, 0, 100)


def spool(path: Path) -> Spool:
    made = Spool(path, (1, 100, 100), np.dtype("float64"))
    made.allocate()
    return made


def test_a_part_is_read_as_it_was_written(tmp_path: Path) -> None:
    made, values = spool(tmp_path / "a.spool"), np.arange(600.0).reshape(1, 20, 30)
    made.write(Box(10, 30, 5, 35), values)
    assert np.array_equal(made.read(Box(10, 30, 5, 35)), values)
    assert made.read(WHOLE).sum() == values.sum()


def test_what_was_cut_short_is_not_read(tmp_path: Path) -> None:
    made = spool(tmp_path / "a.spool")
    with made.path.open("r+b") as opened:
        opened.truncate(50_000)
    with pytest.raises(OSError, match="ends at byte 50000"):
        made.read(WHOLE)


def test_numbers_that_find_no_room_are_told(tmp_path: Path) -> None:
    made = spool(tmp_path / "a.spool")
    code = f"""
import resource
import numpy as np
from pathlib import Path
from earthcode_platform.cubes.streaming.spool import Spool
from earthcode_platform.cubes.streaming.units import Box
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, {resource.RLIM_INFINITY}))
try:
    made = Spool(Path({str(made.path)!r}), (1, 100, 100), np.dtype("float64"))
    made.write(Box(0, 100, 0, 100), np.ones((1, 100, 100)))
except OSError as error:
    print(error.strerror)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "File too large"
