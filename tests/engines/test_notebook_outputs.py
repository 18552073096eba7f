"""What a notebook left in its output folder becomes the files of the product, or is refused by name."""

import os
from pathlib import Path

import factories
import pytest
from notebook_pieces import PNG, experiment, notebook, pinned

from earthcode_platform.engines.notebook.collecting import attach_scraps, collect, figure_of
from earthcode_platform.engines.notebook.declared import Declared
from earthcode_platform.engines.notebook.describing import describe_outputs
from earthcode_platform.engines.notebook.job import Scrap
from earthcode_platform.engines.notebook.staging import stage_input
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.pinned import PinnedExperiment


@pytest.fixture
def made(tmp_path: Path) -> PinnedExperiment:
    return pinned(experiment(tmp_path / "small", notebook()))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def declared(*files: str) -> Declared:
    return Declared.model_validate({"outputs": [{"name": Path(name).stem, "file": name} for name in files]})


def test_without_a_declaration_every_file_is_an_output_the_products_first(
    made: PinnedExperiment, output: Path, tmp_path: Path
) -> None:
    for name in ("a.tif", "small-mean.tif", "tables/b.csv"):
        factories.raster(output / name)
    (output / "c.zarr" / "c").mkdir(parents=True)
    (output / "c.zarr" / "zarr.json").write_text("{}")
    (output / "d.zarr.zip").write_bytes(b"PK")
    found = collect(Declared(), made.experiment.product, output, tmp_path / "result")
    assert [each.output.file for each in found] == ["small-mean.tif", "a.tif", "c.zarr", "d.zarr.zip", "tables/b.csv"]
    assert [each.output.name for each in found] == ["small-mean", "a", "c", "d", "b"]
    assert [each.path.exists() for each in found] == [True] * 5


def test_data_is_described_and_the_rest_goes_with_it(made: PinnedExperiment, output: Path, tmp_path: Path) -> None:
    factories.raster(output / "small-mean.tif")
    (output / "table.csv").write_text("a\n1\n")
    outputs = collect(declared("small-mean.tif", "table.csv"), made.experiment.product, output, tmp_path / "result")
    (data,), (table,) = describe_outputs(outputs, made)
    assert (data.title, data.start.day, data.end.day) == ("Mean of two small scenes", 1, 11)
    assert (table.key, table.media_type, table.title) == ("table", "text/csv", "table.csv")


@pytest.mark.parametrize(
    ("wanted", "there", "told"),
    [
        ((), (), ("wrote nothing", "small-mean")),
        (("mean.tif",), ("maen.tif",), ("did not write 'mean.tif'", "Did you mean 'maen.tif'")),
        (("mean.tif",), ("mean.tif", "more.tif"), ("'more.tif', which it does not declare", "elsewhere")),
        ((), ("a/x.tif", "b/x.tif"), ("'x.tif' is the name of two outputs", "another file name")),
        ((), ("quicklook.png",), ("a name that the platform uses", "another file name")),
    ],
)
def test_what_is_not_as_declared_is_told_by_name(
    wanted: tuple[str, ...], there: tuple[str, ...], told: tuple[str, str], made: PinnedExperiment, output: Path
) -> None:
    for name in there:
        factories.raster(output / name)
    with pytest.raises(ExecutionError, match=told[0]) as caught:
        collect(declared(*wanted), made.experiment.product, output, output.parent / "result")
    assert told[1] in caught.value.remedy
    assert not (output.parent / "result").exists()


def test_links_and_pipes_are_refused(made: PinnedExperiment, output: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.tif"
    factories.raster(secret)
    for make in (
        lambda path: path.symlink_to(secret),
        lambda path: path.symlink_to(tmp_path),
        os.mkfifo,
    ):
        path = output / "store.zarr" / "small-mean.tif"
        path.parent.mkdir(exist_ok=True)
        make(path)
        with pytest.raises(ExecutionError, match="a link, or no file"):
            collect(Declared(), made.experiment.product, output, tmp_path / "result")
        path.unlink()


def test_an_output_folder_that_became_a_link_is_not_followed(
    made: PinnedExperiment, output: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    factories.raster(elsewhere / "small-mean.tif")
    output.rmdir()
    output.symlink_to(elsewhere)
    with pytest.raises(ExecutionError, match="put a link in its place"):
        collect(Declared(), made.experiment.product, output, tmp_path / "result")
    assert (elsewhere / "small-mean.tif").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("small-mean.nc", b"", "'small-mean.nc' is no COG"),
        ("small-mean.csv", b"a", "none of its outputs is data"),
        ("small-mean.tif", b"no raster", "small-mean.tif: it cannot be read"),
    ],
)
def test_what_is_no_data_of_the_products_format_is_refused(
    name: str, content: bytes, message: str, made: PinnedExperiment, output: Path, tmp_path: Path
) -> None:
    (output / name).write_bytes(content)
    outputs = collect(Declared(), made.experiment.product, output, tmp_path / "result")
    with pytest.raises(ExecutionError, match=message):
        describe_outputs(outputs, made)


def test_figures_and_values_become_files(tmp_path: Path) -> None:
    scraps = [
        Scrap(name="a map/1", figure=PNG),
        Scrap(name="quicklook", figure=PNG),
        Scrap(name="peak", value={"d": 1}),
    ]
    attached = attach_scraps(scraps, {"quicklook"}, tmp_path)
    assert [(each.key, Path(each.path).name) for each in attached] == [
        ("figure-a-map-1", "figure-a-map-1.png"), ("scraps", "scraps.json")]  # fmt: skip
    assert '"d": 1' in (tmp_path / "scraps.json").read_text()
    with pytest.raises(ExecutionError, match="no PNG"):
        figure_of(Scrap(name="x", figure="PHN2Zy8+"))


def test_a_staged_input_holds_what_was_pinned_and_nothing_else(made: PinnedExperiment, tmp_path: Path) -> None:
    import pystac

    (entry,) = made.inputs
    fewer = entry.model_copy(update={"assets": entry.assets[1:]})
    document = stage_input(fewer, tmp_path / "staged" / "scenes")
    assert document.name == "collection.json"
    collection = pystac.read_file(str(document))
    (item,) = collection.get_items()  # type: ignore[union-attr] - a collection
    assert item.assets["B01"].get_absolute_href() == entry.assets[1].href
    assert item.get_collection() is not None
    alone = Path(entry.documents[1].href)
    single = entry.model_copy(
        update={"href": str(alone), "documents": entry.documents[1:2], "assets": entry.assets[:1]}
    )
    item = pystac.read_file(str(stage_input(single, tmp_path / "staged" / "one")))
    assert item.id == "scene-2023-08-01"
