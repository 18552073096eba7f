"""Broken graphs of geometries: of aggregation over them, of processes in them, and of tables of their values."""

from typing import Any

from broken_graphs import Broken
from cube_factories import ORIGIN
from graph_pieces import Json, graph, index, node, parameter, process, reduced, ref

__all__ = ["VECTORS"]


def square(left: float, top: float, side: float = 20, **more: Any) -> Json:  # noqa: ANN401 - JSON
    """Return a square in metres from the upper left corner of the scenes."""
    west, north = ORIGIN[0] + left, ORIGIN[1] - top
    ring = [[west, north], [west + side, north], [west + side, north - side], [west, north - side], [west, north]]
    return {"type": "Polygon", "coordinates": [ring], "crs": 32633, **more}


def named(name: str, **more: Any) -> Json:  # noqa: ANN401 - JSON
    return {"type": "Feature", "properties": {name: "north"}, "geometry": square(0, 0), "crs": 32633, **more}


def several(*shapes: Json) -> Json:
    features = [{"type": "Feature", "properties": {"rank": 1}, "geometry": shape} for shape in shapes]
    return {"type": "FeatureCollection", "features": features, "crs": 32633}


def fields(geometries: Any, source: str = "load", reducer: str = "mean", **more: Any) -> Json:  # noqa: ANN401 - JSON
    called = process(r=node(reducer, data=parameter("data")))
    return node("aggregate_spatial", data=ref(source), geometries=geometries, reducer=called, **more)


def in_each(geometries: Json, name: str = "add", **more: Any) -> Json:  # noqa: ANN401 - JSON
    given = more or {"x": parameter("data"), "y": 1}
    return node("apply_polygon", data=ref("mean"), geometries=geometries, process=process(p=node(name, **given)))


SQUARE = square(0, 0)
POINT = {"type": "Point", "coordinates": [ORIGIN[0] + 5, ORIGIN[1] - 5], "crs": 32633}
MEAN = reduced("load", "t", "mean")

GEOMETRIES = (
    Broken("a polygon without a ring", lambda ring: graph(fields=fields({**SQUARE, "coordinates": ring})),
        [[[15.0], [15.1]]], SQUARE["coordinates"], "workflow-argument-value", "node 'fields'",
        "no usable coordinates", form="CSV"),
    Broken("a collection of geometries", lambda kind: graph(fields=fields({**SQUARE, "type": kind})),
        "GeometryCollection", "Polygon", "workflow-argument-value", "node 'fields'", "'GeometryCollection'",
        "MultiPolygon", form="CSV"),
    Broken("geometries in a reference system that is not there", lambda code: graph(fields=fields({**SQUARE,
        "crs": code})), 999_999, 32633, "workflow-argument-value", "node 'fields'", "EPSG:999999", "EPSG", form="CSV"),
    Broken("geometries outside of the data", lambda left: graph(fields=fields(square(left, 0))),
        90_000, 10, "workflow-no-data-available", "node 'fields'", "within 590000, ", "longitudes and latitudes",
        form="CSV"),
    Broken("metres taken for degrees", lambda code: graph(fields=fields({**SQUARE, "crs": code})),
        None, 32633, "workflow-no-data-available", "node 'fields'",
        "within 500000, 4999980, 500020, 5000000 (EPSG:4326)", "longitudes", form="CSV"),
    Broken("a mask outside of the data", lambda left: graph(mean=MEAN, masked=node("mask_polygon", data=ref("mean"),
        mask=square(left, 0))), 90_000, 10, "workflow-no-data-available", "node 'masked'", "no geometry meets"),
    Broken("geometries that no relation leaves", lambda relation: graph(chosen=node("filter_vector", data=SQUARE,
        geometries=square(10, 10), relation=relation), fields=fields(ref("chosen"))),
        "disjoint", "intersects", "workflow-no-data-available", "node 'fields'", "no geometries", form="CSV"),
    Broken("a buffer in degrees", lambda code: graph(moved=node("vector_reproject", data=SQUARE, projection=code),
        wide=node("vector_buffer", geometries=ref("moved"), distance=5), fields=fields(ref("wide"))),
        4326, 32633, "workflow-unit-mismatch", "node 'wide'", "degree", "vector_reproject", form="CSV"),
    Broken("a projection that is not there", lambda code: graph(moved=node("vector_reproject", data=SQUARE,
        projection=code), fields=fields(ref("moved"))),
        999_999, 4326, "workflow-argument-value", "node 'moved'", "EPSG:999999", "EPSG", form="CSV"),
    Broken("a property that no feature has", lambda name: graph(mean=MEAN, read=node("load_geojson",
        data=several(SQUARE), properties=[name]), burnt=node("vector_to_raster", data=ref("read"), target=ref("mean"))),
        "rnk", "rank", "workflow-would-fail", "node 'read'", "'rnk'", "rank"),
    Broken("a property that is a text", lambda value: graph(mean=MEAN, read=node("load_geojson", data={**named("name"),
        "properties": {"name": value}}, properties=["name"]),
        burnt=node("vector_to_raster", data=ref("read"), target=ref("mean"))),
        "north", 3, "workflow-process-parameter-unsupported", "node 'read'", "'north'", "Leave it out"),
)  # fmt: skip

ZONES = (
    Broken("a target dimension that is there already", lambda name: graph(fields=fields(SQUARE, target_dimension=name)),
        "t", "counts", "workflow-target-dimension-exists", "node 'fields'", "'t'", "another name", form="CSV"),
    Broken("values that are arrays", lambda reducer: graph(fields=fields(SQUARE, reducer=reducer)),
        "extrema", "max", "workflow-would-fail", "node 'fields'", "gives an array", form="CSV"),
    Broken("geometries without a place to look at", lambda dimension: graph(mean=reduced("load", dimension, "mean"),
        fields=fields(SQUARE, "mean")), "x", "t", "workflow-dimension-missing", "node 'fields'", "'x'", form="CSV"),
    Broken("pixels burnt into pixels", lambda source: graph(mean=MEAN, fields=fields(SQUARE, "mean"),
        burnt=node("vector_to_raster", data=ref(source), target=ref("mean"))),
        "mean", "fields", "workflow-unusable-input", "node 'burnt'", "no geometries, only", "aggregate_spatial"),
    Broken("a process applied to points", lambda shape: graph(mean=MEAN, done=in_each(shape)),
        POINT, SQUARE, "workflow-argument-value", "node 'done'", "a Point is no polygon", "polygons"),
    Broken("polygons that share pixels", lambda left: graph(mean=MEAN, done=in_each(
        several(square(0, 0), square(left, 0)))),
        10, 20, "workflow-geometries-overlap", "node 'done'", "share 2 pixels", "Cut them apart"),
    Broken("a process that loses a dimension", lambda name: graph(mean=MEAN, done=in_each(SQUARE, name, **(
        {"data": parameter("data"), "bands": ["B04"]} if name == "filter_bands" else {}))),
        "filter_bands", "add", "workflow-data-cube-properties-immutable", "node 'done'", "'bands': 1", "Keep"),
)  # fmt: skip

TABLES = (
    Broken("geometries in a format of pixels", lambda source: graph(mean=MEAN, fields=fields(SQUARE, "mean"),
        save=node("save_result", data=ref(source))),
        "fields", "mean", "workflow-unwritable", "node 'save'", "has geometries, and COG holds none", "GeoJSON",
        form="COG"),
    Broken("points beside polygons in NetCDF", lambda shape: graph(mean=MEAN, fields=fields(several(SQUARE, shape))),
        POINT, square(20, 0), "workflow-unwritable", "node 'fields'", "point and polygon", "GeoJSON"),
    Broken("pixels in a format of geometries", lambda source: graph(fields=fields(SQUARE),
        save=node("save_result", data=ref(source))),
        "load", "fields", "workflow-unwritable", "node 'save'", "holds no pixels", "aggregate_spatial", form="GeoJSON"),
    Broken("a band called like a property", lambda name: graph(fields=fields(named(name)), index=reduced("fields",
        "bands", index()), done=node("add_dimension", data=ref("index"), name="bands", label="ndvi", type_="bands")),
        "ndvi", "name", "workflow-unwritable", "node 'done'", "'ndvi' twice", "rename_labels", form="Parquet"),
    Broken("an option that no format has", lambda option: graph(fields=fields(SQUARE), save=node("save_result",
        data=ref("fields"), format_="CSV", options={option: ";"})),
        "seperator", "separator", "workflow-argument-value", "node 'save'", "'seperator'", "'separator'", form="CSV"),
    Broken("a format that is not there", lambda form: graph(fields=fields(SQUARE), save=node("save_result",
        data=ref("fields"), format_=form)),
        "geojsn", "geojson", "workflow-argument-value", "node 'save'", "'geojsn'", "'geojson'", form="GeoJSON"),
    Broken("a table in another format than the product", lambda form: graph(fields=fields(SQUARE), save=node(
        "save_result", data=ref("fields"), format_=form)),
        "CSV", "GeoJSON", "workflow-format-unsuitable", "node 'save'", "as CSV", "product.format", form="GeoJSON"),
)  # fmt: skip

VECTORS = (*GEOMETRIES, *ZONES, *TABLES)
