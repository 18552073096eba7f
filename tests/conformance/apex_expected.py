"""What the real graphs give on the scenes, said once more in NumPy, from what their authors document.

Each function returns the bands of the product, rows and columns last. No-data is NaN.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from conformance.apex_dilation import dilated_clouds
from conformance.apex_fields import (
    best_pixels,
    plant_phenology,
    plant_phenology_tested,
    rangeland,
    statistics_of_classes,
    statistics_over_time,
)
from conformance.apex_scenes import CLOUDS, RADAR_DATES, SCENES, SUMMERS
from numpy.typing import NDArray

__all__ = ["EXPECTED"]

Values: TypeAlias = NDArray[np.floating[Any]]
S2, S1 = SCENES["sentinel2"], SCENES["sentinel1"]
NOW: Final = [date for date in RADAR_DATES if date.startswith("2024")]
BEFORE: Final = [date for date in RADAR_DATES if date.startswith("2023")]


def clear(most: float) -> list[str]:
    """Return the dates with at most so many per cent of clouds."""
    return [date for date, cover in CLOUDS.items() if cover <= most]


def optical(bands: Sequence[str], most: float = 100) -> list[Values]:
    """Return bands of Sentinel-2 over time."""
    return [S2.values(band, clear(most)) for band in bands]


def first(stack: Values) -> Values:
    """Return the first value over time that is data."""
    place = (~np.isnan(stack)).argmax(axis=0)
    return np.take_along_axis(stack, place[None], axis=0)[0]


def reflectances(bands: Sequence[str], most: float = 30) -> list[Values]:
    """Return the first valid reflectance of each band, 0 to 1."""
    return [first(band) / 10_000 for band in optical(bands, most)]


def every(step: int, *bands: Values) -> list[Values]:
    """Return the pixels at the centres of pixels `step` times as large; at an edge the lower right one."""
    rows, columns = (round(size / step) for size in bands[0].shape)
    places = (step // 2 + step * np.arange(rows))[:, None], (step // 2 + step * np.arange(columns))[None]
    return [band[places] for band in bands]


def bytes_of(*bands: Values) -> list[Values]:
    """Return values from 0 to 1 as 0 to 255."""
    return [np.clip(band, 0, 1) * 255 for band in bands]


def difference(one: Values, other: Values) -> Values:
    """Return the normalised difference."""
    return (one - other) / (one + other)


def max_ndvi() -> list[Values]:
    red, near = optical(["B04", "B08"])
    return [np.nanmax(difference(near, red), axis=0)]


def resistant_index() -> list[Values]:
    blue, red, near = reflectances(["B02", "B04", "B8A"])
    turned = 0.106 * (red - blue)
    return [(near - red - turned) / (near + red - turned)]


def burnt_area() -> list[Values]:
    b04, b06, b07, b8a, b12 = (band / 10_000 for band in optical(["B04", "B06", "B07", "B8A", "B12"]))
    index = (1 - np.sqrt(b06 * b07 * b8a / b04)) * ((b12 - b8a) / np.sqrt(b12 + b8a) + 1)
    stops = {
        "low": (0.0, 0.0, 1.0),
        "zero": (0.9803921569, 1.0, 0.0392156863),
        "high": (1.0, 0.0784313725, 0.0784313725),
    }
    painted = []
    for low, zero, high, over in zip(*stops.values(), (1.0, 0.0, 1.0), strict=True):
        rising, falling = low + (zero - low) * index / 0.5, zero + (high - zero) * (index - 0.5) / 0.49
        chosen = np.select([index < 0, index < 0.5, index <= 0.99], [np.ones_like(index), rising, falling], over)
        painted.append(np.where(np.isnan(index), np.nan, chosen))
    return bytes_of(*painted)


def bare_soil() -> list[Values]:
    blue, red, near, short = reflectances(["B02", "B04", "B08", "B11"])
    return [2.5 * ((short + red) - (near + blue)) / (short + red + near + blue), near, short]


_RAMP: Final = (
    (-1.1, (0, 0, 0)), (-0.2, (0.75, 0.75, 1)), (-0.1, (0.86, 0.86, 0.86)), (0.0, (1, 1, 0.88)),
    (0.025, (1, 0.98, 0.8)),
    (0.05, (0.93, 0.91, 0.71)), (0.075, (0.87, 0.85, 0.61)), (0.1, (0.8, 0.78, 0.51)), (0.125, (0.74, 0.72, 0.42)),
    (0.15, (0.69, 0.76, 0.38)), (0.175, (0.64, 0.8, 0.35)), (0.2, (0.57, 0.75, 0.32)), (0.25, (0.5, 0.7, 0.28)),
    (0.3, (0.44, 0.64, 0.25)), (0.35, (0.38, 0.59, 0.21)), (0.4, (0.31, 0.54, 0.18)), (0.45, (0.25, 0.49, 0.14)),
    (0.5, (0.19, 0.43, 0.11)), (0.55, (0.13, 0.38, 0.07)), (0.6, (0.06, 0.33, 0.04)),
)  # fmt: skip
"""Upper ends of the classes of the enhanced vegetation index, and their colours."""


def enhanced_index() -> list[Values]:
    near, red = reflectances(["B08", "B04"])
    index = 2.4 * (near - red) / (near + red + 1)
    classes = np.searchsorted([end for end, _ in _RAMP], index, side="right")
    colours = np.array([*(colour for _, colour in _RAMP), (0, 0.27, 0)], dtype="float64")
    return list(np.moveaxis(colours[classes], -1, 0))


def fire_boundary() -> list[Values]:
    short, longer = reflectances(["B11", "B12"])
    index = 8.5 * (longer - short) / (longer + short + 0.25)
    middle, upper = 0.46295 * (index + 1), 0.9259 + 0.03705 * (index - 1)
    return bytes_of(np.select([index <= -1, index <= 1, index <= 3], [np.zeros_like(index), middle, upper], 1.0))


def snow_index() -> list[Values]:
    blue, green, red, short = every(6, *reflectances(["B02", "B03", "B04", "B11"]))
    snow = difference(green, short) > 0.42
    return bytes_of(*(np.where(snow, put, 2.5 * band) for put, band in ((0, red), (0.8, green), (1, blue))))


def senescence() -> list[Values]:
    blue, red, edge = reflectances(["B02", "B04", "B06"])
    index = np.where(edge > 0, (red - blue) / edge, 1.0)
    middle, upper = (index + 0.2) * 0.9259 / 0.6, 0.9259 + (index - 0.4) * 0.0741 / 0.6
    return [np.select([index <= -0.2, index <= 0.4, index <= 1], [np.zeros_like(index), middle, upper], 1.0)]


def urban_areas() -> list[Values]:
    crossed, copolar = (first(S1.values(band, NOW)) for band in ("VH", "VV"))
    return bytes_of(np.where(crossed * 5.5 > 0.5, 1.0, 0.0), copolar, crossed * 8)


def snow_classes() -> list[Values]:
    blue, green, short, near, red = every(2, *reflectances(["B02", "B03", "B11", "B08", "B04"]))
    flat = np.abs(difference(near, red) - 0.1) <= 0.025
    snow = ((difference(green, short) >= 0.4) | flat) & (green > 0.3)
    return bytes_of(*(np.where(snow, put, 2.5 * band) for put, band in ((1.0, red), (0.8, green), (0.4, blue))))


def water() -> list[Values]:
    blue, green, red, near, short = every(2, *reflectances(["B02", "B03", "B04", "B08", "B11"]))
    with np.errstate(invalid="ignore"):
        third = 1 / np.sqrt(blue - short) > 0.03
    found = (difference(green, short) > 0.1) | (difference(green, near) > 0.2) | third
    return bytes_of(*(np.where(found, put, 2 * band) for put, band in ((0, red), (0, green), (1, blue))))


def best_of_month() -> list[Values]:
    blue, green, red, edge, near, classes = optical(["B02", "B03", "B04", "B05", "B08", "SCL"], 90)
    cloudy = np.isin(classes, (3, 8, 9, 10, 11))
    blue, green, red, edge, near = (np.where(cloudy, np.nan, band) for band in (blue, green, red, edge, near))
    ratio = near / green
    best = ratio == np.nanmax(ratio, axis=0)
    mixed = (2.8 * red + 0.1 * edge, 2.8 * green + 0.15 * near, 2.8 * blue)
    return [np.nanmax(np.where(best, band, np.nan), axis=0) / 10_000 for band in mixed]


def best_ndvi() -> list[Values]:
    classes, red, near = optical(["SCL", "B04", "B08"], 75)
    unwanted = np.isin(classes, (0, 1, 3, 6, 8, 9, 10, 11))
    index = np.where(unwanted, np.nan, difference(near, red))
    kept = (index == np.nanmax(index, axis=0)) & ~unwanted
    # Where every date is unwanted there is no best one: what is masked is the unwanted alone, which is everything.
    return [np.nanmax(np.where(kept, band, np.nan), axis=0) for band in optical(["B04", "B03", "B02"], 75)]


def mosaic() -> list[Values]:
    classes, blue, green, red = optical(["SCL", "B02", "B03", "B04"])
    cloudy = np.isin(classes, (0, 1, 3, 8, 9, 10, 11))
    bands = []
    for band in (red, green, blue):
        good, bad = (np.nanmedian(np.where(chosen, band, np.nan), axis=0) for chosen in (~cloudy, cloudy))
        bands.append(np.where(np.isnan(good), bad, good) * 5 / 10_000)
    return bands


def wildfire() -> list[Values]:
    blue, green, red, near, longer = reflectances(["B02", "B03", "B04", "B08", "B12"])
    burning = np.where(difference(near, longer) < -0.25, 0.3, 0.0)
    return [np.sqrt(red) + burning, np.sqrt(green) + burning, np.sqrt(blue)]


def radar_statistics() -> list[Values]:
    bands = []
    for band in ("VH", "VV"):
        stack = S1.values(band, NOW)
        bands += [np.nanmin(stack, axis=0), np.nanmax(stack, axis=0), np.nanmean(stack, axis=0)]
        bands += [np.nanstd(stack, axis=0, ddof=1), *np.nanquantile(stack, [0.1, 0.5, 0.9], axis=0)]
    return bands


def soil_moisture() -> list[Values]:
    before, now = S1.values("VV", BEFORE), S1.values("VV", NOW)
    low, high = np.nanmin(before, axis=0), np.nanmax(before, axis=0)
    level = 10 * np.log10(np.nanmean(before, axis=0))
    share = (first(now[::-1]) - low) / (high - low)
    return [np.where((level > -6) | (level < -17), np.nan, share)]


def heat_island() -> list[Values]:
    heat = SCENES["landsat"].values("TIRS_B10", SUMMERS) * 0.00341802 + 149 - 273.15
    mean = heat.mean(axis=0)
    urban = SCENES["landcover"].values("lccs_class")[0] == 190
    warm, count = around(mean * urban, 25), around(urban.astype("float64"), 25)
    with np.errstate(invalid="ignore"):
        return [np.where(urban & (count > 0), mean - warm / count, np.nan)]


def around(plane: Values, reach: int) -> Values:
    """Return the sum over a square around each pixel, from running sums."""
    padded = np.pad(plane, ((reach + 1, reach), (reach + 1, reach))).cumsum(axis=0).cumsum(axis=1)
    side = 2 * reach + 1
    return padded[side:, side:] - padded[:-side, side:] - padded[side:, :-side] + padded[:-side, :-side]


def masked(bands: Sequence[str], most: float, **sizes: Any) -> list[Values]:  # noqa: ANN401 - those of the dilation
    """Return bands over time without clouds and their surroundings."""
    cloudy = dilated_clouds(S2.values("SCL", clear(most)), **sizes)
    return [np.where(cloudy, np.nan, band) for band in optical(bands, most)]


def solar_farms() -> list[Values]:
    (near,) = masked(["B08"], 85)
    # Counted from a Monday, with which weeks of ISO 8601 begin.
    weeks = [(np.datetime64(date) - np.datetime64("2024-04-29")).astype(int) // 7 for date in clear(85)]
    series = np.full((max(weeks) - min(weeks) + 1, *near.shape[1:]), np.nan)
    for week in set(weeks):
        series[week - min(weeks)] = np.nanmean(near[[at for at, one in enumerate(weeks) if one == week]], axis=0)
    median = np.apply_along_axis(_interpolated_median, 0, series)
    found = np.where(np.nan_to_num(median, nan=-999_999.0) > 1500, 1.0, 0.0)
    core = np.where(around(found, 1) == 9, 1.0, 0.0)
    return [np.where(around(core, 1) > 0, 1.0, 0.0)]


def _interpolated_median(values: Values) -> float:
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return float("nan")
    inside = np.arange(known[0], known[-1] + 1)
    return float(np.median(np.interp(inside, known, values[known])))


EXPECTED: Final[dict[str, Callable[[], list[Values]]]] = {
    "max_ndvi": max_ndvi,
    "max_ndvi_composite": best_ndvi,
    "atmospheric_resistant_vegetation_index": resistant_index,
    "bais2": burnt_area,
    "bap_composite": best_pixels,
    "barren_soil": bare_soil,
    "cloudless_mosaic": mosaic,
    "enhanced_vegetation_index": enhanced_index,
    "eurac_pv_farm_detection": solar_farms,
    "fire_boundary": fire_boundary,
    "monthly_composite": best_of_month,
    "ndsi": snow_index,
    "plant-senescence-reflectance-index": senescence,
    "ppi": plant_phenology,
    "ppi (test)": plant_phenology_tested,
    "RAMONA-herbaceous_rangeland_biomass-country-mosaick": rangeland,
    "sentinel1_soil_moisture": soil_moisture,
    "sentinel1_stats": radar_statistics,
    "snow_classifier": snow_classes,
    "swbm": water,
    "timeseries_statistics": statistics_over_time,
    "UHI_per_pixel": heat_island,
    "urban_areas": urban_areas,
    "wildfire_visualization": wildfire,
    "worldcover_statistics": statistics_of_classes,
}
"""By the name of the graph."""
