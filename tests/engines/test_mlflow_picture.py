"""What a model is given: pixels with data, date by date or composed, in blocks that fit the memory."""

from pathlib import Path

import numpy as np
import pytest
from model_folders import scenes

from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.engines.mlflow_models.choices import Choices
from earthcode_platform.engines.mlflow_models.picture import Picture
from earthcode_platform.engines.mlflow_models.signature import Column, Signature
from earthcode_platform.models.experiment import InputReference

SIGNATURE = Signature(
    (Column("red", "float32"), Column("nir", "float32")), (Column("index", "float64"),), tensor=False, parameters=()
)


def picture(folder: Path, signature: Signature = SIGNATURE, **configuration: object) -> Picture:
    scenes(folder)
    data = pin_input("data", InputReference(href="collection.json"), folder)
    return Picture.of(data, signature, Choices.of(configuration, signature))  # type: ignore[arg-type]


def test_each_date_gives_its_pixels_without_those_that_lack_a_band(tmp_path: Path) -> None:
    made = picture(tmp_path)
    (block,) = made.blocks(2**30)
    rows, valid = made.pixels(made.cut(block).values)
    assert valid.shape == (2, 6, 6)
    assert not valid[:, 0, 0].any()
    assert valid.sum() == len(rows) == 70
    np.testing.assert_allclose(rows[0], [0.0111, 0.0221], rtol=1e-6)
    np.testing.assert_allclose(rows[35], [0.0112, 0.0222], rtol=1e-6)


@pytest.mark.parametrize(("way", "red"), [("first", 0.0111), ("mean", 0.01115), ("median", 0.01115)])
def test_dates_become_one_picture(tmp_path: Path, way: str, red: float) -> None:
    made = picture(tmp_path, composite=way)
    rows, valid = made.pixels(made.cube.values)
    assert valid.shape == (1, 6, 6)
    np.testing.assert_allclose(rows[0, 0], red, rtol=1e-5)
    assert made.template.dims == ("bands", "y", "x")
    assert str(made.template["time_start"].values)[:10] == "2020-01-01"


def test_the_first_date_with_data_counts(tmp_path: Path) -> None:
    made = picture(tmp_path, composite="first")
    values = made.cube.values.copy()
    values[0, :, 2, 2] = np.nan
    rows, valid = made.pixels(values)
    assert valid[0, 2, 2]
    kept = np.flatnonzero(valid[0].ravel()).tolist().index(14)
    np.testing.assert_allclose(rows[kept], values[1, :, 2, 2])


def test_masked_pixels_are_no_data(tmp_path: Path) -> None:
    made = picture(tmp_path, mask_band="SCL", mask_values=[4, 5])
    rows, valid = made.pixels(made.cube.values)
    classes = np.arange(36).reshape(6, 6) % 5 + 4
    assert not valid[:, np.isin(classes, [4, 5])].any()
    assert rows.shape[1] == 2


def test_blocks_cover_the_picture_once_and_fit_the_memory(tmp_path: Path) -> None:
    made = picture(tmp_path)
    large = made.cube.isel(y=np.zeros(300, dtype=int), x=np.zeros(200, dtype=int))
    made = Picture(large, made.template, made.choices, made.outputs)
    blocks = made.blocks(4_000_000)
    seen = np.zeros((300, 200), dtype=int)
    for block in blocks:
        seen[block.rows, block.columns] += 1
        assert made.cut(block).nbytes <= 4_000_000 / 8
    assert len(blocks) > 1
    assert (seen == 1).all()


def test_only_wanted_outputs_are_kept_and_wide_ones_are_numbered(tmp_path: Path) -> None:
    signature = Signature(
        SIGNATURE.inputs, (Column("label", "int64"), Column("p", "float32", 3)), tensor=False, parameters=()
    )
    whole = picture(tmp_path, signature)
    assert list(whole.template["bands"].values) == ["label", "p1", "p2", "p3"]
    assert whole.template.dtype == "float64"
    some = picture(tmp_path, signature, outputs=["p"])
    assert list(some.template["bands"].values) == ["p1", "p2", "p3"]
    assert some.template.dtype == "float32"
