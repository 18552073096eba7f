"""What the real graphs of fields give on the scenes, said once more in NumPy: see `apex_expected`.

A pixel belongs to the field where its centre lies in it; edges of the field are straight in degrees, as in GeoJSON.
"""

from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from conformance.apex_cases import POLYGON
from conformance.apex_scenes import CLOUDS, LEFT, NORTH, PIXEL, SCENES, TOP, WEST, WORLD_CLASSES
from numpy.typing import NDArray
from pyproj import Transformer

__all__ = [
    "best_pixels",
    "plant_phenology",
    "plant_phenology_tested",
    "rangeland",
    "statistics_of_classes",
    "statistics_over_time",
]

Values: TypeAlias = NDArray[np.floating[Any]]
FIELD: Final = shapely.geometry.shape(POLYGON["features"][0]["geometry"])
S2: Final = SCENES["sentinel2"]
WIDTH: Final = 22.65
"""Standard deviation of the bell by which clouds are blurred, in pixels."""
BOX: Final = (slice(None), slice(5, 59), slice(5, 75))
"""The dates, rows and columns of the window in which the box of the field lies."""


def _met(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which centres of a grid belong to the field."""
    places = Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(*np.meshgrid(x, y))
    met: NDArray[np.bool_] = shapely.intersects(FIELD, shapely.points(*places))
    return met


def inside() -> NDArray[np.bool_]:
    """Return which pixels of the window belong to the field."""
    rows, columns = S2.values("B04").shape[1:]
    return _met(WEST + PIXEL * (np.arange(columns) + 0.5), NORTH - PIXEL * (np.arange(rows) + 0.5))


def of_field(name: str, scene: str = "sentinel2") -> Values:
    """Return a band in the box of the field over time, without what lies outside of the field."""
    return np.where(inside(), SCENES[scene].values(name), np.nan)[BOX]


def rangeland() -> list[Values]:
    """Return the biomass of the country, which is the field."""
    return [of_field("biomass", "ramona")[0]]


def statistics_over_time() -> list[Values]:
    """Return the mean over the field of what the dates of each pixel give: least, greatest, mean, and so on."""
    bands = [S2.values(name)[:, inside()] for name in ("B04", "B08")]
    kinds = [
        lambda stack: np.nanmin(stack, axis=0),
        lambda stack: np.nanmax(stack, axis=0),
        lambda stack: np.nanmean(stack, axis=0),
        lambda stack: np.nanstd(stack, axis=0, ddof=1),
        *(lambda stack, share=share: np.nanquantile(stack, share, axis=0) for share in (0.1, 0.5, 0.9)),
    ]
    return [np.array([np.nanmean(kind(band))]) for kind in kinds for band in bands]


def statistics_of_classes() -> list[Values]:
    """Return the share of each class of WorldCover among the pixels of the field."""
    scene = SCENES["worldcover"]
    values = scene.bands["2021-01-01"]["MAP"]
    columns, rows = np.meshgrid(np.arange(values.shape[1]) + 0.5, np.arange(values.shape[0]) + 0.5)
    longitudes, latitudes = scene.transform @ (columns, rows)
    met = values[shapely.intersects(FIELD, shapely.points(longitudes, latitudes))]
    return [np.array([(met == kind).mean()]) for kind in WORLD_CLASSES]


def _measured() -> tuple[Values, Values, Values, Values, Values]:
    """Return red, near infrared and the sun's zenith angle without clouds, the greatest index, and that of the soil."""
    clouds = np.isin(of_field("SCL"), (3, 8, 9, 10))
    red, near, sun = (np.where(clouds, np.nan, of_field(name)) for name in ("B04", "B08", "sunZenithAngles"))
    return red, near, sun, of_field("dvi_max", "mdvi"), of_field("dvi_soil", "mdvi")


def _gain(sun: Values, most: Values) -> Values:
    """Return by how much the index grows with the leaves (Jin and Eklundh, 2014, as the graphs have it).

    Args:
        sun: The cosine of the sun's zenith angle.
        most: (1 + M) / (1 - M) for the greatest index M of a dense canopy.
    """
    direct = np.fmin(0.0336 + 0.0477 / sun, 1.0)
    return most / (4 * (direct + 0.5 * (1 - direct) / sun))


def plant_phenology() -> list[Values]:
    """Return the plant phenology index: 0 below the soil, 3 above the densest canopy."""
    red, near, angle, most, soil = _measured()
    sun = np.cos(angle * 0.0174532925)
    # The larger of the pixel's own greatest index and the greatest of the soil in the field.
    dense = np.fmin(np.fmax(most, np.nanmax(soil)) / 10_000, 0.8)
    index, bare = (near - red) / 10_000, soil / 10_000
    with np.errstate(all="ignore"):
        canopy = -_gain(sun, (1 + dense) / (1 - dense))
        found = canopy * np.log((dense - index) / (dense - bare))
    found = np.where(index < bare, 0.0, found)
    return [np.clip(np.where(dense <= index, 3.0, found), 0, 3)]


def _bounded(values: Values, low: float, high: float) -> Values:
    """Return values between two bounds; no-data becomes the lower one, as in `min` and `max` of openEO."""
    return np.fmin(np.fmax(values, low), high)


def plant_phenology_tested() -> list[Values]:
    """Return the same of the graph under test, which bounds every step, and so has 0 where there are no data."""
    red, near, angle, most, soil = _measured()
    sun = _bounded(angle, 0.01, 1.5) * 57.295827908797776
    dense = _bounded(np.fmin(most, np.nanmax(soil)) / 10_000, 0.3, 0.9)
    index = _bounded(near / 10_000, 0, 1) - _bounded(red / 10_000, 0, 1)
    bare = np.fmin(_bounded(soil / 10_000, 0.05, 0.3), dense * 0.8)
    canopy = -np.fmin(_gain(sun, (1 + dense) / np.fmax(1 - dense, 0.01)), 2.0)
    share = _bounded((dense - index) / np.fmax(dense - bare, 0.001), 0.001, 0.999)
    found = np.where(index < bare, 0.0, canopy * np.log(share))
    return [np.clip(np.where(dense <= index, 3.0, found), 0, 3)]


def best_pixels() -> list[Values]:
    """Return for each month the first clear value of a date that scores best: far from clouds, in mid-month, clear.

    Scores are of pixels of 20 m, of which the nearest of 10 m gives the class.
    """
    dates = [date for date, cover in CLOUDS.items() if cover <= 75]
    classes = np.stack([S2.bands[date]["SCL"][1::2, 1::2] for date in dates]).astype("float64")
    met = _met(LEFT + 20 * (np.arange(classes.shape[2]) + 0.5), TOP - 20 * (np.arange(classes.shape[1]) + 0.5))
    coarse = (slice(None), slice(5, 31), slice(7, 41))
    classes, met = np.where(met, classes, 0)[coarse], met[coarse[1:]]
    cloudy = np.isin(classes, (3, 8, 9, 10)).astype("float64")
    days = np.array([int(date[-2:]) for date in dates])[:, None, None]
    clear = np.where(met, (1 - cloudy)[:, met].mean(axis=1)[:, None, None], np.nan)
    score = (1 - _blurred(cloudy, 151) + 0.1 * np.exp(-0.5 * (0.2 * (days - 15)) ** 2) + 0.5 * clear) / 1.6
    score[classes == 0] = np.nan
    bands = []
    for band in ("B04", "B03", "B02"):
        values = np.where(inside(), S2.values(band, dates), np.nan)[BOX]
        months = [[at for at, date in enumerate(dates) if date[5:7] == month] for month in ("05", "06", "07")]
        bands.append(np.stack([_first_best(values[at], score[at], cloudy[at]) for at in months]))
    return bands


def _blurred(planes: Values, size: int) -> Values:
    """Return planes after a Gaussian bell, with nothing beyond their edges; its width is that of the graph's kernel."""
    reach = size // 2
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / WIDTH) ** 2)
    bell /= bell.sum()
    weights = [bell[np.abs(np.subtract.outer(np.arange(n), np.arange(n))) + reach] for n in planes.shape[1:]]
    return np.einsum("ij,tjk,kl->til", weights[0], planes, weights[1])


def _first_best(values: Values, score: Values, cloudy: Values) -> Values:
    """Return the first value that is best and clear; what has no score hides nothing."""
    with np.errstate(invalid="ignore"):
        worse = (score < np.fmax.reduce(score, axis=0)) | (cloudy == 1)
    # Pixels of 10 m at the edges of the box lie in none of 20 m.
    hidden = np.pad(worse.repeat(2, axis=1).repeat(2, axis=2), ((0, 0), (1, 1), (1, 1)))
    shown = np.where(hidden, np.nan, values)
    first = (~np.isnan(shown)).argmax(axis=0)
    return np.take_along_axis(shown, first[None], axis=0)[0]
