"""Broken graphs: each a small real workflow as a function of one value, with a wrong value and the right one.

They read two inputs: `scenes`, three dates of B04 (red), B08 (nir) and SCL in UTM, and `months`, the months of
2020 of `temp` in degrees around the globe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graph_pieces import (
    MONTHS,
    NDVI,
    TIME_MEAN,
    Json,
    box,
    clouds,
    graph,
    index,
    load,
    node,
    normals,
    parameter,
    picked,
    process,
    reduced,
    ref,
)

__all__ = ["CASES", "Broken"]


@dataclass(frozen=True)
class Broken:
    """A workflow with one fault, and what `check` must say of it."""

    id: str
    build: Callable[[Any], Json]
    """Makes the workflow of a value."""
    wrong: Any
    """The value that breaks it."""
    right: Any
    """The value that mends it."""
    code: str
    where: str
    """The place of the node, as the finding ends with it."""
    told: str
    """Part of the message: the offending value."""
    near: str = ""
    """Part of the remedy: the nearest valid name, or what to give."""
    form: str = "NetCDF"
    """Format of the product."""


FORM = (
    Broken("a cycle", lambda source: graph(index=NDVI, clear=node("mask", data=ref("index"), mask=ref(source)),
        clouds=reduced("clear" if source == "clouds" else "load", "bands", clouds()),
        mean=reduced("clear", "t", "mean")),
        "clouds", "index", "workflow-cycle", "node 'clear'", "clear → clouds → clear"),
    Broken("a node that is not there", lambda name: graph(index=NDVI, mean=reduced(name, "t", "mean")),
        "indx", "index", "workflow-unknown-node", "node 'mean'", "'indx'", "'index'"),
    Broken("two results", lambda more: graph(index={**NDVI, **more}, mean=reduced("index", "t", "mean")),
        {"result": True}, {}, "workflow-many-results", "workflow.json", "'index', 'mean'"),
    Broken("a parameter declared twice", lambda name: graph(
        parameters=[{"name": one, "schema": {}, "default": 2} for one in ("factor", name)],
        mean=TIME_MEAN), "factor", "offset", "workflow-duplicate-parameter", "parameter 'factor'", "twice"),
    Broken("a default that its schema forbids", lambda default: graph(
        parameters=[{"name": "factor", "schema": {"type": "number", "maximum": 1}, "default": default}],
        scaled=node("apply", data=ref("load"), process=process(
            times=node("multiply", x=parameter("x"), y=parameter("factor"))))),
        2, 1, "workflow-bad-default", "parameter 'factor'", "default 2"),
    Broken("a parameter of another callback", lambda name: graph(mean=reduced("load", "t", process(
        m=node("mean", data=parameter(name))))), "x", "data", "workflow-unknown-parameter",
        "node 'mean' > reducer > node 'm'", "'x'", "data"),
)  # fmt: skip

NODES = (
    Broken("a process that is not there", lambda name: graph(mean={**TIME_MEAN, "process_id": name}),
        "reduce_dimensions", "reduce_dimension", "workflow-unsupported-process", "node 'mean'",
        "'reduce_dimensions'", "'reduce_dimension'"),
    Broken("an argument that is not there", lambda name: graph(cut=node(
        "filter_temporal", data=ref("load"), **{"extent": ["2020-01-01", None], name: ["2020-01-01", "2020-01-03"]})),
        "extend", "extent", "workflow-unknown-argument", "node 'cut'", "'extend'", "'extent'"),
    Broken("a missing argument", lambda more: graph(monthly=node("aggregate_temporal_period", data=ref("load"),
        reducer=process(m=node("mean", data=parameter("data"))), **more)),
        {}, {"period": "month"}, "workflow-missing-argument", "node 'monthly'", "'period'"),
    Broken("a number among names of bands", lambda band: graph(load=load(bands=["B04", band])),
        8, "B08", "workflow-argument-value", "node 'load'", "'bands' of load_stac[1] is 8", "a text"),
    Broken("a period of the calendar", lambda period: graph(monthly=node(
        "aggregate_temporal_period", data=ref("load"), period=period,
        reducer=process(m=node("median", data=parameter("data"))))),
        "months", "month", "workflow-argument-value", "node 'monthly'", "'months'", "'month'"),
    Broken("a period of normals", lambda period: graph(load=MONTHS, normal=normals(period)),
        "sesaon", "season", "workflow-argument-value", "node 'normal'", "'sesaon'", "'season'"),
    Broken("years that run backwards", lambda years: graph(load=MONTHS, normal=normals(years=years)),
        [2021, 2020], [2020, 2020], "workflow-argument-value", "node 'normal'", "begins in 2021"),
    Broken("a method of resampling", lambda method: graph(
        coarse=node("resample_spatial", data=ref("load"), resolution=20, method=method)),
        "bilinar", "bilinear", "workflow-argument-value", "node 'coarse'", "'bilinar'", "'bilinear'"),
    Broken("a projection that does not exist", lambda code: graph(
        there=node("resample_spatial", data=ref("load"), projection=code)),
        999999, 3035, "workflow-argument-value", "node 'there'", "EPSG:999999"),
    Broken("a box whose CRS does not exist", lambda code: graph(
        cut=node("filter_bbox", data=ref("load"), extent={
            "west": 499_000, "south": 4_990_000, "east": 501_000, "north": 5_001_000, "crs": code})),
        999999, 32633, "workflow-argument-value", "node 'cut'", "EPSG:999999"),
    Broken("a box without an edge", lambda edge: graph(load=load(spatial_extent=box(east=edge))),
        None, 15.1, "workflow-argument-value", "node 'load'", "no bounding box", "west, south, east and north"),
    Broken("a box upside down", lambda south: graph(cut=node("filter_bbox", data=ref("load"), extent=box(south=south))),
        46, 45, "workflow-argument-value", "node 'cut'", "46, lies above", "Swap"),
    Broken("a day that no calendar has", lambda day: graph(
        cut=node("filter_temporal", data=ref("load"), extent=[day, None])),
        "2020-02-30", "2020-01-02", "workflow-argument-value", "node 'cut'", "'2020-02-30'", "2020-01-31"),
    Broken("an interval without a moment", lambda end: graph(load=load(temporal_extent=["2020-01-02", end])),
        "2020-01-02", "2020-01-03", "workflow-argument-value", "node 'load'", "TemporalExtentEmpty"),
    Broken("an index below zero", lambda at: graph(last=reduced("load", "t", process(
        one=node("array_element", data=parameter("data"), index=at)))),
        -1, 2, "workflow-argument-value", "node 'last' > reducer > node 'one'", "-1 is below 0", "0 or more"),
    Broken("probabilities out of order", lambda wanted: graph(spread=node(
        "apply_dimension", data=ref("load"), dimension="t", target_dimension="bands",
        process=process(q=node("quantiles", data=parameter("data"), probabilities=wanted))), load=load(bands=["B04"])),
        [0.9, 0.1], [0.1, 0.9], "workflow-argument-value", "node 'spread' > process > node 'q'", "[0.9, 0.1]"),
    Broken("a type of dimension", lambda kind: graph(mean=TIME_MEAN, index=reduced("mean", "bands", index()),
        named=node("add_dimension", data=ref("index"), name="bands", label="ndvi", type_=kind)),
        "band", "bands", "workflow-argument-value", "node 'named'", "'band'", "'bands'"),
    Broken("a range of wavelengths backwards", lambda ends: graph(
        near=node("filter_bands", data=ref("load"), wavelengths=[ends])),
        [0.9, 0.7], [0.7, 0.9], "workflow-argument-value", "node 'near'", "[0.9, 0.7]"),
    Broken("a format that nobody writes", lambda form: graph(save=node("save_result", data=ref("load"), format_=form)),
        "NetCFD", "NetCDF", "workflow-argument-value", "node 'save'", "'netcfd'", "'netcdf'"),
    Broken("a unit of dates", lambda unit: graph(cut=node("filter_temporal", data=ref("load"), extent=[
        ref("day"), None]), day=node("date_shift", date="2020-01-01", value=1, unit=unit), save=node(
        "save_result", data=ref("cut"))),
        "days", "day", "workflow-argument-value", "node 'day'", "'days'", "'day'"),
)  # fmt: skip

BANDS = (
    Broken("a band of the input", lambda band: graph(load=load(bands=["B04", band])),
        "B8", "B08", "workflow-unknown-band", "node 'load'", "'B8'", "'B08'"),
    Broken("a band that was not loaded", lambda bands: graph(load=load(bands=bands), index=NDVI),
        ["B04", "SCL"], ["B04", "B08"], "workflow-unknown-band", "node 'index' > reducer > node 'nir'", "'B08'", "B04"),
    Broken("a band that was renamed", lambda band: graph(
        named=node("rename_labels", data=ref("load"), dimension="bands", source=["B04", "B08"],
            target=["red", "near"]), chosen=node("filter_bands", data=ref("named"), bands=[band, "near"])),
        "B04", "red", "workflow-unknown-band", "node 'chosen'", "'B04'", "red"),
    Broken("a label to rename", lambda label: graph(named=node(
        "rename_labels", data=ref("load"), dimension="bands", source=[label], target=["red"])),
        "B4", "B04", "workflow-label-not-available", "node 'named'", "'B4'", "'B04'"),
    Broken("two labels for one", lambda labels: graph(named=node(
        "rename_labels", data=ref("load"), dimension="bands", source=["B04"], target=labels)),
        ["red", "nir"], ["red"], "workflow-label-mismatch", "node 'named'", "1 labels cannot become 2"),
    Broken("an index of bands that are gone", lambda bands: graph(
        chosen=node("filter_bands", data=ref("load"), bands=bands), index=node("ndvi", data=ref("chosen"))),
        ["B04", "SCL"], ["B04", "B08"], "workflow-nir-band-ambiguous", "node 'index'", "'nir'"),
    Broken("a band that exists already", lambda name: graph(index=node("ndvi", data=ref("load"), target_band=name)),
        "SCL", "NDVI", "workflow-band-exists", "node 'index'", "'SCL'", "another name"),
    Broken("a label beside the index", lambda label: graph(index=node("ndvi", data=ref("load"), target_band="NDVI"),
        twice=reduced("index", "bands", process(ndvi=picked(label)))),
        "NDWI", "NDVI", "workflow-array-element-not-available", "node 'twice' > reducer > node 'ndvi'", "'NDWI'",
        "'NDVI'"),
)  # fmt: skip

DIMENSIONS = (
    Broken("a dimension of another name", lambda name: graph(mean=reduced("load", name, "mean")),
        "band", "bands", "workflow-dimension-not-available", "node 'mean'", "'band'", "'bands'"),
    Broken("a dimension that was reduced", lambda name: graph(mean=TIME_MEAN, again=reduced("mean", name, "max")),
        "t", "bands", "workflow-dimension-not-available", "node 'again'", "'t'; the cube has bands, y, x"),
    Broken("a dimension that was renamed", lambda name: graph(
        dated=node("rename_dimension", data=ref("load"), source="t", target="date"),
        mean=reduced("dated", name, "mean")),
        "t", "date", "workflow-dimension-not-available", "node 'mean'", "'t'; the cube has bands, date, y, x"),
    Broken("a dimension that was dropped", lambda name: graph(load=load(bands=["B04"]),
        flat=node("drop_dimension", data=ref("load"), name="bands"), mean=reduced("flat", name, "mean")),
        "bands", "t", "workflow-dimension-not-available", "node 'mean'", "'bands'"),
    Broken("bands that an index used up", lambda source: graph(
        index=node("ndvi", data=ref("load")), chosen=node("filter_bands", data=ref(source), bands=["red"])),
        "index", "load", "workflow-dimension-missing", "node 'chosen'", "no dimension 'bands'"),
    Broken("dates that were reduced", lambda source: graph(mean=TIME_MEAN, monthly=node(
        "aggregate_temporal_period", data=ref(source), period="month",
        reducer=process(m=node("mean", data=parameter("data"))))),
        "mean", "load", "workflow-dimension-not-available", "node 'monthly'", "no temporal dimension"),
    Broken("a dimension that is there", lambda name: graph(
        mean=TIME_MEAN, named=node("add_dimension", data=ref("mean"), name=name, label="2020-01-01", type_="temporal")),
        "bands", "t", "workflow-dimension-exists", "node 'named'", "'bands'"),
    Broken("a dimension with several labels", lambda bands: graph(load=load(bands=bands),
        flat=node("drop_dimension", data=ref("load"), name="bands")),
        ["B04", "B08"], ["B04"], "workflow-dimension-label-count-mismatch", "node 'flat'", "2 labels"),
    Broken("a mask with bands for an index without", lambda mask: graph(
        index=NDVI, clouds=reduced("load", "bands", clouds()), clear=node("mask", data=ref("index"), mask=ref(mask))),
        "load", "clouds", "workflow-incompatible-data-cubes", "node 'clear'", "'bands'", "reduce"),
    Broken("cubes that overlap", lambda more: graph(low=reduced("load", "t", "min"), high=reduced("load", "t", "max"),
        both=node("merge_cubes", cube1=ref("low"), cube2=ref("high"), **more)),
        {}, {"overlap_resolver": process(r=node("mean", data=[parameter("x"), parameter("y")]))},
        "workflow-overlap-resolver-missing", "node 'both'", "same labels", "overlap_resolver"),
)  # fmt: skip

WINDOWS = (
    Broken("a season without scenes", lambda start: graph(load=load(temporal_extent=[start, None])),
        "2021-06-01", "2020-01-02", "workflow-unusable-input", "node 'load'", "no item of the input 'scenes' is left"),
    Broken("dates that were cut off", lambda end: graph(
        early=node("filter_temporal", data=ref("load"), extent=["2020-01-01", "2020-01-02"]),
        late=node("filter_temporal", data=ref("early"), extent=[end, None])),
        "2020-01-03", "2020-01-01", "workflow-no-data-available", "node 'late'", "2020-01-03", "Widen"),
    Broken("a date from a parameter", lambda day: {**graph(
        parameters=[{"name": "since", "schema": {"type": "string"}, "default": day}],
        late=node("filter_temporal", data=ref("load"), extent=[parameter("since"), None]))},
        "last week", "2020-01-02", "workflow-argument-value", "node 'late'", "'last week'", "2020-01-31"),
    Broken("a place without scenes", lambda west: graph(load=load(spatial_extent=box(west=west, east=west + 0.2))),
        16.0, 14.9, "workflow-unusable-input", "node 'load'", "16.0", "meets the data"),
    Broken("a place on the other side of the globe", lambda turn: graph(
        cut=node("filter_bbox", data=ref("load"), extent=box(west=14.9 + turn, east=15.1 + turn))),
        180.0, 360.0, "workflow-unusable-input", "node 'cut'", "194.9", "meets the data"),
    Broken("a box across the antimeridian", lambda west: graph(
        load=load(spatial_extent=box(west=west, east=15.1))),
        179.0, 14.0, "workflow-unusable-input", "node 'load'", "crosses the antimeridian", "two boxes"),
    Broken("items that no condition leaves", lambda platform: graph(load=load(properties={
        "platform": process(same=node("eq", x=parameter("value"), y=platform))})),
        "sentinel-3", "sentinel-2a", "workflow-unusable-input", "node 'load'", "no item", "Loosen"),
    Broken("years without data", lambda first: graph(load=MONTHS, normal=normals(years=(first, 2020))),
        1991, 2020, "workflow-would-fail", "node 'normal'", "no dates in 1991", "climatology_period"),
    Broken("normals of another period", lambda period: graph(load=MONTHS, normal=normals(),
        anomaly=node("anomaly", data=ref("load"), normals=ref("normal"), period=period)),
        "season", "month", "workflow-would-fail", "node 'anomaly'", "no normal for the season", "same period"),
    Broken("labels that are not distinct", lambda labels: graph(halves=node(
        "aggregate_temporal", data=ref("load"), labels=labels, intervals=[
            ["2020-01-01", "2020-01-02"], ["2020-01-02", "2020-01-04"]],
        reducer=process(m=node("mean", data=parameter("data")))), first=reduced("halves", "t", "first")),
        ["a", "a"], ["a", "b"], "workflow-distinct-dimension-labels-required", "node 'halves'", "2 intervals"),
)  # fmt: skip

VALUES = (
    Broken("a number for a cube", lambda name: graph(index=NDVI, half=node("constant", x=0.5),
        clouds=reduced("load", "bands", clouds()), clear=node("mask", data=ref("index"), mask=ref(name))),
        "half", "clouds", "workflow-argument-type", "node 'clear'", "'mask' of mask is 0.5", "from_node"),
    Broken("numbers for truth", lambda name: graph(clouds=reduced("load", "bands", clouds(
        node("not", x=ref(name))) if name == "scl" else clouds())),
        "scl", "cloud", "workflow-would-fail", "node 'clouds' > reducer > node 'cloud'", "no truth value", "Compare"),
    Broken("a text from a parameter for a number", lambda value: graph(
        parameters=[{"name": "factor", "schema": {}, "default": value}],
        scaled=node("apply", data=ref("load"), process=process(
            times=node("multiply", x=parameter("x"), y=parameter("factor"))))),
        "2", 2, "workflow-argument-type", "node 'scaled' > process > node 'times'", "'2'", "a number"),
    Broken("a reducer that gives an array", lambda name: graph(spread=reduced("load", "t", name)),
        "cumsum", "sum", "workflow-would-fail", "node 'spread'", "gives an array", "apply_dimension"),
    Broken("an element beyond the last", lambda at: graph(last=reduced("load", "t", process(
        one=node("array_element", data=parameter("data"), index=at)))),
        3, 2, "workflow-array-element-not-available", "node 'last' > reducer > node 'one'", "no element 3", "zero"),
    Broken("a bound above the other", lambda low: graph(clipped=node("apply", data=ref("load"), process=process(
        c=node("clip", x=parameter("x"), min_=low, max_=1)))),
        2, 0, "workflow-min-max-swapped", "node 'clipped' > process > node 'c'", "minimum 2", "Swap"),
)  # fmt: skip

PRODUCTS = (
    Broken("a format that is not the product's", lambda form: graph(
        mean=TIME_MEAN, save=node("save_result", data=ref("mean"), format_=form)),
        "netCDF", "GTiff", "workflow-format-unsuitable", "node 'save'", "netCDF", "product.format", form="COG"),
    Broken("dates for a map", lambda source: graph(mean=TIME_MEAN, save=node("save_result", data=ref(source))),
        "load", "mean", "workflow-unwritable", "node 'save'", "3 dates", "reduce_dimension", form="COG"),
    Broken("a dimension that no file has", lambda name: graph(
        mean=TIME_MEAN, index=reduced("mean", "bands", index()),
        named=node("add_dimension", data=ref("index"), name=name, label="ndvi")),
        "level", "bands", "workflow-unwritable", "node 'named'", "'level'", "drop_dimension", form="COG"),
    Broken("a place reduced away", lambda dimension: graph(mean=reduced("load", dimension, "mean")),
        "x", "t", "workflow-unwritable", "node 'mean'", "no x and y"),
    Broken("a band called like an axis", lambda name: graph(mean=TIME_MEAN, index=reduced("mean", "bands", index()),
        named=node("add_dimension", data=ref("index"), name="bands", label=name, type_="bands")),
        "x", "ndvi", "workflow-unwritable", "node 'named'", "'x'", "rename_labels"),
    Broken("a number for a product", lambda source: graph(number=node("constant", x=1), mean=TIME_MEAN,
        save=node("save_result", data=ref(source))),
        "number", "mean", "workflow-argument-type", "node 'save'", "is 1", "from_node"),
)  # fmt: skip

CASES = (*FORM, *NODES, *BANDS, *DIMENSIONS, *WINDOWS, *VALUES, *PRODUCTS)
