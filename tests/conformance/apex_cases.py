"""How each real graph is run: with which values, and which of them cannot run here, and why."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance.apex_scenes import BOX, EAST, NORTH, PERIOD, SOUTH, WEST
from rasterio.warp import transform_geom

__all__ = ["Case", "case_of", "graphs", "processes_of"]

_MARGIN: Final = 55.0
"""Metres that the polygon keeps from the edges of the window."""


def _polygon() -> dict[str, Any]:
    west, east, south, north = WEST + _MARGIN, EAST - _MARGIN, SOUTH + _MARGIN, NORTH - _MARGIN
    ring = [[west, south], [east, south], [east, north - 100], [west + 200, north], [west, south]]
    degrees = json.loads(
        json.dumps(transform_geom("EPSG:32632", "EPSG:4326", {"type": "Polygon", "coordinates": [ring]}))
    )
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"name": "field"}, "geometry": degrees}],
    }


POLYGON: Final = _polygon()
"""The field that graphs with geometries are run on: GeoJSON, degrees."""


@dataclass(frozen=True)
class Case:
    """One graph."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Values of parameters beside those that every graph gets."""
    refused: str = ""
    """What the check says of a graph that cannot run here."""
    reason: str = ""
    """Why that is so."""


_OTHERS: Final = "the process is a service of one provider ({}), whose graph is not published with it"
_CWL: Final = "runs a container described in CWL, which the engine for CWL does, not a process graph"
_UDF: Final = "runs Python code that came with the graph (run_udf); {}"

_CASES: Final = {
    "wind_turbine_detection": Case(refused="from the namespace 'apex'", reason=_OTHERS.format("namespace apex")),
    "cropsar1d": Case(refused="from the namespace 'vito'", reason=_OTHERS.format("namespace vito")),
    "cropsar2d": Case(refused="from the namespace 'vito'", reason=_OTHERS.format("namespace vito")),
    "sen2like_processing": Case(refused="the process 'sen2like'", reason=_OTHERS.format("EODC: sen2like")),
    "sentinel1_sar_interferogram": Case(refused="the process 'run_cwl_to_stac'", reason=_CWL),
    "sentinel1_sar_slc_preprocessing": Case(refused="the process 'run_cwl_to_stac'", reason=_CWL),
    "sentinel1_soil_moisture": Case(
        values={
            "reference_temporal_extent": ["2023-05-01", "2024-05-01"],
            "current_temporal_extent": ["2024-05-01", "2024-08-01"],
        },
    ),
    "UHI_per_pixel": Case(values={"temporal_extent": ["2018-01-01", "2023-12-31"]}),
}
"""By the name of the graph; a graph that is not here is run with what every graph gets."""


def case_of(name: str) -> Case:
    """Return how a graph is run."""
    return _CASES.get(name, Case())


def graphs(checkout: Path) -> dict[str, Path]:
    """Return the user-defined processes of a checkout of apex_algorithms, by name; tests of one have that behind it."""
    found = {}
    for path in sorted(checkout.glob("**/openeo_udp/**/*.json")):
        inside = path.parts[path.parts.index("openeo_udp") + 1 : -1]
        found[f"{path.parts[path.parts.index('openeo_udp') - 1]}{''.join(f' ({part})' for part in inside)}"] = path
    return found


def processes_of(graph: Mapping[str, Any]) -> Iterator[str]:
    """Yield the process of each node of a graph, and of the graphs in it."""
    pending: list[Any] = [graph]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if isinstance(one.get("process_id"), str):
                yield one["process_id"]
            pending += one.values()
        elif isinstance(one, list):
            pending += one


def values_for(process: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """Return what a graph is given: the window and the interval of the scenes, and what its case says."""
    known = {"temporal-interval": PERIOD, "bounding-box": BOX, "geojson": POLYGON}
    given = {}
    for parameter in process.get("parameters", []):
        schemas = parameter["schema"] if isinstance(parameter["schema"], list) else [parameter["schema"]]
        kind = next((schema["subtype"] for schema in schemas if schema.get("subtype") in known), None)
        told = json.dumps(parameter["schema"])
        if kind is None and "bounding-box" not in told and '"west"' in told:
            kind = "bounding-box"
        if kind is not None:
            given[parameter["name"]] = known[kind]
    return {**given, **case.values}
