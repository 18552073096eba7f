"""Products written while they are computed hold what they hold otherwise, and go on where they were interrupted."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from distributed import Client, LocalCluster
from numpy.typing import NDArray

from earthcode_platform import checksums
from earthcode_platform.cubes.describe import statistics
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.quicklook import draw_quicklook
from earthcode_platform.cubes.reopen import reopen, reopened
from earthcode_platform.cubes.streaming.journal import Journal, Noted
from earthcode_platform.cubes.streaming.source import source_of
from earthcode_platform.cubes.streaming.stream import Streamed, stream
from earthcode_platform.cubes.streaming.units import Box, cut
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.write import suffix_of, write
from earthcode_platform.errors import ExecutionError, InputError, IntegrityError, UnavailableError
from earthcode_platform.models.experiment import ProductFormat

RANDOM = np.random.default_rng(3)


@dataclass
class Source:
    """Values in memory, handed out by blocks, with a record of which were."""

    values: NDArray[Any]
    side: int = 16
    hrefs: tuple[str, ...] = ()
    block_bytes: int = 0
    failing: Exception | None = None
    taken: list[tuple[int, int]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.values.dtype

    @property
    def ndim(self) -> int:
        return self.values.ndim

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[Any]:
        if self.failing is not None and len(self.taken) >= 5:
            raise self.failing
        self.taken.append((key[-2].start, key[-1].start))
        found: NDArray[Any] = self.values[key]
        return found


def lazy(values: NDArray[Any], source: Source, **more: Any) -> xr.DataArray:  # noqa: ANN401 - of the factory
    """Return the source as a cube (t, bands, y, x), as an engine hands it over."""
    name = "blocks-of-a-test"
    data = da.from_array(
        source, chunks=(*values.shape[:-2], 16, 16), name=name, asarray=False, meta=np.empty(0, values.dtype)
    )
    return cube(values, **more).astype(values.dtype).copy(data=data)


def wanted(tmp_path: Path, found: xr.DataArray, source: Source, form: ProductFormat, **options: Any) -> Streamed:  # noqa: ANN401 - of files
    chosen = read_options(options, form)
    path = tmp_path / "result" / f"map{suffix_of(form, chosen)}"
    return Streamed(found, source, path, "A map", chosen, "one", tmp_path / "blocks")


def nothing(_fraction: float) -> None:
    """Take no notice."""


def sample(dtype: str = "float32", shape: tuple[int, ...] = (1, 2, 70, 53)) -> NDArray[Any]:
    values = RANDOM.normal(0, 100, shape)
    values[..., :20, :9] = np.nan
    values[..., 3, :] = 0
    return values.astype(dtype)


CASES: list[tuple[ProductFormat, dict[str, Any], str]] = [
    (ProductFormat.COG, {}, "float32"),
    (ProductFormat.COG, {}, "float64"),
    (ProductFormat.COG, {"dtype": "int16", "scale": 0.1, "offset": 5.0, "compress": "ZSTD"}, "float32"),
    (ProductFormat.COG, {"dtype": "float64", "nodata": -999.0, "blocksize": 128}, "float32"),
    (ProductFormat.ZARR, {}, "float32"),
    (ProductFormat.ZARR, {}, "float64"),
    (ProductFormat.ZARR, {"dtype": "int16", "scale": 0.1, "offset": 5.0, "names": {"b": "second"}}, "float32"),
    (ProductFormat.ZARR, {"chunks": {"y": 8, "x": 8}, "shards": {"y": 24, "x": 24}, "compressor": "zstd"}, "float32"),
    (ProductFormat.ZARR, {"chunks": {"y": 10, "x": 10}, "shards": {"y": 10, "x": 10}, "store": "zip"}, "float32"),
]


@pytest.mark.parametrize(("form", "options", "dtype"), CASES)
def test_a_streamed_product_is_the_same_byte_for_byte(
    tmp_path: Path, form: ProductFormat, options: dict[str, Any], dtype: str
) -> None:
    values = sample(dtype)
    source = Source(values)
    found = lazy(values, source, bands=("a", "b"), units=("K", ""))
    assert source_of(found) is source
    job = wanted(tmp_path, found, source, form, **options)
    told: list[float] = []
    stream(job, told.append)
    whole = tmp_path / "whole" / job.path.name
    write(cube(values, bands=("a", "b"), units=("K", "")).astype(dtype), whole, form, "A map", job.options)
    assert checksums.of_path(job.path) == checksums.of_path(whole)
    assert data_checksum(job.path) == data_checksum(whole)
    assert (told[-1], told == sorted(told), len(told)) == (1.0, True, len(source.taken))
    assert sorted(tmp_path.iterdir()) == [tmp_path / "result", tmp_path / "whole"]


def test_dates_and_bands_in_another_order_are_laid_out(tmp_path: Path) -> None:
    values = sample(shape=(3, 2, 40, 33))
    turned = np.ascontiguousarray(np.swapaxes(values, 0, 1))
    source = Source(turned)
    data = da.from_array(source, chunks=(2, 3, 16, 16), name="blocks-turned", asarray=False, meta=np.empty(0))
    found = cube(values, bands=("a", "b")).astype("float32").transpose("bands", "t", "y", "x").copy(data=data)
    job = wanted(tmp_path, found, source, ProductFormat.ZARR)
    stream(job, nothing)
    np.testing.assert_array_equal(reopen(job.path).values, values)


@pytest.mark.parametrize("form", [ProductFormat.COG, ProductFormat.ZARR])
def test_large_whole_numbers_are_kept_by_beginning_again_as_float64(tmp_path: Path, form: ProductFormat) -> None:
    values = np.arange(40 * 40, dtype="float64").reshape(1, 1, 40, 40)
    values[..., 39, 39] = 2**24 + 1
    source = Source(values)
    job = wanted(tmp_path, lazy(values, source), source, form)
    stream(job, nothing)
    np.testing.assert_array_equal(reopen(job.path).values.squeeze(), values.squeeze())


@pytest.mark.parametrize("form", [ProductFormat.COG, ProductFormat.ZARR])
def test_an_interrupted_run_computes_only_what_is_missing(tmp_path: Path, form: ProductFormat) -> None:
    values = sample()
    options = {"shards": {"y": 16, "x": 16}, "chunks": {"y": 16, "x": 16}} if form is ProductFormat.ZARR else {}
    broken = Source(values, failing=UnavailableError("the store does not answer."))
    with pytest.raises(UnavailableError):
        stream(wanted(tmp_path, lazy(values, broken, bands=("a", "b")), broken, form, **options), nothing)
    assert not (tmp_path / "result").exists() or not list((tmp_path / "result").iterdir())
    again = Source(values)
    job = wanted(tmp_path, lazy(values, again, bands=("a", "b")), again, form, **options)
    stream(job, nothing)
    total = len(cut((70, 53), 16, 16))
    finished = total - len(again.taken)
    assert 1 <= finished <= 5
    np.testing.assert_array_equal(reopen(job.path).values.squeeze(), values.squeeze())


def test_a_store_that_could_not_be_packed_is_packed_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = sample()
    source = Source(values)
    job = wanted(tmp_path, lazy(values, source, bands=("a", "b")), source, ProductFormat.ZARR, store="zip")

    def full(_folder: Path, path: Path) -> None:
        path.write_bytes(b"PK")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("earthcode_platform.cubes.streaming.targets.pack", full)
        with pytest.raises(OSError, match="No space left"):
            stream(job, nothing)
    assert list((tmp_path / "result").iterdir()) == []
    again = Source(values)
    stream(replace(job, source=again), nothing)
    assert again.taken == []
    np.testing.assert_array_equal(reopen(job.path).values.squeeze(), values.squeeze())


def interrupted(tmp_path: Path, values: NDArray[Any]) -> Path:
    """Leave five finished blocks behind, and return their folder."""
    broken = Source(values, failing=UnavailableError("the store does not answer."))
    with pytest.raises(UnavailableError):
        stream(wanted(tmp_path, lazy(values, broken, bands=("a", "b")), broken, ProductFormat.COG), nothing)
    return tmp_path / "blocks"


@pytest.mark.parametrize("changed", ["identity", "options", "title", "damaged", "unrecorded", "torn"])
def test_finished_blocks_of_another_product_or_damaged_ones_are_never_used(tmp_path: Path, changed: str) -> None:
    values = sample()
    folder = interrupted(tmp_path, values)
    again = Source(values)
    job = wanted(tmp_path, lazy(values, again, bands=("a", "b")), again, ProductFormat.COG)
    other: dict[str, Any] = {
        "identity": "other",
        "title": "Another",
        "options": read_options({"dtype": "float64"}, ProductFormat.COG),
    }
    if changed in other:
        job = replace(job, **{changed: other[changed]})
    elif changed == "damaged":
        spool = folder / "values.spool"
        spool.write_bytes(bytes(len(spool.read_bytes())))
    elif changed == "torn":
        (folder / "values.spool").write_bytes(b"")
    else:
        (folder / "blocks").unlink()
    stream(job, nothing)
    assert len(again.taken) == len(cut((70, 53), 16, 16))
    np.testing.assert_array_equal(reopen(job.path).values.squeeze(), values.squeeze())


def test_a_half_written_line_of_the_record_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "blocks"
    journal = Journal(path, "key")
    journal.begin({})
    journal.note(4, Noted(7, 2))
    with path.open("a") as opened:
        opened.write("5 8")
    assert journal.read() == {4: Noted(7, 2)}
    with path.open("a") as opened:
        opened.write("\n6 x 1\n\x00\x00\n")
    assert journal.read() == {4: Noted(7, 2)}
    assert Journal(path, "other").read() == {}
    assert Journal(tmp_path / "missing", "key").read() == {}


def test_what_another_try_would_not_change_leaves_nothing_behind(tmp_path: Path) -> None:
    values = sample()
    source = Source(values)
    job = wanted(tmp_path, lazy(values, source, bands=("a", "b")), source, ProductFormat.COG, dtype="uint8")
    with pytest.raises(InputError, match="does not fit into uint8"):
        stream(job, nothing)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    empty = Source(values * np.float32(np.nan))
    with pytest.raises(ExecutionError, match="no valid pixel"):
        stream(wanted(tmp_path, lazy(empty.values, empty, bands=("a", "b")), empty, ProductFormat.COG), nothing)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_product_that_does_not_hold_what_was_computed_never_appears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = sample()
    source = Source(values)
    job = wanted(tmp_path, lazy(values, source, bands=("a", "b")), source, ProductFormat.COG)
    stale = job.path.parent / ".map.1.part.tif"
    stale.parent.mkdir()
    stale.write_bytes(b"left by a killed run")

    def flipped(_target: object, path: Path, box: Box) -> NDArray[Any]:
        assert path.is_file()
        return np.zeros((2, *box.shape), "float32")

    monkeypatch.setattr("earthcode_platform.cubes.streaming.targets._Cog.reread", flipped)
    with pytest.raises(IntegrityError, match="does not hold"):
        stream(job, nothing)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_cluster_at_hand_computes_the_blocks(tmp_path: Path) -> None:
    values = sample()
    source = Source(values)
    job = wanted(tmp_path, lazy(values, source, bands=("a", "b")), source, ProductFormat.COG)
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
        stream(job, nothing)
        log = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.transition_log))
    assert log > 0
    assert len(source.taken) == len(cut((70, 53), 16, 16))
    np.testing.assert_array_equal(reopen(job.path).values.squeeze(), values.squeeze())


def test_statistics_and_pictures_are_the_same_read_by_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = sample(shape=(1, 2, 2500, 40))
    path = tmp_path / "map.tif"
    write(cube(values, bands=("a", "b")), path, ProductFormat.COG, "t")
    whole, by_rows = reopen(path), reopened(path)
    exact = statistics(whole)
    draw_quicklook(whole, tmp_path / "one.png", "A map")
    monkeypatch.setattr("earthcode_platform.cubes.slabs._SLAB_BYTES", 700 * 8 * 40)
    assert statistics(by_rows) == pytest.approx(exact, rel=1e-12)
    finite = values[np.isfinite(values)].astype("float64")
    known = {"minimum": finite.min(), "maximum": finite.max(), "mean": finite.mean(), "stddev": finite.std()}
    assert {name: exact[name] for name in known} == pytest.approx(known, rel=1e-12)
    assert exact["valid_percent"] == 100 * finite.size / values.size
    draw_quicklook(by_rows, tmp_path / "other.png", "A map")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()
