"""COGs are those of GDAL's COG driver, byte for byte, written from a spool with little memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from cube_factories import ORIGIN, UTM, cube
from numpy.typing import NDArray

from earthcode_platform.cubes.write_cog import write_cog
from earthcode_platform.models.file_options import CogOptions

RANDOM = np.random.default_rng(8)
METHODS = ("NEAREST", "AVERAGE", "BILINEAR", "CUBIC", "CUBICSPLINE", "LANCZOS", "MODE", "RMS")
CASES: list[tuple[tuple[int, int], dict[str, Any]]] = [
    *(((512, 256), {"overview_resampling": name}) for name in METHODS),
    ((301, 275), {}),
    ((257, 129), {"dtype": "uint8", "scale": 2.0, "offset": -10.0}),
    ((255, 513), {"dtype": "int16", "nodata": -1.0, "compress": "ZSTD", "level": 3}),
    ((128, 128), {"compress": "LZW"}),
    ((300, 300), {"overviews": "NONE", "compress": "NONE"}),
    ((1, 700), {"dtype": "float64"}),
]


def by_the_driver(path: Path, layers: NDArray[Any], options: CogOptions) -> None:
    count, rows, columns = layers.shape
    with rasterio.open(
        path, "w", driver="COG", count=count, height=rows, width=columns, dtype=layers.dtype, crs=UTM,
        transform=Affine(10, 0, ORIGIN[0], 0, -10, ORIGIN[1]), nodata=options.stored_nodata, bigtiff="IF_SAFER",
        compress=options.compress, predictor="NO" if options.compress == "NONE" else options.predictor,
        blocksize=options.blocksize, overviews=options.overviews, overview_resampling=options.overview_resampling,
        **({} if options.level is None else {"level": options.level}),
    ) as target:  # fmt: skip
        target.write(layers)
        if options.bounds is not None:
            target.scales, target.offsets = [options.scale] * count, [options.offset] * count
        for number, unit in ((1, "K"), (2, "")):
            target.set_band_description(number, "ab"[number - 1])
            if unit:
                target.set_band_unit(number, unit)


@pytest.mark.parametrize(("shape", "chosen"), CASES)
def test_a_cog_is_that_of_the_driver_byte_for_byte(
    tmp_path: Path, shape: tuple[int, int], chosen: dict[str, Any]
) -> None:
    options = CogOptions(blocksize=128, **chosen)
    dtype = options.dtype or "float32"
    stored = RANDOM.integers(0, 100, (2, *shape)).astype(dtype)
    stored[:, :40, :17] = options.stored_nodata
    values = np.where(stored == options.stored_nodata, np.nan, stored) * options.scale + options.offset
    if options.bounds is None:
        values = stored
    made = cube(values[np.newaxis], bands=("a", "b"), units=("K", "")).astype("float64" if options.bounds else dtype)
    write_cog(made.compute(), tmp_path / "ours.tif", options)
    by_the_driver(tmp_path / "driver.tif", stored, options)
    assert (tmp_path / "ours.tif").read_bytes() == (tmp_path / "driver.tif").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["driver.tif", "ours.tif"]
