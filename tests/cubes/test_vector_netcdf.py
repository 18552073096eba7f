"""Vector cubes as NetCDF with CF geometries: read back node by node, as the conventions say, section 7.5."""

import json
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import shapely
import xarray as xr
from test_tables import FEATURES, vector

from earthcode_platform.cubes.features import GEOMETRY, Feature, labels
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.write import require_writable, write
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat

NETCDF = ProductFormat.NETCDF
HOLED = shapely.Polygon(shapely.box(0, 0, 9, 9).exterior.coords, [shapely.box(2, 2, 3, 3).exterior.coords])
SHAPES: dict[str, tuple[shapely.Geometry, ...]] = {
    "polygon": (shapely.MultiPolygon([HOLED, shapely.box(20, 0, 21, 1)]), shapely.Polygon(), shapely.box(5, 5, 6, 6)),
    "line": (
        shapely.LineString([(0, 0), (1, 1), (2, 0)]),
        shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 5), (6, 6)]]),
    ),
    "point": (shapely.Point(1, 2), shapely.MultiPoint([(3, 4), (5, 6)]), shapely.Point()),
}


def of(shapes: tuple[shapely.Geometry, ...], crs: str = "EPSG:4326") -> xr.DataArray:
    return vector(tuple(Feature(shape, crs, json.dumps({"name": f"f{at}"})) for at, shape in enumerate(shapes)))


def written(folder: Path, made: xr.DataArray, **options: Any) -> Path:  # noqa: ANN401 - JSON
    path = folder / "a.nc"
    write(made, path, NETCDF, "A title", read_options(options, NETCDF))
    return path


def shapes_in(path: Path) -> list[list[list[tuple[float, float]]]]:
    """Return the parts of each geometry, node by node."""
    with netCDF4.Dataset(path) as opened:
        container = opened["geometry_container"]
        x, y = (opened[name][:].tolist() for name in container.node_coordinates.split())
        counts = opened[container.node_count][:].tolist()
        lengths = opened[container.part_node_count][:].tolist() if "part_node_count" in container.ncattrs() else None
    nodes, found = list(zip(x, y, strict=True)), []
    parts = iter(lengths or [1] * len(nodes))
    for count in counts:
        shape: list[list[tuple[float, float]]] = []
        while sum(map(len, shape)) < count:
            length = next(parts)
            shape, nodes = [*shape, nodes[:length]], nodes[length:]
        found.append(shape)
    return found


@pytest.mark.parametrize("kind", SHAPES)
def test_geometries_are_nodes_in_their_order(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, of(SHAPES[kind]))
    for parts, shape in zip(shapes_in(path), SHAPES[kind], strict=True):
        rings = [ring for part in shapely.get_parts(shape) for ring in shapely.get_parts(shapely.get_rings(part))]
        expected = rings if kind == "polygon" else [part for part in shapely.get_parts(shape) if not part.is_empty]
        assert [shapely.normalize(_built(kind, part)) for part in parts] == [
            shapely.normalize(_built(kind, one.coords)) for one in expected
        ]
    with netCDF4.Dataset(path) as opened:
        assert opened["geometry_container"].geometry_type == kind
        assert opened["B04"].geometry == "geometry_container"
        assert opened["B04"].dimensions == ("t", "geometry")
        assert opened["B04"].coordinates == "name"
        assert opened["name"][:].tolist() == [f"f{at}" for at in range(len(SHAPES[kind]))]
        assert opened["x"].standard_name == "longitude"


def _built(kind: str, nodes: Any) -> shapely.Geometry:  # noqa: ANN401 - positions
    return {"polygon": shapely.Polygon, "line": shapely.LineString, "point": lambda one: shapely.Point(one[0])}[kind](
        nodes
    )


def test_exteriors_run_anticlockwise_and_holes_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, of(SHAPES["polygon"]))
    with netCDF4.Dataset(path) as opened:
        assert opened["interior_ring"][:].tolist() == [0, 1, 0, 0]
        assert opened["node_count"][:].tolist() == [15, 0, 5]
    directions = [shapely.LinearRing(ring).is_ccw for shape in shapes_in(path) for ring in shape]
    assert directions == [True, False, True, True]


def test_values_options_and_the_reference_system_are_kept(tmp_path: Path) -> None:
    made = vector()
    path = written(tmp_path, made, dtype="int16", scale=0.1, names={"B04": "red"}, chunksizes={"t": 1})
    back = reopen(path)
    assert back["bands"].values.tolist() == ["red", "B08"]
    np.testing.assert_allclose(back.transpose("t", "bands", GEOMETRY).values, made.values, atol=1e-9)
    with netCDF4.Dataset(path) as opened:
        assert opened["spatial_ref"].crs_wkt.startswith('PROJCRS["WGS 84 / UTM zone 33N"')
        assert opened["red"].grid_mapping == "spatial_ref"
        assert opened["red"].dtype == np.int16
        assert opened["x"].units == "m"
        assert opened["crop"][:].tolist() == [3.0, None, None] or np.isnan(opened["crop"][1])
        assert opened["feature_id"][:].tolist() == ["north", "", ""]


def test_equal_cubes_give_equal_files_and_geometries_count(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one", vector()), written(tmp_path / "two", vector())
    assert one.read_bytes() == two.read_bytes()
    moved = (
        Feature(shapely.transform(FEATURES[0].shape, lambda at: at + 1), "EPSG:32633", FEATURES[0].properties, "north"),
    )
    assert data_checksum(written(tmp_path / "three", vector((*moved, *FEATURES[1:])))) != data_checksum(one)
    renamed = (Feature(FEATURES[0].shape, "EPSG:32633", '{"name": "b", "crop": 3}', "north"),)
    assert data_checksum(written(tmp_path / "four", vector((*renamed, *FEATURES[1:])))) != data_checksum(one)


MIXED = of((shapely.Point(0, 0), shapely.box(0, 0, 1, 1)))


@pytest.mark.parametrize(
    ("made", "options", "words"),
    [
        (MIXED, {}, "geometries are point and polygon, and NetCDF holds those of one kind"),
        (of((shapely.Polygon(), shapely.Polygon())), {}, "geometries are all empty"),
        (vector().assign_coords(bands=["B04", "crop"]), {}, "'crop' cannot be the name"),
        (vector().assign_coords(bands=["B04", "node_count"]), {}, "'node_count' cannot be the name"),
        (vector(), {"names": {"B05": "x"}}, "no band 'B05'"),
        (vector(), {"chunksizes": {"y": 1}}, "no dimension 'y'"),
        (vector().isel(t=[]), {}, "nothing along 't'"),
        (vector().assign_coords({GEOMETRY: labels((FEATURES[0],) * 3)}).rename(t="x"), {}, "'x' cannot be the name"),
    ],
)
def test_what_netcdf_cannot_hold_is_refused_before_it_is_computed(
    made: xr.DataArray, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        require_writable(made.chunk(), NETCDF, "node 'save'", read_options(options, NETCDF))
