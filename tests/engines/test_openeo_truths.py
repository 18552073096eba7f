"""Figures that others have computed from the shared data, reached through processes."""

from pathlib import Path

import numpy as np
from cube_factories import pinned
from process_calls import call

from earthcode_platform.cubes.load import load


def test_the_el_nino_of_2015_peaks_in_november(shared: Path) -> None:
    path = shared / "data" / "ersstv5-2010-2016" / "collection.json"
    cube = load(pinned(path, bbox=[-170, -5, -120, 5]), ["sst"])
    assert (cube["x"].values.min() % 360, cube["x"].values.max() % 360) == (190, 240)
    normals = call("climatological_normal", data=cube, period="month", climatology_period=[2010, 2016])
    found = call("anomaly", data=cube, normals=normals, period="month")
    weights = np.cos(np.deg2rad(found["y"])) * (1 + 0 * found["x"])
    index = (found.isel(bands=0) * weights).sum(("y", "x")) / weights.sum()
    assert str(index["t"].values[int(index.values.argmax())])[:7] == "2015-11"
    assert round(float(index.max()), 4) == 2.7214


def test_vegetation_around_canberra(shared: Path) -> None:
    path = shared / "data" / "ls5-nbar-canberra-1992" / "collection.json"
    cube = load(pinned(path), ["B30", "B40", "PQ"])
    quality = call("drop_dimension", data=call("filter_bands", data=cube, bands=["PQ"]), name="bands")
    unclear = call("neq", x=quality, y=16383)
    clear = call("mask", data=call("ndvi", data=cube, nir="nir", red="red"), mask=unclear)
    assert round(float(clear.mean()), 3) == 0.497
    assert round(float((unclear == 0).mean()), 3) == 0.850
