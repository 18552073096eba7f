"""Made scenes for benchmarks: dates of B04, B08 and SCL as DEFLATE COGs, with their STAC documents and a graph.

Fields are smooth with noise on top, as reflectances are, clouds are blobs, and every third date lacks a corner, as at
the edge of an orbit: what compresses and computes like the real thing.
"""

import json
from pathlib import Path
from typing import Any, Final

__all__ = ["CLASSES", "DATES", "SIDE", "anomaly_graph", "composite_graph", "experiment", "make_scenes"]

DATES: Final = 16
SIDE: Final = 2048
CLASSES: Final = (3, 8, 9, 10)
"""Classes of SCL that are masked: cloud shadow, clouds of medium and high probability, cirrus."""
_WEST, _NORTH, _STEP = 500_000.0, 5_000_000.0, 10.0


def make_scenes(folder: Path, dates: int = DATES, side: int = SIDE, times: tuple[int, int] = (1, 1)) -> Path:
    """Write the scenes below `folder` and return their collection.

    Args:
        folder: Where they go.
        dates: How many.
        side: Rows and columns.
        times: How often the scene is repeated downwards and to the right.
    """
    import numpy as np

    random = np.random.default_rng(20)
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for at in range(dates):
        red = 400 + 300 * _field(random, side) + random.normal(0, 25, (side, side))
        near = 2500 + 1500 * _field(random, side) + random.normal(0, 60, (side, side))
        cloud, land = _field(random, side), _field(random, side)
        classes = np.where(cloud > 0.9, 9, np.where(cloud > 0.6, 8, np.where(cloud < -1.1, 3, 4 + (land > 0))))
        bands = {"B04": red.clip(1, 10000), "B08": near.clip(1, 10000), "SCL": classes.astype("float64")}
        row, column = np.ogrid[:side, :side]
        beyond = (row + column < side // 2) if at % 3 == 0 else np.zeros((side, side), dtype=bool)
        for name, values in bands.items():
            values[beyond] = 0
            stored = np.tile(values.astype("uint8" if name == "SCL" else "uint16"), times)
            _write_cog(folder / f"{at:02d}-{name}.tif", stored)
        names.append(_write_item(folder, at, (side * times[0], side * times[1])))
    links = [{"rel": "item", "href": f"./{name}"} for name in names]
    collection = folder / "collection.json"
    content = {"type": "Collection", "stac_version": "1.1.0", "id": "scenes", "links": links}
    collection.write_text(json.dumps(content), encoding="utf-8")
    return collection


def _field(random: Any, side: int) -> Any:  # noqa: ANN401 - NumPy is imported where it is used
    """Return a smooth field of mean 0 and deviation 1: a few waves of random direction."""
    import numpy as np

    at = np.arange(side) / side * 2 * np.pi
    field = np.zeros((side, side), dtype="float32")
    for _ in range(8):
        across, down = random.uniform(-6, 6, 2)
        field += np.sin(across * at[None, :] + down * at[:, None] + random.uniform(0, 6)).astype("float32")
    return field / 2


def _write_cog(path: Path, values: Any) -> None:  # noqa: ANN401 - an array
    import rasterio
    from affine import Affine

    place = Affine(_STEP, 0.0, _WEST, 0.0, -_STEP, _NORTH)
    with rasterio.open(
        path, "w", driver="COG", count=1, height=values.shape[0], width=values.shape[1], dtype=values.dtype,
        crs="EPSG:32633", transform=place, nodata=0, compress="DEFLATE", predictor="YES", blocksize=512,
        num_threads="ALL_CPUS", level=6 if values.size <= SIDE * SIDE else 1,
    ) as target:  # fmt: skip
        target.write(values, 1)


def _write_item(folder: Path, at: int, shape: tuple[int, int]) -> str:
    box = [15.0, 44.9, 15.3, 45.2]
    ring = [[15.0, 44.9], [15.3, 44.9], [15.3, 45.2], [15.0, 45.2], [15.0, 44.9]]
    assets = {
        name: {
            "href": f"./{at:02d}-{name}.tif", "roles": ["data"],
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "raster:bands": [{"data_type": "uint8" if name == "SCL" else "uint16", "nodata": 0}],
        }
        for name in ("B04", "B08", "SCL")
    }  # fmt: skip
    content = {
        "type": "Feature", "stac_version": "1.0.0", "id": f"scene-{at:02d}", "bbox": box,
        "stac_extensions": [
            "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
            "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
        ],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "datetime": f"{2020 + at // 12}-{at % 12 + 1:02d}-05T10:00:00Z", "proj:code": "EPSG:32633",
            "proj:shape": list(shape), "proj:transform": [_STEP, 0.0, _WEST, 0.0, -_STEP, _NORTH],
        },
        "links": [], "assets": assets,
    }  # fmt: skip
    name = f"scene-{at:02d}.json"
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return name


def experiment(folder: Path, graph: dict[str, Any], form: str = "COG", workflow: Path | None = None) -> Any:  # noqa: ANN401 - a PinnedExperiment
    """Return the graph on the scenes in `folder` as a pinned experiment; its file lies there if not elsewhere."""
    from earthcode_platform import checksums
    from earthcode_platform.cubes.pin import pin_input
    from earthcode_platform.models.experiment import Experiment, InputReference
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedWorkflow

    path = workflow or folder / "workflow.json"
    path.write_text(json.dumps(graph), encoding="utf-8")
    declared = Experiment.model_validate({
        "id": "bench", "version": "1.0.0", "title": "B", "description": "B.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {"scenes": {"href": "collection.json"}},
        "product": {"id": "bench-map", "title": "B", "format": form},
    })  # fmt: skip
    source = pin_input("scenes", InputReference.model_validate({"href": "collection.json"}), folder)
    entry = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    return PinnedExperiment(experiment=declared, folder=str(folder), workflow=entry, inputs=(source,))


def _node(process: str, **arguments: object) -> dict[str, Any]:
    return {"process_id": process, "arguments": arguments}


def _ref(name: str) -> dict[str, str]:
    return {"from_node": name}


def _inner(**nodes: dict[str, Any]) -> dict[str, Any]:
    last = list(nodes)[-1]
    return {"process_graph": {**nodes, last: {**nodes[last], "result": True}}}


_DATA: Final = {"from_parameter": "data"}


def _masked_ndvi() -> dict[str, Any]:
    """Return nodes that load, mask clouds as the openEO client writes it, and compute NDVI."""
    tests = {f"is{value}": _node("eq", x=_ref("scl"), y=value) for value in CLASSES}
    names, joined = list(tests), {}
    before = names[0]
    for at, name in enumerate(names[1:]):
        joined[f"or{at}"] = _node("or", x=_ref(before), y=_ref(name))
        before = f"or{at}"
    clouds = _inner(scl=_node("array_element", data=_DATA, label="SCL"), **tests, **joined)
    ndvi = _inner(
        nir=_node("array_element", data=_DATA, label="B08"),
        red=_node("array_element", data=_DATA, label="B04"),
        ndvi=_node("normalized_difference", x=_ref("nir"), y=_ref("red")),
    )
    return {
        "load": _node("load_stac", url="scenes", bands=["B04", "B08", "SCL"]),
        "clouds": _node("reduce_dimension", data=_ref("load"), dimension="bands", reducer=clouds),
        "clear": _node("mask", data=_ref("load"), mask=_ref("clouds")),
        "ndvi": _node("reduce_dimension", data=_ref("clear"), dimension="bands", reducer=ndvi),
    }


def composite_graph(form: str = "COG") -> dict[str, Any]:
    """Return the graph of a masked NDVI and its temporal median, saved in a format."""
    median = _inner(m=_node("median", data=_DATA))
    return _inner(
        **_masked_ndvi(),
        median=_node("reduce_dimension", data=_ref("ndvi"), dimension="t", reducer=median),
        save=_node("save_result", data=_ref("median"), format=form),
    )


def anomaly_graph() -> dict[str, Any]:
    """Return a graph that does not work pixel by pixel: NDVI in pixels of 20 m, and each date less the mean."""
    mean = _inner(m=_node("mean", data=_DATA))
    less = _inner(d=_node("subtract", x={"from_parameter": "x"}, y={"from_parameter": "y"}))
    nodes = {name: node for name, node in _masked_ndvi().items() if name not in ("clouds", "clear")}
    nodes["ndvi"] = {**nodes["ndvi"], "arguments": {**nodes["ndvi"]["arguments"], "data": _ref("load")}}
    return _inner(
        **nodes,
        coarse=_node("resample_spatial", data=_ref("ndvi"), resolution=20, method="average"),
        mean=_node("reduce_dimension", data=_ref("coarse"), dimension="t", reducer=mean),
        less=_node("merge_cubes", cube1=_ref("coarse"), cube2=_ref("mean"), overlap_resolver=less),
        save=_node("save_result", data=_ref("less"), format="netCDF"),
    )
