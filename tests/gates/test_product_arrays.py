"""NetCDF files, Zarr stores and STAC that are broken in one way each, and found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
import zarr
from product_pieces import Breaks, Look, copied, cut, emptied, recorded

from earthcode_platform import checksums
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.cubes.zarr_zip import pack
from earthcode_platform.gates.product.arrays import check_zarr
from earthcode_platform.gates.product.stac import check_stac
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import ProducedFile, RunResult
from earthcode_platform.stores.preview import stac_documents


def swapped_coordinates(path: Path) -> None:
    """Give x the numbers of y and the other way round."""
    with xr.open_dataset(path, decode_coords=False) as opened:
        data = opened.load()
    rows, columns = data["y"].values, data["x"].values
    data = data.assign_coords(y=("y", np.linspace(columns[0], columns[-1], rows.size), data["y"].attrs))
    data = data.assign_coords(x=("x", np.linspace(rows[0], rows[-1], columns.size), data["x"].attrs))
    data.to_netcdf(path)


def without_grid_mapping(path: Path) -> None:
    with netCDF4.Dataset(path, "a") as opened:
        opened["a"].grid_mapping = "gone"


def changed_in_place(path: Path) -> None:
    with netCDF4.Dataset(path, "a") as opened:
        opened["a"][0, 40, 40] = 1e6


NETCDFS: Breaks = [
    (cut, "product-not-readable"),
    (emptied, "product-not-readable"),
    (swapped_coordinates, "product-grid-differs"),
    (without_grid_mapping, "product-crs-differs"),
    (changed_in_place, "product-values-differ"),
]


@pytest.mark.parametrize(("broken", "code"), NETCDFS, ids=lambda one: getattr(one, "__name__", one))
def test_netcdf_files_that_are_broken(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path, broken: Callable[[Path], None], code: str
) -> None:
    produced = copied(made[ProductFormat.NETCDF], tmp_path)
    broken(Path(produced.path))
    found = look(produced.model_copy(update={"checksum": checksums.of_path(Path(produced.path))}))
    assert code in [one.code for one in found if one.severity is Severity.ERROR]


def test_what_the_conventions_ask_for_is_told_with_its_place(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path
) -> None:
    produced = copied(made[ProductFormat.NETCDF], tmp_path)
    with netCDF4.Dataset(produced.path, "a") as opened:
        del opened["b"].units
        del opened.Conventions
    found = [one for one in look(recorded(produced)) if one.code == "product-cf"]
    assert {one.severity for one in found} == {Severity.WARNING}
    assert [one.where.rpartition(": ")[2] for one in found] == ["attributes", "data_vars['b']"]


def chunk_lost(path: Path) -> None:
    shutil.rmtree(path / "a" / "c")


def metadata_cut(path: Path) -> None:
    cut(path / "a" / "zarr.json")


def no_metadata(path: Path) -> None:
    (path / "zarr.json").unlink()


def chunk_broken(path: Path) -> None:
    for chunk in (path / "b" / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(b"\x09" * chunk.stat().st_size)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (chunk_lost, "product-empty"),
        (metadata_cut, "product-not-readable"),
        (no_metadata, "product-not-readable"),
        (chunk_broken, "product-not-readable"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_zarr_stores_that_are_broken(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path, broken: Callable[[Path], None], code: str
) -> None:
    produced = copied(made[ProductFormat.ZARR], tmp_path)
    broken(Path(produced.path))
    found = look(produced.model_copy(update={"checksum": checksums.of_path(Path(produced.path))}))
    assert code in [one.code for one in found if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (None, None),
        (cut, "product-not-readable"),
        (chunk_broken, "product-not-readable"),
        (no_metadata, "product-not-readable"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_zarr_stores_in_one_file(
    made: dict[ProductFormat, ProducedFile],
    look: Look,
    tmp_path: Path,
    broken: Callable[[Path], None] | None,
    code: str | None,
) -> None:
    good = made[ProductFormat.ZARR]
    folder = Path(copied(good, tmp_path).path)
    if broken is not None and broken is not cut:
        broken(folder)
    packed = tmp_path / "made.zarr.zip"
    pack(folder, packed)
    if broken is cut:
        cut(packed)
    found = look(good.model_copy(update={"path": str(packed), "checksum": checksums.of_path(packed)}))
    assert (code in [one.code for one in found if one.severity is Severity.ERROR]) if code else found == []


def test_a_store_whose_zip_file_is_compressed_is_told(
    made: dict[ProductFormat, ProducedFile], look: Look, tmp_path: Path
) -> None:
    good = made[ProductFormat.ZARR]
    packed = Path(shutil.make_archive(str(tmp_path / "made.zarr"), "zip", good.path))
    found = look(good.model_copy(update={"path": str(packed), "checksum": checksums.of_path(packed)}))
    assert [(one.code, one.severity) for one in found] == [("product-zarr", Severity.WARNING)]


def test_zarr_stores_that_are_laid_out_badly(tmp_path: Path) -> None:
    group = zarr.open_group(str(tmp_path / "many.zarr"), mode="w", zarr_format=3)
    group.create_array("a", shape=(4, 400, 400), chunks=(1, 20, 20), dtype="float32", fill_value=0.0)
    group.create_array(
        "b", shape=(4, 400, 400), chunks=(1, 20, 20), shards=(1, 400, 400), dtype="float32", fill_value=np.nan
    )
    root = tmp_path / "many.zarr" / "zarr.json"
    root.write_text(json.dumps(json.loads(root.read_text()) | {"consolidated_metadata": {}}))
    found = list(check_zarr(tmp_path / "many.zarr", "many"))
    assert [(one.code, one.where, one.severity) for one in found] == [
        ("product-zarr", "many", Severity.NOTE),
        ("product-zarr", "many: a", Severity.WARNING),
        ("product-nodata", "many: a", Severity.WARNING),
    ]
    assert "1,600 objects" in found[1].message


def test_stac_that_is_valid_and_stac_that_is_not(experiment: tuple[PinnedExperiment, RunResult]) -> None:
    documents = stac_documents(*experiment)
    assert set(documents) == {"collection.json", "small-mean/small-mean.json"}
    assert list(check_stac(documents)) == []
    broken = json.loads(json.dumps(documents))
    broken["small-mean/small-mean.json"]["bbox"] = [1]
    del broken["small-mean/small-mean.json"]["assets"]["data"]["href"]
    broken["collection.json"]["stac_version"] = "0.9.0"
    found = list(check_stac(broken))
    assert {one.code for one in found} == {"product-stac"}
    assert {one.where for one in found} >= {"collection.json", "small-mean/small-mean.json/bbox"}


def test_stac_is_held_against_the_schemas_of_its_extensions_where_they_are_at_hand(
    experiment: tuple[PinnedExperiment, RunResult], shared: Path
) -> None:
    schemas = Schemas(shared / "schemas")
    documents = stac_documents(*experiment)
    assert [one for one in check_stac(documents, schemas) if "no schema is known" not in one.message] == []
    documents["small-mean/small-mean.json"]["assets"]["data"]["proj:shape"] = ["many"]
    assert any("many" in one.message for one in check_stac(documents, schemas))
