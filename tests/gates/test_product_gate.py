"""Rasters that are broken in one way each, and found; good products of every format, and passed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cube_factories
import numpy as np
import pytest
import rasterio
from product_pieces import CUBES, ELSEWHERE, MOMENT, Breaks, Look, copied, cut, emptied, recorded

from earthcode_platform import checksums
from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.produced import describe_produced
from earthcode_platform.cubes.write import MEDIA_TYPES, write
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.run import ProducedFile


@pytest.mark.parametrize("form", CUBES)
def test_good_products_pass(made: dict[ProductFormat, ProducedFile], look: Look, form: ProductFormat) -> None:
    assert look(made[form]) == []


def no_raster(path: Path) -> None:
    path.write_text("<html>not found</html>")


def rewritten(path: Path, **options: Any) -> None:  # noqa: ANN401 - options of GDAL
    """Write the raster again as a plain GeoTIFF."""
    with rasterio.open(path) as opened:
        values, names, units = opened.read(), opened.descriptions, opened.units
        profile = {"driver": "GTiff", "count": 2, "dtype": "float32", "crs": opened.crs,
                   "transform": opened.transform, "nodata": np.nan} | options  # fmt: skip
    values = options.pop("values", values)
    profile.pop("values", None)
    with rasterio.open(path, "w", **{**profile, "height": values.shape[1], "width": values.shape[2]}) as target:
        target.write(values)
        for at, (name, unit) in enumerate(zip(names, units, strict=True), start=1):
            target.set_band_description(at, name)
            target.set_band_unit(at, unit)


def in_strips(path: Path) -> None:
    rewritten(path)


def without_overviews(path: Path) -> None:
    rewritten(path, tiled=True, blockxsize=256, blockysize=256)


def overviews_added_later(path: Path) -> None:
    without_overviews(path)
    with rasterio.open(path, "r+") as opened:
        opened.build_overviews([2, 4])


def other_crs(path: Path) -> None:
    rewritten(path, crs="EPSG:32634")


def moved(path: Path) -> None:
    with rasterio.open(path) as opened:
        place = opened.transform
    rewritten(path, transform=place.translation(30.0, 0.0) * place)


def transposed(path: Path) -> None:
    with rasterio.open(path) as opened:
        values = opened.read().transpose(0, 2, 1)
    rewritten(path, values=values)


def no_crs(path: Path) -> None:
    rewritten(path, crs=None)


def other_nodata(path: Path) -> None:
    rewritten(path, nodata=-9999.0)


def other_values(path: Path) -> None:
    with rasterio.open(path) as opened:
        values = opened.read()
    rewritten(path, values=values * np.float32(1.01))


def nothing_in_it(path: Path) -> None:
    with rasterio.open(path) as opened:
        values = opened.read()
    values[1] = np.nan
    rewritten(path, values=values)


def names_lost(path: Path) -> None:
    rewritten(path)
    with rasterio.open(path, "r+") as opened:
        opened.set_band_description(2, "c")


RASTERS: Breaks = [
    (cut, "product-cut-short"),
    (emptied, "product-not-readable"),
    (no_raster, "product-not-readable"),
    (Path.unlink, "product-missing"),
    (in_strips, "product-cog-layout"),
    (without_overviews, "product-no-overviews"),
    (overviews_added_later, "product-cog-layout"),
]


@pytest.mark.parametrize(("broken", "code"), RASTERS, ids=lambda one: getattr(one, "__name__", one))
def test_broken_files_and_layouts(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path, broken: Callable[[Path], None], code: str
) -> None:
    produced = copied(made[ProductFormat.COG], tmp_path)
    broken(Path(produced.path))
    assert code in [one.code for one in look(produced)]


PLACES: Breaks = [
    (other_crs, "product-crs-differs"),
    (no_crs, "product-crs-differs"),
    (moved, "product-grid-differs"),
    (transposed, "product-grid-differs"),
    (other_nodata, "product-nodata"),
    (other_values, "product-values-differ"),
    (nothing_in_it, "product-empty"),
    (names_lost, "product-band-missing"),
]


@pytest.mark.parametrize(("broken", "code"), PLACES, ids=lambda one: getattr(one, "__name__", one))
def test_rasters_that_are_not_what_was_recorded(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path, broken: Callable[[Path], None], code: str
) -> None:
    produced = copied(made[ProductFormat.COG], tmp_path)
    produced = produced.model_copy(update={"media_type": "image/tiff; application=geotiff"})
    broken(Path(produced.path))
    found = look(recorded(produced))
    assert code in [one.code for one in found if one.severity is Severity.ERROR]


def test_gaps_of_large_values_are_counted_too(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path
) -> None:
    produced = copied(made[ProductFormat.COG], tmp_path)
    with rasterio.open(produced.path) as opened:
        values = opened.read()
    rewritten(Path(produced.path), values=values * np.float32(1e8), tiled=True)
    told = describe_produced(Path(produced.path), "large", MOMENT, MOMENT)
    assert "product-values-differ" not in [one.code for one in look(told)]
    fewer = tuple(one | {"valid_percent": one["valid_percent"] - 20} for one in told.band_statistics)
    found = look(told.model_copy(update={"band_statistics": fewer}))
    assert [one.message.partition(" of ")[0] for one in found if one.code == "product-values-differ"] == [
        "the valid_percent"
    ] * len(fewer)


def test_a_wrong_checksum_of_bytes_and_of_values(made: dict[ProductFormat, ProducedFile], look: Look) -> None:
    other = checksums.of_bytes(b"another")
    produced = made[ProductFormat.NETCDF]
    assert [one.code for one in look(produced.model_copy(update={"checksum": other}))] == ["product-bytes-differ"]
    assert [one.code for one in look(produced.model_copy(update={"data_checksum": other}))] == ["product-values-differ"]


@pytest.mark.parametrize("form", CUBES)
def test_a_product_that_lies_where_no_input_does(
    made: dict[ProductFormat, ProducedFile], look: Look, form: ProductFormat
) -> None:
    (found,) = look(made[form], ELSEWHERE)
    assert (found.code, found.severity) == ("product-elsewhere", Severity.ERROR)


def test_what_the_experiment_wants_as_cog_and_is_none(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path
) -> None:
    produced = copied(made[ProductFormat.COG], tmp_path)
    in_strips(Path(produced.path))
    plain = recorded(produced.model_copy(update={"media_type": "image/tiff; application=geotiff"}))
    assert [(one.code, one.severity) for one in look(plain)] == [("product-not-cog", Severity.WARNING)]


def test_latitudes_that_are_longitudes(look: Look, tmp_path: Path) -> None:
    values = cube_factories.cube(np.ones((1, 1, 30, 10)), bands=("a",), crs="EPSG:4326", step=10.0).isel(t=0, drop=True)
    write(values, tmp_path / "swapped.tif", ProductFormat.COG, "Made")
    produced = describe(tmp_path / "swapped.tif", "Made", MEDIA_TYPES[ProductFormat.COG], MOMENT, MOMENT)
    assert "product-axes-swapped" in [one.code for one in look(produced)]
