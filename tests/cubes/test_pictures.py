"""Pictures beside the quicklook: a map of the footprint, a series over time, a thumbnail."""

from datetime import UTC, datetime
from pathlib import Path

import cube_factories
import numpy as np
import pytest
from PIL import Image

from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.footprint_map import draw_footprint
from earthcode_platform.cubes.lettering import ticks
from earthcode_platform.cubes.palette import AMOUNTS, DEVIATIONS, colours
from earthcode_platform.cubes.thumbnail import draw_thumbnail, light_copy
from earthcode_platform.cubes.time_series import area_means, draw_time_series
from earthcode_platform.cubes.write import MEDIA_TYPES, write
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.run import ProducedFile

MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def produced(path: Path, values: np.ndarray, *, crs: str = cube_factories.UTM, step: float = 10.0) -> ProducedFile:
    write(cube_factories.cube(values, bands=("a", "b"), crs=crs, step=step), path, ProductFormat.ZARR, "Made")
    return describe(path, "Made", MEDIA_TYPES[ProductFormat.ZARR], MOMENT, MOMENT)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as opened:
        return opened.size


def where_product_is(path: Path) -> tuple[float, float]:
    """Return the middle of the product's outline on the map, as parts of its width and height."""
    with Image.open(path) as opened:
        shown = np.asarray(opened.convert("RGB"))[116:477, 72:633].astype(int)
    rows, columns = np.nonzero(shown[..., 0] - shown[..., 2] > 15)  # the product is filled in orange on bluish ground
    return float(columns.mean() / 561), float(rows.mean() / 361)


def test_the_product_is_drawn_where_it_lies_among_its_inputs(tmp_path: Path) -> None:
    draw_footprint((10, 40, 11, 41), {"scenes": [(9, 39, 15, 45)]}, tmp_path / "a.png", "Low and to the left")
    column, row = where_product_is(tmp_path / "a.png")
    assert column < 0.45
    assert row > 0.6
    assert size_of(tmp_path / "a.png") == (960, 560)


def test_a_box_across_the_antimeridian_is_drawn_in_one_piece(tmp_path: Path) -> None:
    draw_footprint((170, -10, -170, 10), {}, tmp_path / "across.png", "Across")
    draw_footprint((-10, -10, 10, 10), {}, tmp_path / "plain.png", "Plain")
    assert where_product_is(tmp_path / "across.png") == pytest.approx(
        where_product_is(tmp_path / "plain.png"), abs=0.02
    )


@pytest.mark.parametrize("box", [(-180, -90, 180, 90), (5, 89, 6, 90), (1e-7, 0, 2e-7, 1e-7)])
def test_any_box_can_be_drawn(tmp_path: Path, box: tuple[float, float, float, float]) -> None:
    draw_footprint(box, {"far": [(100.0, 10.0, 101.0, 11.0)]}, tmp_path / "a.png", "T" * 300)
    assert size_of(tmp_path / "a.png") == (960, 560)


def test_the_series_is_the_mean_of_the_valid_pixels(tmp_path: Path) -> None:
    values = np.arange(3 * 2 * 4 * 4, dtype="float64").reshape(3, 2, 4, 4)
    values[1, 0] = np.nan
    values[2, 0, :2] = np.nan
    series = area_means(produced(tmp_path / "a.zarr", values))
    assert series is not None
    expected = [[np.nanmean(band) if np.isfinite(band).any() else np.nan for band in date] for date in values]
    np.testing.assert_allclose(series.values, expected)
    assert draw_time_series(produced(tmp_path / "b.zarr", values), tmp_path / "a.png")
    assert size_of(tmp_path / "a.png") == (960, 540)


def test_in_degrees_pixels_weigh_as_their_area(tmp_path: Path) -> None:
    values = np.zeros((2, 2, 6, 2))
    values[:, :, 3:] = 1.0
    series = area_means(produced(tmp_path / "a.zarr", values, crs="EPSG:4326", step=10.0))
    assert series is not None
    weights = np.cos(np.radians(10.0 * (np.arange(6) + 0.5)))
    np.testing.assert_allclose(series.values, weights[3:].sum() / weights.sum())


def test_what_has_no_dates_has_no_series(tmp_path: Path) -> None:
    made = produced(tmp_path / "a.zarr", np.ones((1, 2, 4, 4)))
    assert area_means(made) is None
    assert not draw_time_series(made, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def test_thumbnails_and_light_copies_are_small(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (450, 600, 3), dtype="uint8")
    Image.fromarray(noise, "RGB").save(tmp_path / "large.png")
    draw_thumbnail(tmp_path / "large.png", tmp_path / "small.png")
    assert size_of(tmp_path / "small.png") == (512, 384)
    assert len(light_copy(tmp_path / "large.png", 200_000)) <= 200_000
    assert light_copy(tmp_path / "small.png", 10**7) == (tmp_path / "small.png").read_bytes()


def test_ticks_are_round_and_inside() -> None:
    assert ticks(-1.0, 1.0) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(271.3, 304.2) == [280.0, 290.0, 300.0]
    assert ticks(1e-7, 5e-7, most=4) == [1e-7, 2e-7, 3e-7, 4e-7, 5e-7]


def perceived(stops: np.ndarray) -> np.ndarray:
    """Return 33 even steps of a scale in OKLab (Ottosson 2020), in which equal distances look equally far."""
    shown = colours(np.linspace(0, 1, 33)[np.newaxis], 0.0, 1.0, stops)[0] / 255
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    cones = linear @ np.array(
        [[0.4122214708, 0.2119034982, 0.0883024619], [0.5363325363, 0.6806995451, 0.2817188376],
         [0.0514459929, 0.1073969566, 0.6299787005]]
    )  # fmt: skip
    return np.cbrt(cones) @ np.array(
        [[0.2104542553, 1.9779984951, 0.0259040371], [0.7936177850, -2.4285922050, 0.7827717662],
         [-0.0040720468, 0.4505937099, -0.8086757660]]
    )  # fmt: skip


def test_equal_steps_of_a_scale_look_equally_far() -> None:
    for stops in (AMOUNTS, DEVIATIONS):
        steps = np.linalg.norm(np.diff(perceived(stops), axis=0), axis=1)
        assert steps.max() / steps.min() < 1.6
    lightness = perceived(AMOUNTS)[:, 0]
    assert (np.diff(lightness) > 0).all()
