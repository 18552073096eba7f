"""How each real graph is run: with which values, and which of them cannot run here, and why."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import shapely
from conformance.apex_scenes import BOX, EAST, NORTH, PERIOD, SOUTH, WEST
from onnx_models import above, row_means
from pyarrow import parquet
from pyproj import CRS
from rasterio.warp import transform_geom

__all__ = ["FARM", "FIRE", "POLYGON", "Case", "case_of", "graphs", "processes_of", "values_for"]

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


def _no_files(folder: Path) -> dict[str, Any]:
    """Write nothing."""
    _ = folder
    return {}


def _farms(folder: Path) -> dict[str, Any]:
    above(folder / "onnx_models/rf_1_median_depth_15.onnx", 10, FARM)
    return {"files": ["onnx_models"]}


def _fires(folder: Path) -> dict[str, Any]:
    above(folder / "forest.onnx", 13, FIRE)
    return {"copies": {FOREST: "forest.onnx"}}


def _parcels(folder: Path) -> dict[str, Any]:
    for number in (1, 2, 3):
        name = f"onnx_models/BelgiumCropMap_unet_3BandsGenerator_Network{number}.onnx"
        row_means(folder / name, 128 * 128, 3, 1 + 0.1 * number)
    return {"files": ["onnx_models"]}


def _countries(folder: Path) -> dict[str, Any]:
    (folder / "benin.json").write_text(json.dumps(POLYGON), encoding="utf-8")
    return {"copies": {COUNTRY: "benin.json"}}


def _forests(folder: Path) -> dict[str, Any]:
    ring = [[WEST + 150, SOUTH + 120], [EAST - 90, SOUTH + 60], [EAST - 200, NORTH - 70], [WEST + 150, SOUTH + 120]]
    areas = pa.table({"geometry": [shapely.to_wkb(shapely.Polygon(ring))]})
    column = {"encoding": "WKB", "geometry_types": ["Polygon"], "crs": CRS.from_user_input(32632).to_json_dict()}
    told = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    parquet.write_table(areas.replace_schema_metadata({"geo": json.dumps(told)}), folder / "forests.parquet")
    return {"copies": {DISTRIBUTION: "forests.parquet"}}


FARM: Final = {6: 1500.0}
"""Feature and split of the model for solar farms: bright in the near infrared."""
FIRE: Final = {4: 1200.0, 5: 0.1, 10: 0.02}
"""The same for burnt forest."""
FOREST: Final = (
    "https://s3.waw3-1.cloudferro.com/swift/v1/apex-examples/RF-ForestFire/RandomForest-ForestFire-model.json"
)
DISTRIBUTION: Final = (
    "https://s3.waw4-1.cloudferro.com/swift/v1/obsgession-waw4-1-b2rm8flkntfkatia3zzm7av6pzt3dsmrd2uc87dbvhnml/udp_data/"
    "EU_temperate_forests_distribution.parquet"
)
COUNTRY: Final = "https://raw.githubusercontent.com/georgique/world-geojson/refs/heads/develop/countries/benin.json"


@dataclass(frozen=True)
class Case:
    """One graph."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Values of parameters beside those that every graph gets."""
    files: Callable[[Path], dict[str, Any]] = _no_files
    """Writes further files of the workflow into the folder of the experiment, and returns what declares them."""
    refused: str = ""
    """What the check says of a graph that cannot run here."""
    failed: str = ""
    """What the run says of a graph that passes the check and cannot run here: code tells only then what it needs."""
    reason: str = ""
    """Why that is so."""


_OTHERS: Final = "the process is a service of one provider ({}), whose graph is not published with it"
_CWL: Final = "runs a container described in CWL, which the engine for CWL does, not a process graph"
_UDF: Final = "its code (run_udf) imports {}, which is not published with the graph"

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
    "sentinel1_sar_coherence": Case(
        refused="InvalidRuntime: code for 'EOAP-CWL'",
        reason=_CWL,
        values={"polarization": "VV", "temporal_baseline": 6},
    ),
    "biopar": Case(failed="No module named 'biopar'", reason=_UDF.format("biopar")),
    "variabilitymap": Case(failed="No module named 'biopar'", reason=_UDF.format("biopar")),
    "sentinel1_changedetection": Case(
        failed="No module named 'osgeo'", reason=_UDF.format("GDAL's Python bindings (osgeo) and a model")
    ),
    "eurac_pv_farm_detection": Case(files=_farms),
    "udp_obsgession_w23_lai": Case(
        files=_forests,
        values={"start_date": "2024-05-01", "end_date": "2024-08-01", "epsg": 32632, "binning_period": "year"},
    ),
    "parcel_delineation": Case(files=_parcels),
    "random_forest_firemapping": Case(files=_fires, values={"padding_window_size": 5}),
    "RAMONA-herbaceous_rangeland_biomass-country-mosaick": Case(files=_countries),
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
