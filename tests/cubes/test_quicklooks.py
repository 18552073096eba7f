"""Quicklooks are pictures that a person can read."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from PIL import Image

from earthcode_platform.cubes.palette import AMOUNTS, DEVIATIONS, NODATA, colours
from earthcode_platform.cubes.quicklook import draw_quicklook


def drawn(path: Path, made: xr.DataArray, title: str = "A map") -> Image.Image:
    draw_quicklook(made.compute(), path, title)
    with Image.open(path) as opened:
        opened.load()
        return opened.convert("RGB")


def ramp(low: float, high: float, rows: int = 6, columns: int = 8) -> xr.DataArray:
    return cube(np.linspace(low, high, rows * columns).reshape(1, 1, rows, columns))


def share(picture: Image.Image, colour: tuple[int, int, int]) -> float:
    return float((np.asarray(picture) == colour).all(axis=-1).mean())


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (6, 8), (18, 121), (512, 512), (3, 900), (900, 3), (4000, 2500)])
def test_the_width_is_readable_for_any_grid(tmp_path: Path, rows: int, columns: int) -> None:
    picture = drawn(tmp_path / "q.png", ramp(0, 1, rows, columns))
    assert 800 <= picture.width <= 1700
    assert picture.height <= 1500
    assert [entry.name for entry in tmp_path.iterdir()] == ["q.png"]


def test_small_grids_show_sharp_pixels(tmp_path: Path) -> None:
    checks = cube(np.indices((4, 4)).sum(axis=0)[np.newaxis, np.newaxis] % 2 * 1.0)
    picture = np.asarray(drawn(tmp_path / "q.png", checks))
    first, last = (tuple(int(part) for part in stops.round()) for stops in (AMOUNTS[0], AMOUNTS[-1]))
    shown = [float((picture == colour).all(axis=-1).mean()) for colour in (first, last)]
    assert shown[0] == pytest.approx(shown[1], rel=0.05)
    assert shown[0] > 0.3


def test_amounts_run_from_dark_to_bright(tmp_path: Path) -> None:
    picture = drawn(tmp_path / "q.png", ramp(280, 300))
    assert len(set(picture.get_flattened_data())) > 40
    assert share(picture, (190, 41, 49)) == 0


def test_a_rare_class_has_a_colour_of_its_own(tmp_path: Path) -> None:
    classes = np.full((1, 1, 100, 100), 4.0)
    classes[..., :10, :] = 5
    classes[..., 0, :5] = 6
    picture = drawn(tmp_path / "q.png", cube(classes))
    for number in (4.0, 5.0, 6.0):
        red, green, blue = colours(np.array([[number]]), 4.0, 6.0, AMOUNTS)[0, 0].tolist()
        assert share(picture, (red, green, blue)) > 0.0001


def test_data_on_both_sides_of_zero_are_blue_and_red(tmp_path: Path) -> None:
    pixels = np.asarray(drawn(tmp_path / "q.png", ramp(-2, 2))).reshape(-1, 3).astype(int)
    blue = ((pixels[:, 2] - pixels[:, 0]) > 60).mean()
    red = ((pixels[:, 0] - pixels[:, 2]) > 60).mean()
    assert blue > 0.2
    assert red > 0.2


def test_deviations_are_centred_at_zero_by_their_name(tmp_path: Path) -> None:
    pixels = np.asarray(drawn(tmp_path / "q.png", ramp(0.1, 2), "Temperature anomaly")).reshape(-1, 3).astype(int)
    assert ((pixels[:, 0] - pixels[:, 2]) > 60).mean() > 0.3
    assert ((pixels[:, 2] - pixels[:, 0]) > 60).mean() < 0.02


def test_nodata_is_grey(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 64).reshape(1, 1, 8, 8)
    values[0, 0, :4] = np.nan
    assert share(drawn(tmp_path / "q.png", cube(values)), NODATA) > 0.3


def test_of_several_dates_the_mean_is_shown(tmp_path: Path) -> None:
    steady = np.linspace(0, 1, 16).reshape(1, 1, 4, 4)
    both = np.concatenate([steady - 5, steady + 5])
    one, two = drawn(tmp_path / "a.png", cube(steady)), drawn(tmp_path / "b.png", cube(both))
    map_of_one, map_of_two = (np.asarray(picture)[120:-100] for picture in (one, two))
    np.testing.assert_allclose(map_of_one.astype(int), map_of_two.astype(int), atol=2)


@pytest.mark.parametrize("value", [np.nan, 0.0, 7.0, -1e12, 1e-9])
def test_constant_and_empty_cubes_are_drawn(tmp_path: Path, value: float) -> None:
    assert drawn(tmp_path / "q.png", cube(np.full((1, 1, 3, 3), value))).width >= 800


def test_a_long_title_is_wrapped(tmp_path: Path) -> None:
    short = drawn(tmp_path / "a.png", ramp(0, 1), "Short")
    long = drawn(tmp_path / "b.png", ramp(0, 1), "A long title of many words " * 6)
    assert long.height > short.height
    assert long.width == short.width


def test_colours_are_those_of_the_stops() -> None:
    found = colours(np.array([-1.0, 0.0, 1.0, np.nan, 99.0]), -1.0, 1.0, DEVIATIONS)
    assert found[0].tolist() == DEVIATIONS[0].tolist()
    assert found[1].tolist() == DEVIATIONS[4].tolist()
    assert found[2].tolist() == found[4].tolist() == DEVIATIONS[-1].tolist()
    assert tuple(found[3].tolist()) == NODATA


@pytest.mark.parametrize("stops", [AMOUNTS, DEVIATIONS])
def test_many_values_have_the_colours_that_each_has_by_itself(stops: np.ndarray) -> None:
    values = np.append(np.random.default_rng(3).normal(size=70_000), [np.nan, *np.linspace(-1.0, 2.0, len(stops))])
    together = colours(values, -1.0, 2.0, stops)
    few = [colours(part, -1.0, 2.0, stops) for part in np.array_split(values, 50)]
    np.testing.assert_array_equal(together, np.concatenate(few))
    assert tuple(together[70_000].tolist()) == NODATA
