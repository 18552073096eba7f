"""The place and time that the inputs of an experiment have together."""

from pathlib import Path

import cwl_pieces
import pytest

from earthcode_platform.cubes.input_extent import input_place
from earthcode_platform.development.foreseen import foreseen
from earthcode_platform.models.window import BBox

WORLD = (-180.0, -10.0, 180.0, 10.0)


@pytest.mark.parametrize(
    ("boxes", "wanted"),
    [
        ([(0.0, -10.0, 5.0, 0.0), (3.0, -5.0, 9.0, 10.0)], (0.0, -10.0, 9.0, 10.0)),
        ([(170.0, -10.0, -170.0, 10.0), (170.0, -10.0, -170.0, 10.0)], (170.0, -10.0, -170.0, 10.0)),
        ([(170.0, -10.0, -170.0, 10.0), (160.0, -5.0, 180.0, 5.0)], WORLD),
    ],
    ids=["beside each other", "across the antimeridian", "one of them across the antimeridian"],
)
def test_the_place_of_several_inputs(boxes: list[BBox], wanted: BBox, tmp_path: Path) -> None:
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path))
    (one,) = pinned.inputs
    several = pinned.model_copy(
        update={"inputs": tuple(one.model_copy(update={"name": f"i{n}", "bbox": box}) for n, box in enumerate(boxes))}
    )
    assert input_place(several) == foreseen(several).product.bbox == wanted
