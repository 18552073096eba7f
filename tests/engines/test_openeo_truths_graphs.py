"""Figures that others have computed from the shared data, reached by graphs from the pinned input to the file."""

import json
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import rasterio
from graph_pieces import Json, graph, load, node, parameter, picked, process, ref

from earthcode_platform import checksums
from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import PinnedExperiment, PinnedWorkflow
from earthcode_platform.models.run import ProducedFile


def produced(folder: Path, scenes: Path, content: Json, form: str) -> ProducedFile:
    """Run a graph on a collection, and return the file that it made."""
    path = folder / "workflow.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    declared = Experiment.model_validate({
        "id": "truth", "version": "1.0.0", "title": "A truth", "description": "A truth.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {"scenes": {"href": str(scenes)}},
        "product": {"id": "truth", "title": "A truth", "format": form},
    })  # fmt: skip
    workflow = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    made = PinnedExperiment(
        experiment=declared, folder=str(folder), workflow=workflow, inputs=pin_inputs(declared.inputs, folder)
    )
    (file,) = OpenEOEngine().run(made, folder / "out").files
    return file


def reduce(data: str, dimension: str, reducer: Json) -> Json:
    return node("reduce_dimension", data=ref(data), dimension=dimension, reducer=reducer)


def mean() -> Json:
    return process(m=node("mean", data=parameter("data")))


def weights(**more: Any) -> Json:  # noqa: ANN401 - JSON
    """Return a process that gives the cosine of each label in degrees, times what more it is given."""
    nodes = {
        "turn": node("pi"),
        "half": node("divide", x=ref("turn"), y=180),
        "angle": node("multiply", x=parameter("label"), y=ref("half")),
        "weight": node("cos", x=ref("angle")),
    }
    if more:
        nodes["weighted"] = node("multiply", x=ref("weight"), **more)
    return node("array_apply", data=parameter("data"), process=process(**nodes))


def series(file: ProducedFile) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Return the values of a file's only variable, and its dates."""
    with netCDF4.Dataset(file.path) as opened:
        stamps = netCDF4.num2date(opened["t"][:], opened["t"].units)
        values = np.ma.filled(opened[file.bands[0]][:].astype("float64"), np.nan)
    return values, [f"{stamp.year}-{stamp.month:02d}-{stamp.day:02d}" for stamp in stamps]


def test_the_el_nino_of_2015_peaks_in_november(shared: Path, tmp_path: Path) -> None:
    weighted = process(
        every=weights(y=parameter("x")),
        alone=weights(),
        above=node("sum", data=ref("every")),
        below=node("sum", data=ref("alone")),
        index=node("divide", x=ref("above"), y=ref("below")),
    )
    pacific = {"west": -170, "south": -5, "east": -120, "north": 5}
    content = graph(
        load=load(bands=["sst"], spatial_extent=pacific),
        normals=node("climatological_normal", data=ref("load"), period="month", climatology_period=[2010, 2016]),
        anomaly=node("anomaly", data=ref("load"), normals=ref("normals"), period="month"),
        rows=reduce("anomaly", "x", mean()),
        index=reduce("rows", "y", weighted),
        save=node("save_result", data=ref("index"), format="NetCDF"),
    )
    file = produced(tmp_path, shared / "data" / "ersstv5-2010-2016" / "collection.json", content, "NetCDF")
    values, dates = series(file)
    assert dates[int(values.argmax())].startswith("2015-11")
    assert round(float(values.max()), 4) == 2.7214
    assert file.statistics["maximum"] == pytest.approx(2.7214, abs=5e-5)


def test_the_season_of_a_site(shared: Path, tmp_path: Path) -> None:
    cloudy = process(clm=picked("CLM"), cloud=node("neq", x=ref("clm"), y=0))
    content = graph(
        cloud=node("reduce_dimension", data=ref("load"), dimension="bands", reducer=cloudy),
        vegetation=node("filter_bands", data=ref("load"), bands=["NDVI"]),
        clear=node("mask", data=ref("vegetation"), mask=ref("cloud")),
        rows=reduce("clear", "x", mean()),
        site=reduce("rows", "y", mean()),
        save=node("save_result", data=ref("site"), format="NetCDF"),
    )
    file = produced(tmp_path, shared / "data" / "s2-ndvi-site-2015-2016" / "collection.json", content, "NetCDF")
    values, dates = series(file)
    found = dict(zip(dates, values.round(2).ravel().tolist(), strict=True))
    assert (found["2016-01-07"], found["2016-01-17"]) == (0.18, 0.18)
    # Half of the site is cloudy on the third date of August.
    assert (found["2016-08-04"], found["2016-08-14"], found["2016-08-24"]) == (0.71, 0.73, 0.63)


def test_vegetation_around_canberra(shared: Path, tmp_path: Path) -> None:
    unclear = process(pq=picked("PQ"), bad=node("neq", x=ref("pq"), y=16383))
    content = graph(
        load=load(bands=["nir", "red", "PQ"]),
        unclear=node("reduce_dimension", data=ref("load"), dimension="bands", reducer=unclear),
        index=node("ndvi", data=ref("load"), nir="nir", red="red"),
        clear=node("mask", data=ref("index"), mask=ref("unclear")),
        map=reduce("clear", "t", mean()),
        save=node("save_result", data=ref("map"), format="COG", options={"dtype": "int16", "scale": 0.0001}),
    )
    file = produced(tmp_path, shared / "data" / "ls5-nbar-canberra-1992" / "collection.json", content, "COG")
    assert round(file.statistics["mean"], 3) == 0.497
    assert round(file.statistics["valid_percent"], 1) == 85.0
    with rasterio.open(file.path) as opened:
        values = opened.read(1, masked=True)
        assert (opened.dtypes, opened.scales) == (("int16",), (0.0001,))
    assert round(float(values.mean()) * 0.0001, 3) == 0.497
