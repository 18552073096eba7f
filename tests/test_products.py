from pathlib import Path

import factories
import numpy as np
import pytest

from earthcode_platform.errors import UnknownNameError
from earthcode_platform.products import open_product
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore


def archived(tmp_path: Path) -> DirectoryStore:
    store = DirectoryStore(tmp_path / "archive")
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    archive(pinned, factories.run(pinned, tmp_path / "work"), store, tmp_path / "work")
    return store


def test_an_id_is_a_lazy_cube_in_one_call(tmp_path: Path) -> None:
    store = archived(tmp_path)
    cube = open_product(str(store.root), "small-mean")
    assert cube.chunks is not None
    assert cube.dims == ("t", "bands", "y", "x")
    assert cube.rio.crs.to_epsg() == 4326
    np.testing.assert_array_equal(cube.compute().values[0, 0], np.tile(5 + np.arange(8, dtype="float32"), (8, 1)))
    assert open_product(store, "small-mean", "1.0.0", bands=["B01"]).sizes["bands"] == 1


def test_an_id_that_there_is_not_is_answered_with_the_nearest(tmp_path: Path) -> None:
    store = archived(tmp_path)
    with pytest.raises(UnknownNameError, match="Did you mean 'small-mean'"):
        open_product(store, "small-maen")
    with pytest.raises(UnknownNameError, match="Known: data"):
        open_product(store, "small-mean", bands=["B1"])
