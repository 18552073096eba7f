import json
import shutil
from pathlib import Path

import factories
import pystac
import pytest

from earthcode_platform import checksums
from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.errors import InputError, IntegrityError
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.provenance.package import write_package


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return factories.pinned(factories.experiment_folder(tmp_path / "small"))


def test_inputs_become_relative_and_are_held_to_their_checksum(pinned: PinnedExperiment, tmp_path: Path) -> None:
    archived = write_package(pinned, tmp_path / "package")
    reference = archived.inputs["scenes"]
    assert reference.href == "inputs/scenes/collection.json"
    assert reference.checksum == checksums.of_file(tmp_path / "package" / reference.href)


def test_only_pinned_items_and_assets_travel(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    second = scenes.model_copy(update={"assets": scenes.assets[1:]})
    write_package(pinned.model_copy(update={"inputs": (second,)}), tmp_path / "package")
    collection = pystac.Collection.from_file(str(tmp_path / "package/inputs/scenes/collection.json"))
    assert [item.id for item in collection.get_items()] == ["scene-2023-08-11"]
    assert len(list((tmp_path / "package").rglob("*.tif"))) == 1


def test_what_an_api_found_travels_and_its_files_stay_where_they_are(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    content = json.loads(Path(scenes.documents[1].href).read_text())
    asset = scenes.assets[0].model_copy(update={"href": "https://data.example/a.tif", "checksum": None})
    content["assets"] = {asset.key: {**content["assets"][asset.key], "href": asset.href}}
    update = {"href": "https://api.example/collections/s", "found": (content,), "assets": (asset,), "documents": ()}
    made = pinned.model_copy(update={"inputs": (scenes.model_copy(update=update),)})
    archived = write_package(made, tmp_path / "package")
    again = pin_inputs(archived.inputs, tmp_path / "package")
    assert [(one.item, one.key, one.href) for one in again[0].assets] == [(asset.item, asset.key, asset.href)]
    assert again[0].local


def test_writing_it_twice_gives_the_same_bytes(pinned: PinnedExperiment, tmp_path: Path) -> None:
    assert write_package(pinned, tmp_path / "a") == write_package(pinned, tmp_path / "b")
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_remote_input_stays_where_it_is(pinned: PinnedExperiment, tmp_path: Path) -> None:
    remote = pinned.inputs[0].model_copy(update={"href": "https://stac.example.org/collection.json"})
    archived = write_package(pinned.model_copy(update={"inputs": (remote,)}), tmp_path / "package")
    assert archived.inputs["scenes"].href == "https://stac.example.org/collection.json"
    assert archived.inputs["scenes"].checksum == remote.checksum
    assert not (tmp_path / "package" / "inputs").exists()


def test_a_local_document_may_point_at_remote_assets(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    far = tuple(asset.model_copy(update={"href": f"https://e.org/{asset.item}.tif"}) for asset in scenes.assets)
    write_package(pinned.model_copy(update={"inputs": (scenes.model_copy(update={"assets": far}),)}), tmp_path / "p")
    (item,) = (tmp_path / "p").rglob("scene-2023-08-01.json")
    assert json.loads(item.read_text())["assets"]["B01"]["href"] == "https://e.org/scene-2023-08-01.tif"


def test_items_of_an_item_collection_are_written_out(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    folder = Path(scenes.href).parent
    features = [json.loads(Path(document.href).read_text()) for document in scenes.documents[1:]]
    path = factories.write_json(folder / "items.json", {"type": "FeatureCollection", "features": features})
    one = scenes.documents[0].model_copy(update={"href": str(path)})
    found = scenes.model_copy(update={"href": str(path), "documents": (one,)})
    archived = write_package(pinned.model_copy(update={"inputs": (found,)}), tmp_path / "package")
    catalog = pystac.Catalog.from_file(str(tmp_path / "package" / archived.inputs["scenes"].href))
    assert len(list(catalog.get_items())) == 2


def test_two_assets_of_one_file_name_do_not_meet(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    item = Path(scenes.documents[1].href)
    other = item.parent / "other" / "B01.tif"
    factories.raster(other, value=9.0)
    content = json.loads(item.read_text())
    content["assets"]["B02"] = {"href": "./other/B01.tif"}
    factories.write_json(item, content)
    extra = scenes.assets[0].model_copy(update={"key": "B02", "href": str(other), "checksum": checksums.of_file(other)})
    both = scenes.model_copy(update={"assets": (scenes.assets[0], extra)})
    write_package(pinned.model_copy(update={"inputs": (both,)}), tmp_path / "package")
    assert {path.name for path in (tmp_path / "package").rglob("*.tif")} == {"B01.tif", "B02-B01.tif"}


def test_a_file_that_changed_since_it_was_pinned_is_refused(pinned: PinnedExperiment, tmp_path: Path) -> None:
    factories.raster(Path(pinned.inputs[0].assets[0].href), value=77.0)
    with pytest.raises(IntegrityError, match="changed after it was recorded"):
        write_package(pinned, tmp_path / "package")


def test_large_local_inputs_belong_behind_a_url(pinned: PinnedExperiment, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"and a product carries 100 of them at most\. Put them behind a URL"):
        write_package(pinned, tmp_path / "package", largest=100)
    assert not (tmp_path / "package").exists()


def test_a_zarr_store_travels_as_a_folder(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    item = Path(scenes.documents[1].href)
    store = item.parent / "cube.zarr"
    (store / "c").mkdir(parents=True)
    (store / "c" / "0").write_bytes(b"chunk")
    content = json.loads(item.read_text())
    content["assets"] = {"cube": {"href": "./cube.zarr"}}
    factories.write_json(item, content)
    cube = scenes.assets[0].model_copy(update={"key": "cube", "href": str(store), "checksum": None})
    write_package(
        pinned.model_copy(update={"inputs": (scenes.model_copy(update={"assets": (cube,)}),)}), tmp_path / "package"
    )
    (chunk,) = (tmp_path / "package").rglob("cube.zarr/c/0")
    assert chunk.read_bytes() == b"chunk"
    shutil.rmtree(store)


def test_ids_that_differ_in_odd_characters_get_folders_of_their_own(pinned: PinnedExperiment, tmp_path: Path) -> None:
    (scenes,) = pinned.inputs
    documents, assets = [scenes.documents[0]], []
    for name, document, asset in zip(("a/b", "a_b"), scenes.documents[1:], scenes.assets, strict=True):
        factories.write_json(Path(document.href), {**json.loads(Path(document.href).read_text()), "id": name})
        documents.append(document.model_copy(update={"item": name}))
        assets.append(asset.model_copy(update={"item": name}))
    odd = scenes.model_copy(update={"documents": tuple(documents), "assets": tuple(assets)})
    write_package(pinned.model_copy(update={"inputs": (odd,)}), tmp_path / "package")
    contents = {path.read_bytes() for path in (tmp_path / "package").rglob("*.tif")}
    assert contents == {Path(asset.href).read_bytes() for asset in scenes.assets}
    assert len(contents) == 2


def test_a_workflow_in_the_place_of_an_input_is_refused(pinned: PinnedExperiment, tmp_path: Path) -> None:
    declared = pinned.experiment.workflow.model_copy(update={"entry": "inputs/scenes/collection.json"})
    experiment = pinned.experiment.model_copy(update={"workflow": declared})
    with pytest.raises(InputError, match=r"want the place 'collection\.json'"):
        write_package(pinned.model_copy(update={"experiment": experiment}), tmp_path / "package")
