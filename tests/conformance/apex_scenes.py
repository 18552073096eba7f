"""A small synthetic world that the real graphs read: every collection they name, deterministic, with clouds and gaps.

Everything lies on pixels of one UTM zone unless a collection is known for another grid: WorldCover comes
in degrees. Values are what the real collections hold: reflectances as uint16 with 0 as no-data, classes as uint8,
linear backscatter as float32.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from affine import Affine
from cube_factories import collection, item, raster
from numpy.typing import NDArray
from rasterio.warp import transform_bounds

__all__ = [
    "BOX",
    "COLUMNS",
    "EAST",
    "LEFT",
    "NORTH",
    "PERIOD",
    "PIXEL",
    "ROWS",
    "SCENES",
    "SOUTH",
    "TOP",
    "WEST",
    "Scene",
    "write_scenes",
]

CRS: Final = "EPSG:32632"
PIXEL: Final = 10.0
COLUMNS, ROWS = 96, 80
"""Size of the scenes in pixels."""
LEFT, TOP = 600_000.0, 5_000_000.0
"""Upper left corner of the scenes."""
TRANSFORM: Final = Affine(PIXEL, 0, LEFT, 0, -PIXEL, TOP)
FIRST_COLUMN, LAST_COLUMN, FIRST_ROW, LAST_ROW = 8, 88, 4, 68
"""The window that graphs are run on."""
WEST, EAST = LEFT + FIRST_COLUMN * PIXEL, LEFT + LAST_COLUMN * PIXEL
NORTH, SOUTH = TOP - FIRST_ROW * PIXEL, TOP - LAST_ROW * PIXEL
BOX: Final = {"west": WEST, "south": SOUTH, "east": EAST, "north": NORTH, "crs": CRS}
PERIOD: Final = ["2024-05-01", "2024-08-01"]
"""The interval that graphs are run on, unless they fix it themselves."""
CLOUDS: Final = {"2024-05-03": 12, "2024-05-13": 95, "2024-05-23": 3, "2024-06-02": 20, "2024-06-12": 0,
                 "2024-06-22": 60, "2024-07-02": 4, "2024-07-12": 25, "2024-07-17": 0, "2024-07-22": 0}  # fmt: skip
"""Dates of Sentinel-2 and the per cent of clouds that their items declare."""
REFLECTANCES: Final = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
ANGLES: Final = {"sunZenithAngles": 31, "sunAzimuthAngles": 152, "viewZenithMean": 6, "viewAzimuthMean": 103}
RADAR_DATES: Final = tuple(f"{year}-{day}" for year in (2023, 2024) for day in ("05-06", "05-30", "06-11", "07-05"))
SUMMERS: Final = ("2018-06-14", "2019-07-03", "2020-08-21", "2021-06-22", "2022-07-11", "2023-08-14")
WORLD_CLASSES: Final = (10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100)


def noise(name: str) -> NDArray[np.float64]:
    """Return numbers from 0 up to 1 for each pixel: smooth hills with grain, always the same for a name."""
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    shift, stretch = generator.uniform(0, 6, 2), generator.uniform(8, 20, 2)
    hills = (np.sin(row / stretch[0] + shift[0]) + np.cos(column / stretch[1] + shift[1])) / 4 + 0.5
    return np.clip(0.8 * hills + 0.2 * generator.random((ROWS, COLUMNS)), 0.0, 0.999)


def reflectance(band: str, date: str) -> NDArray[np.uint16]:
    """Return digital numbers of 50 to 5 550, bright in clouds, 0 in the gaps of a date."""
    values = np.round(50 + 5500 * noise(f"{band}{date}") ** 2)
    values[np.isin(classes(date), (8, 9, 10))] += 3000
    values[gaps(date)] = 0
    return values.astype("uint16")


def gaps(date: str) -> NDArray[np.bool_]:
    """Return where a date has no data: a strip that moves, and single pixels."""
    at = list(CLOUDS).index(date)
    found = noise(f"gap{date}") > 0.97
    found[:, 12 * at : 12 * at + 4] = True
    return found


def classes(date: str) -> NDArray[np.uint8]:
    """Return the scene classification: land and water, clouds in two blobs with their shadows, snow, no-data."""
    ground = noise(f"scl{date}")
    values = np.select([ground < 0.3, ground < 0.75, ground < 0.8], [6, 4, 7], 5).astype("uint8")
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    at = list(CLOUDS).index(date)
    radius = CLOUDS[date] / 4
    for shift, kind in ((0, 9), (25, 8)):
        distance = np.hypot(row - 10 - 7 * at + shift / 3, column - 15 - 9 * at - shift)
        values[distance < radius + 2] = 3 if radius else 5
        values[distance < radius] = kind
    values[:3, :5] = 11 if radius else 5
    values[gaps(date)] = 0
    return values


def backscatter(band: str, date: str) -> NDArray[np.float32]:
    """Return linear sigma nought, with a corner that the swath missed as NaN."""
    values = (0.004 + 0.4 * noise(f"{band}{date}") ** 3).astype("float32")
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    values[row + column < 6 + 3 * RADAR_DATES.index(date)] = np.nan
    return values


@dataclass(frozen=True)
class Scene:
    """A collection: its name among the inputs, what graphs call it, and its files."""

    name: str
    stands_for: str
    bands: Mapping[str, Mapping[str, NDArray[Any]]]
    """Values by date, then by band."""
    nodata: Mapping[str, float]
    """No-data of each band; none if it is missing."""
    properties: Mapping[str, Mapping[str, object]]
    """More properties of the item of a date."""
    transform: Affine = TRANSFORM
    crs: str = CRS

    @cached_property
    def dates(self) -> list[str]:
        return list(self.bands)

    def values(self, band: str, dates: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return a band as float64 with NaN for no-data, dates first, in the window that graphs are run on."""
        chosen = [self.bands[date][band].astype("float64") for date in dates or self.dates]
        window = np.stack(chosen)[:, FIRST_ROW:LAST_ROW, FIRST_COLUMN:LAST_COLUMN]
        return np.where(window == self.nodata.get(band, np.nan), np.nan, window)

    def write(self, folder: Path) -> None:
        """Write the files and the STAC collection."""
        items = []
        for date, bands in self.bands.items():
            assets: dict[str, dict[str, object]] = {}
            for band, values in bands.items():
                path = raster(folder / f"{date}_{band}.tif", values, nodata=self.nodata.get(band),
                              crs=self.crs, transform=self.transform)  # fmt: skip
                assets[band] = {"href": f"./{path.name}", "type": "image/tiff; application=geotiff"}
            made = item(f"{self.name}-{date}", f"{date}T10:30:00Z", assets, **self.properties.get(date, {}))
            rows, columns = next(iter(bands.values())).shape
            west, north = self.transform @ (0, 0)
            east, south = self.transform @ (columns, rows)
            made["bbox"] = list(transform_bounds(self.crs, "EPSG:4326", west, south, east, north))
            items.append(made)
        collection(folder, items)


def _sentinel2() -> Scene:
    bands = {
        date: {
            **{band: reflectance(band, date) for band in REFLECTANCES},
            "SCL": classes(date),
            **{name: (mean + 4 * noise(f"{name}{date}")).astype("float32") for name, mean in ANGLES.items()},
        }
        for date in CLOUDS
    }
    nodata = {**dict.fromkeys(REFLECTANCES, 0.0), "SCL": 0.0}
    covers = {date: {"eo:cloud_cover": cover, "processing:level": "L2"} for date, cover in CLOUDS.items()}
    return Scene("sentinel2", "SENTINEL2_L2A", bands, nodata, covers)


def _sentinel1() -> Scene:
    bands = {date: {band: backscatter(band, date) for band in ("VV", "VH")} for date in RADAR_DATES}
    told = {"card4l:measurement_type": "sigma0-ellipsoid", "card4l:measurement_convention": "power"}
    return Scene("sentinel1", "SENTINEL1_GRD", bands, {}, dict.fromkeys(RADAR_DATES, told))


def _worldcover() -> Scene:
    west, south, east, north = transform_bounds(CRS, "EPSG:4326", LEFT, TOP - ROWS * PIXEL, LEFT + COLUMNS * PIXEL, TOP)
    step = 1 / 12_000
    rows, columns = int((north - south) / step) + 4, int((east - west) / step) + 4
    generator = np.random.default_rng(2021)
    patches = generator.integers(0, len(WORLD_CLASSES), (rows // 6 + 1, columns // 6 + 1))
    values = np.asarray(WORLD_CLASSES, dtype="uint8")[np.kron(patches, np.ones((6, 6), dtype=int))[:rows, :columns]]
    return Scene("worldcover", "ESA_WORLDCOVER_10M_2021_V2", {"2021-01-01": {"MAP": values}}, {"MAP": 0.0}, {},
                 Affine(step, 0, west - 2 * step, 0, -step, north + 2 * step), "EPSG:4326")  # fmt: skip


def _landsat() -> Scene:
    bands = {date: {"TIRS_B10": (40_000 + 9_000 * noise(f"lst{date}")).astype("uint16")} for date in SUMMERS}
    return Scene("landsat", "https://planetarycomputer.microsoft.com/api/stac/v1/collections/landsat-c2-l2", bands,
                 {"TIRS_B10": 0.0}, {date: {"eo:cloud_cover": 2} for date in SUMMERS})  # fmt: skip


def _landcover() -> Scene:
    values = np.where(noise("urban") > 0.62, 190, 130).astype("uint8")
    return Scene("landcover", "https://planetarycomputer.microsoft.com/api/stac/v1/collections/esa-cci-lc",
                 {"2018-06-01": {"lccs_class": values}}, {"lccs_class": 0.0}, {})  # fmt: skip


def _single(name: str, address: str, date: str, bands: Mapping[str, NDArray[Any]]) -> Scene:
    return Scene(name, address, {date: dict(bands)}, {}, {})


SCENES: Final = {
    scene.name: scene
    for scene in (
        _sentinel2(),
        _sentinel1(),
        _worldcover(),
        _landsat(),
        _landcover(),
        _single(
            "scmap-threshold",
            "https://raw.githubusercontent.com/Schiggebam/dlr_scmap_resources/refs/heads/main/"
            "th_S2_s2cr_buffered_stac_yflip_no_t.json",
            "2020-01-01",
            {"S2_s2cr_pvir2_threshold_img": (800 + 3000 * noise("threshold")).astype("float32")},
        ),
        _single(
            "mdvi",
            "https://stac.openeo.vito.be/collections/MDVI",
            "2020-01-01",
            {
                "dvi_max": (0.4 + 0.3 * noise("max")).astype("float32"),
                "dvi_soil": (0.05 * noise("soil")).astype("float32"),
            },
        ),
        _single(
            "ramona",
            "https://eoresults.esa.int/stac/collections/ramona_hrb",
            "2021-10-01",
            {"biomass": (31_000 * noise("biomass")).astype("uint16")},
        ),
    )
}
"""All collections, by the name of the input."""


def write_scenes(folder: Path) -> None:
    """Write every collection below `folder`, each in a folder of its name."""
    for scene in SCENES.values():
        scene.write(folder / scene.name)
