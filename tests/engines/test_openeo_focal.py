"""Processes that look around each pixel, against NumPy."""

from typing import Any

import numpy as np
import pytest
from conformance.apex_dilation import dilated_clouds
from cube_factories import cube
from numpy.typing import NDArray
from process_calls import Parameters, call, callback

from earthcode_platform.engines.openeo.convolving import convolved, gaussian
from earthcode_platform.errors import ExecutionError

GENERATOR = np.random.default_rng(7)


def sample(rows: int = 21, columns: int = 30) -> Any:  # noqa: ANN401 - a cube
    return cube(GENERATOR.normal(size=(2, 1, rows, columns)))


def convolution(plane: NDArray[Any], kernel: NDArray[Any], mode: str, **border: Any) -> NDArray[Any]:  # noqa: ANN401 - those of pad
    """Return the convolution, pixel by pixel as it is defined."""
    up, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    padded = np.pad(plane, ((up, up), (left, left)), mode=mode, **border)  # type: ignore[call-overload]
    found = np.zeros_like(plane)
    for row in range(plane.shape[0]):
        for column in range(plane.shape[1]):
            around = padded[row : row + kernel.shape[0], column : column + kernel.shape[1]]
            found[row, column] = (around * kernel[::-1, ::-1]).sum()
    return found


BORDERS: dict[Any, dict[str, Any]] = {
    0: {"mode": "constant"},
    2.5: {"mode": "constant", "constant_values": 2.5},
    "replicate": {"mode": "edge"},
    "reflect": {"mode": "symmetric"},
    "reflect_pixel": {"mode": "reflect"},
    "wrap": {"mode": "wrap"},
}


@pytest.mark.parametrize("border", BORDERS)
def test_a_kernel_is_a_convolution_at_every_border(border: Any) -> None:  # noqa: ANN401 - a text or a number
    made, kernel = sample(), GENERATOR.normal(size=(5, 3))
    found = call("apply_kernel", data=made, kernel=kernel.tolist(), factor=2, border=border)
    assert found.dims == ("t", "bands", "y", "x")
    for at in (0, 1):
        wanted = 2 * convolution(made.values[at, 0], kernel, **BORDERS[border])
        np.testing.assert_allclose(found.values[at, 0], wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (17, 17), (31, 5)])
def test_large_kernels_are_split_without_a_difference(shape: tuple[int, int]) -> None:
    plane = GENERATOR.normal(size=(40, 50))
    for kernel in (
        np.ones(shape),
        GENERATOR.normal(size=shape),
        np.outer(np.arange(shape[0]), np.arange(shape[1]) + 1.0),
    ):
        wanted = convolution(plane, kernel, "constant")
        np.testing.assert_allclose(convolved(plane, kernel), wanted, rtol=1e-9, atol=1e-9)


def test_sums_of_ones_are_whole() -> None:
    assert convolved(np.ones((60, 60)), np.ones((51, 51)))[30, 30] == 51 * 51
    assert convolved(np.ones((9, 9)), np.ones((3, 3)))[4, 4] * (1 / 9) == 1


def test_what_is_no_number_counts_as_the_replacement() -> None:
    made = cube([[[[1, np.nan, 3], [np.inf, 5, 6], [7, 8, 9]]]])
    found = call("apply_kernel", data=made, kernel=[[1] * 3] * 3, replace_invalid=1)
    assert found.values[0, 0, 1, 1] == 1 + 1 + 3 + 1 + 5 + 6 + 7 + 8 + 9


def test_a_kernel_with_an_even_side_and_a_cube_too_small_to_mirror_are_refused() -> None:
    for kernel in ([[1, 2], [3, 4]], [[1, 2, 3], [1, 2]], [[1], [2]]):
        with pytest.raises(ExecutionError, match="KernelDimensionsUneven"):
            call("apply_kernel", data=sample(), kernel=kernel)
    with pytest.raises(ExecutionError, match="reaches 21 pixels"):
        call("apply_kernel", data=sample(), kernel=[[1.0] * 43] * 43, border="reflect")


@pytest.mark.parametrize("erosion", [0, 3, 5])
def test_clouds_grow_as_they_are_defined_to(erosion: int) -> None:
    classes = np.full((2, 1, 60, 70), 4.0)
    classes[0, 0, 20:26, 10:19], classes[0, 0, 40, 60] = 9, 3
    classes[1, 0, :3, :5], classes[1, 0, 50, 30:34], classes[1, 0, 30, 30] = np.nan, 8, 1
    made = cube(classes, ("SCL",))
    found = call("to_scl_dilation_mask", data=made, erosion_kernel_size=erosion, kernel1_size=9, kernel2_size=41)
    wanted = dilated_clouds(classes[:, 0], near=9, far=41, erosion=erosion)
    np.testing.assert_array_equal(found.values[:, 0], wanted)
    assert 0 < wanted.mean() < 1
    # Halos across the borders of chunks change nothing.
    np.testing.assert_array_equal(
        call("to_scl_dilation_mask", data=made.chunk({"y": 13, "x": 17}), erosion_kernel_size=erosion, kernel1_size=9,
             kernel2_size=41).values, found.values)  # fmt: skip


def test_the_published_weights_of_the_first_bell() -> None:
    # The kernel that mask_scl_dilation of openEO Geotrellis writes out: its corner and its middle.
    assert gaussian(17)[0, 0] == pytest.approx(6.872607261923617e-06, rel=1e-12)
    assert gaussian(17)[8, 8] == pytest.approx(0.019927617993936483, rel=1e-12)


def test_clouds_are_masked_in_all_bands() -> None:
    values = np.ones((1, 2, 30, 30))
    values[0, 1] = 4
    values[0, 1, 10:20, 10:20] = 9
    made = cube(values, ("B04", "SCL"))
    found = call("mask_scl_dilation", data=made, scl_band_name="SCL")
    cloudy = dilated_clouds(values[:, 1])
    np.testing.assert_array_equal(np.isnan(found.values[0, 0]), cloudy[0])
    with pytest.raises(ExecutionError, match="none is called SCL"):
        call("to_scl_dilation_mask", data=cube(values, ("a", "b")))


def windows(size: int, overlap: int = 0) -> dict[str, Any]:
    sizes = [{"dimension": name, "value": size, "unit": "px"} for name in ("x", "y")]
    around = [{"dimension": name, "value": overlap, "unit": "px"} for name in ("x", "y")]
    return {"size": sizes, "overlap": around}


def test_windows_with_overlap_see_what_the_whole_shows() -> None:
    made, kernel = sample(), [[1.0] * 3] * 3
    smooth = callback("apply_kernel", data=Parameters("data"), kernel=kernel)
    whole = call("apply_kernel", data=made, kernel=kernel)
    found = call("apply_neighborhood", data=made, process=smooth, **windows(8, 1))
    np.testing.assert_allclose(found.values, whole.values, rtol=1e-12)
    np.testing.assert_array_equal(found["x"].values, made["x"].values)
    cut = call("apply_neighborhood", data=made, process=smooth, **windows(8))
    np.testing.assert_allclose(cut.values[..., 3, 3], whole.values[..., 3, 3], rtol=1e-12)
    assert np.abs(cut.values[..., 8] - whole.values[..., 8]).max() > 1e-3


def test_windows_are_as_large_as_asked_and_padded_with_nothing() -> None:
    seen = []

    def note(data: Any, context: Any) -> Any:  # noqa: ANN401 - a cube
        seen.append((data.sizes["y"], data.sizes["x"], int(np.isnan(data.values).sum()), context))
        assert np.allclose(np.diff(data["x"].values), 10)
        assert np.allclose(np.diff(data["y"].values), -10)
        return data

    made = sample(10, 12).isel(t=[0])
    found = call("apply_neighborhood", data=made, process=note, context=5, **windows(8, 2))
    np.testing.assert_array_equal(found.values, made.values)
    assert [one[:2] for one in seen] == [(12, 12)] * 4
    assert [one[3] for one in seen] == [5] * 4
    assert seen[0][2] == 12 * 12 - 10 * 10


def test_months_are_windows_of_every_pixel() -> None:
    values = GENERATOR.normal(size=(75, 1, 2, 3))
    made = cube(values)
    pixels = [{"dimension": name, "value": 1, "unit": "px"} for name in ("x", "y")]
    month = [*pixels, {"dimension": "t", "value": "month"}]
    largest = callback("cummax", data=Parameters("data"))
    found = call("apply_neighborhood", data=made, process=largest, size=month)
    months = made["t"].dt.month.values
    for one in (1, 2, 3):
        wanted = np.maximum.accumulate(values[months == one], axis=0)
        np.testing.assert_array_equal(found.values[months == one], wanted)
    np.testing.assert_array_equal(found["t"].values, made["t"].values)
    weekly = call("apply_neighborhood", data=made, process=largest, size=[*pixels, {"dimension": "t", "value": "P7D"}])
    np.testing.assert_array_equal(weekly.values[7:14], np.maximum.accumulate(values[7:14], axis=0))
    # Three days before count for the running maximum, and are cut off again.
    around = [{"dimension": "t", "value": "P3D"}]
    wide = call("apply_neighborhood", data=made, process=largest, size=[*pixels, {"dimension": "t", "value": "P7D"}],
                overlap=around)  # fmt: skip
    np.testing.assert_array_equal(wide.values[7], values[4:8].max(axis=0))


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ([{"dimension": "z", "value": 1}], "DimensionNotAvailable"),
        ([{"dimension": "x", "value": 0, "unit": "px"}], "have no size"),
    ],
)
def test_windows_that_cannot_be_cut_are_refused(size: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ExecutionError, match=words):
        call("apply_neighborhood", data=sample(), process=callback("absolute", x=Parameters("data")), size=size)


def test_a_window_of_another_shape_is_refused() -> None:
    halved = callback(
        "reduce_dimension", data=Parameters("data"), dimension="x", reducer=callback("max", data=Parameters("data"))
    )
    with pytest.raises(ExecutionError, match="DataCubePropertiesImmutable"):
        call("apply_neighborhood", data=sample(), process=halved, **windows(8))
