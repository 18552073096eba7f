"""Inputs as packages take them, and what they hand back as files of a product."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cube_factories
import cwl_pieces
import factories
import numpy as np
import pystac
import pytest
import rasterio
from loopback import Exchange, reply, serving
from rasterio.transform import from_origin

from earthcode_platform import checksums
from earthcode_platform.application_packages.stageout import stage_out
from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.cubes.write import write
from earthcode_platform.engines.cwl.cutting import cut
from earthcode_platform.engines.cwl.stagein import stage_in
from earthcode_platform.errors import ExecutionError, IntegrityError
from earthcode_platform.models.experiment import InputReference, ProductFormat
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput
from earthcode_platform.models.run import ProducedFile

DATES = datetime(2023, 8, 1, 10, tzinfo=UTC), datetime(2023, 8, 11, 10, tzinfo=UTC)


@pytest.fixture
def scenes(tmp_path: Path) -> PinnedInput:
    both: dict[str, object] = {"scenes": {"href": "./data/collection.json"}}
    return cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e", inputs=both)).inputs[0]


def test_a_directory_is_a_self_contained_catalog(scenes: PinnedInput, tmp_path: Path) -> None:
    value = stage_in(scenes, "Directory", tmp_path / "in", window=False)
    assert value == {"class": "Directory", "location": (tmp_path / "in").as_uri(), "basename": "in"}
    (tmp_path / "e").rename(tmp_path / "gone")
    catalog = pystac.Catalog.from_file(str(tmp_path / "in" / "catalog.json"))
    items = list(catalog.get_items())
    assert [item.id for item in items] == ["scene-2023-08-01", "scene-2023-08-11"]
    for item in items:
        href = item.assets["B01"].get_absolute_href()
        assert href is not None
        assert checksums.of_file(Path(href)) == item.assets["B01"].extra_fields["file:checksum"]
        item.validate()


def test_directories_are_one_for_each_item(scenes: PinnedInput, tmp_path: Path) -> None:
    values = stage_in(scenes, "Directory[]", tmp_path / "in", window=False)
    assert isinstance(values, list)
    for value, name in zip(values, ("scene-2023-08-01", "scene-2023-08-11"), strict=True):
        assert isinstance(value, dict)
        assert value["basename"] == name
        catalog = pystac.Catalog.from_file(str(tmp_path / "in" / name / "catalog.json"))
        assert [item.id for item in catalog.get_items()] == [name]


def test_an_address_leads_to_a_staged_item(scenes: PinnedInput, tmp_path: Path) -> None:
    first = stage_in(scenes, "string", tmp_path / "one", window=False)
    assert pystac.Item.from_file(str(first)).id == "scene-2023-08-01"
    addresses = stage_in(scenes, "string[]", tmp_path / "all", window=False)
    assert isinstance(addresses, list)
    assert len(addresses) == 2


def test_rasters_are_cut_to_the_box_and_described_anew(scenes: PinnedInput, tmp_path: Path) -> None:
    boxed = scenes.model_copy(update={"bbox": (10.25, 45.25, 10.45, 45.35)})
    stage_in(boxed, "Directory", tmp_path / "in", window=True)
    item = pystac.Item.from_file(str(tmp_path / "in" / "scene-2023-08-01" / "scene-2023-08-01.json"))
    asset = item.assets["B01"]
    path = Path(str(asset.get_absolute_href()))
    with rasterio.open(path) as opened:
        assert (opened.width, opened.height) == (3, 2)
        assert opened.bounds.left == pytest.approx(10.2)
        assert opened.read(1)[0].tolist() == [4.0, 5.0, 6.0]
        assert asset.extra_fields["proj:transform"] == pytest.approx(list(opened.transform)[:6])
    assert asset.extra_fields["proj:shape"] == [2, 3]
    assert asset.extra_fields["file:checksum"] == checksums.of_file(path)
    stage_in(boxed, "Directory", tmp_path / "whole", window=False)
    with rasterio.open(tmp_path / "whole" / "scene-2023-08-01" / "B01.tif") as opened:
        assert opened.width == 8


def test_files_of_the_web_are_downloaded_and_verified(
    scenes: PinnedInput, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earthcode_platform.engines.cwl.stagein._PAUSE", 0.0)
    first = scenes.assets[0]
    with serving({}) as server:

        def moved(exchange: Exchange) -> None:
            exchange.answer(302, Location="/stored.tif")

        def at_last(exchange: Exchange) -> None:
            next(answers)(exchange)

        stored = reply(200, Path(first.href).read_bytes())
        answers = iter([reply(200, b"II*", length=5000), reply(503), stored, stored])
        server.routes |= {"/B01.tif": moved, "/stored.tif": at_last}
        remote = first.model_copy(update={"href": server.url("/B01.tif"), "declared": first.checksum, "checksum": None})
        pinned = scenes.model_copy(update={"assets": (remote, *scenes.assets[1:])})
        stage_in(pinned, "Directory", tmp_path / "in", window=False)
        staged = tmp_path / "in" / "scene-2023-08-01" / "B01.tif"
        assert checksums.of_file(staged) == first.checksum
        wrong = remote.model_copy(update={"declared": "1220" + "0" * 64})
        with pytest.raises(ExecutionError, match="another checksum than its item declares"):
            stage_in(
                scenes.model_copy(update={"assets": (wrong, *scenes.assets[1:])}),
                "Directory",
                tmp_path / "no",
                window=False,
            )


@pytest.mark.parametrize("coloured", [False, True])
def test_what_is_cut_keeps_its_mask_and_its_colours(tmp_path: Path, *, coloured: bool) -> None:
    path = tmp_path / "a.tif"
    values = np.arange(100, dtype="uint8").reshape(1, 10, 10)
    shape = {"width": 10, "height": 10, "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", driver="GTiff", transform=from_origin(0, 10, 1, 1), **shape) as made,
    ):
        if coloured:
            made.write_colormap(1, {7: (1, 2, 3, 255)})
        made.update_tags(1, sensor="x")
        made.write(values)
        made.write_mask(values[0] < 50)
    assert cut(path, (2, 2, 8, 8))
    with rasterio.open(path) as found:
        assert found.read(1).tolist() == values[0, 2:8, 2:8].tolist()
        assert (found.read_masks(1) > 0).tolist() == (values[0, 2:8, 2:8] < 50).tolist()
        assert found.tags(1)["sensor"] == "x"
        assert not coloured or found.colormap(1)[7] == (1, 2, 3, 255)
    assert not list(tmp_path.glob("*.msk"))


def test_no_asset_leaves_the_folder_of_its_item(scenes: PinnedInput, tmp_path: Path) -> None:
    path = Path(scenes.assets[0].href).parent / "scene-2023-08-01.json"
    item = json.loads(path.read_text())
    item["assets"] |= {"../../../out": item["assets"]["B01"]}
    factories.write_json(path, item)
    both: dict[str, object] = {"scenes": {"href": "./data/collection.json"}}
    pinned = pin_inputs({"scenes": InputReference.model_validate(both["scenes"])}, tmp_path / "e")[0]
    stage_in(pinned, "Directory", tmp_path / "in" / "deep", window=False)
    below = {one.relative_to(tmp_path / "in").parts[0] for one in (tmp_path / "in").rglob("*.tif")}
    assert below == {"deep"}
    assert len(list((tmp_path / "in").rglob("*.tif"))) == 3


def test_a_file_that_changed_is_not_staged(scenes: PinnedInput, tmp_path: Path) -> None:
    factories.raster(Path(scenes.assets[0].href), value=50.0)
    with pytest.raises(IntegrityError, match="was recorded"):
        stage_in(scenes, "Directory", tmp_path / "in", window=False)


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e"))


def catalog(folder: Path, *items: dict[str, Any]) -> dict[str, Any]:
    """Write what a package hands back: a catalog with items, each with a raster; return it as cwltool tells it."""
    links = []
    for number, changes in enumerate(items):
        item = {
            "type": "Feature", "stac_version": "1.0.0", "id": f"i{number}", "links": [], "bbox": list(factories.BOX),
            "geometry": {"type": "Point", "coordinates": [10, 45]},
            "properties": {"datetime": f"2020-01-0{9 - number}T00:00:00Z"},
            "assets": {"data": {"href": "a.tif", "roles": ["data"]}, "t": {"href": "t.png", "roles": ["thumbnail"]}},
        } | changes  # fmt: skip
        factories.raster(folder / f"i{number}" / "a.tif")
        factories.write_json(folder / f"i{number}" / "i.json", item)
        links.append({"rel": "item", "href": f"./i{number}/i.json"})
    content = {"type": "Catalog", "stac_version": "1.0.0", "id": "c", "description": "d", "links": links}
    factories.write_json(folder / "catalog.json", content)
    return {"class": "Directory", "location": folder.as_uri()}


def handed_back(outputs: dict[str, Any], folder: Path, pinned: PinnedExperiment) -> tuple[ProducedFile, ...]:
    return stage_out(outputs, folder, pinned, folder.parent / "result")


def test_items_become_files_in_the_order_of_time(tmp_path: Path, pinned: PinnedExperiment) -> None:
    outputs = {"made": catalog(tmp_path / "out" / "x7f3", {}, {})}
    files = handed_back(outputs, tmp_path / "out", pinned)
    assert [Path(one.path).name for one in files] == ["copied-i1.tif", "copied-i0.tif"]
    assert [one.start.day for one in files] == [8, 9]
    assert files[0].title == "A copied raster: i1"


def test_a_file_without_a_catalog_takes_the_dates_of_the_inputs(
    tmp_path: Path, pinned: PinnedExperiment, scenes: PinnedInput
) -> None:
    pinned = pinned.model_copy(update={"inputs": (scenes,)})
    path = factories.raster(tmp_path / "out" / "k2.tif")
    (made,) = handed_back({"made": {"class": "File", "location": path.as_uri()}}, tmp_path / "out", pinned)
    assert (Path(made.path).name, made.start, made.end) == ("copied.tif", *DATES)


def test_no_item_takes_the_place_of_another(tmp_path: Path, pinned: PinnedExperiment) -> None:
    outputs = {"made": catalog(tmp_path / "out" / "x", {"id": "a"}, {"id": "a"}, {"id": "a-3"})}
    files = handed_back(outputs, tmp_path / "out", pinned)
    assert len({one.path for one in files}) == len(files) == 3


def test_a_zarr_store_in_a_folder_is_a_data_file(tmp_path: Path) -> None:
    product = {"id": "copied", "title": "A copied raster", "format": "Zarr"}
    pinned = cwl_pieces.pinned(cwl_pieces.folder(tmp_path / "e", product=product))
    write(cube_factories.cube(np.ones((1, 1, 4, 4))), tmp_path / "out" / "x" / "made.zarr", ProductFormat.ZARR, "made")
    value = {"class": "Directory", "location": (tmp_path / "out" / "x").as_uri()}
    (made,) = handed_back({"made": value}, tmp_path / "out", pinned)
    assert Path(made.path).name == "copied.zarr"


def test_what_is_handed_back_twice_is_taken_once(tmp_path: Path, pinned: PinnedExperiment) -> None:
    path = factories.raster(tmp_path / "out" / "k2.tif")
    value = {"class": "File", "location": path.as_uri()}
    assert len(handed_back({"a": value, "b": [value]}, tmp_path / "out", pinned)) == 1


# ruff: noqa: E501 - a table is read by its columns

WITHOUT_DATE = {"properties": {"datetime": None}}
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no geometry", {"geometry": None, "bbox": None, "links": None}, "item 'i0'", "no valid STAC item"),
    ("no date", WITHOUT_DATE, "item 'i0'", "no valid STAC item|no date"),
    ("outside", {"assets": {"data": {"href": "../../../e/data/collection.json", "roles": ["data"]}}}, "asset 'data'",
     "not among what was handed back"),
    ("gone", {"assets": {"data": {"href": "b.tif", "roles": ["data"]}}}, "asset 'data'", "'b.tif', which is not among"),
    ("of the web", {"assets": {"data": {"href": "https://e.org/a.tif", "roles": ["data"]}}}, "asset 'data'", "is no file"),
    ("another format", {"assets": {"data": {"href": "i.json", "roles": ["data"]}}}, "asset 'data'", "the product is COG"),
    ("no data", {"assets": {}}, "'made'", "no data file"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "where", "told"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_catalog_that_makes_no_product(
    tmp_path: Path, pinned: PinnedExperiment, changes: dict[str, Any], where: str, told: str
) -> None:
    outputs = {"made": catalog(tmp_path / "out" / "c", changes)}
    with pytest.raises(ExecutionError, match=told) as caught:
        handed_back(outputs, tmp_path / "out", pinned)
    assert where in caught.value.where
    assert caught.value.remedy


def test_a_catalog_that_is_no_json(tmp_path: Path, pinned: PinnedExperiment) -> None:
    outputs = {"made": catalog(tmp_path / "out" / "c", {})}
    (tmp_path / "out" / "c" / "i0" / "i.json").write_text("{")
    with pytest.raises(ExecutionError, match="it cannot be read"):
        handed_back(outputs, tmp_path / "out", pinned)
    (tmp_path / "out" / "c" / "catalog.json").write_text(json.dumps({"type": "Map"}))
    with pytest.raises(ExecutionError, match="no STAC catalog"):
        handed_back(outputs, tmp_path / "out", pinned)
