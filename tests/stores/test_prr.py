import json
import zipfile
from dataclasses import replace
from pathlib import Path

import factories
import pystac
import pytest
from mirror import SchemaMirror

from earthcode_platform import checksums
from earthcode_platform.errors import InputError, IntegrityError
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.handover import Handover
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.stores.prr import MOST_ITEMS, Terms, package, zipped

TERMS = Terms("earthcode-examples", "Ada Example <ada@example.org>", "on request")


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    held = DirectoryStore(tmp_path / "archive", "https://results.example.org/archive")
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    archive(pinned, factories.run(pinned, tmp_path / "work"), held, tmp_path / "work")
    return held


def test_a_package_is_a_self_contained_collection_with_manifest_and_hand_over(
    store: DirectoryStore, tmp_path: Path
) -> None:
    handover = package(store, "small-mean/1.0.0", tmp_path / "out", TERMS)
    collection = pystac.Collection.from_file(str(tmp_path / "out" / handover.collection))
    (item,) = collection.get_items()
    assert Path(item.assets["data"].get_absolute_href() or "").is_file()
    assert (handover.items, handover.zipped, handover.license) == (1, False, "CC-BY-4.0")
    assert handover.link == "https://results.example.org/archive/small-mean/1.0.0/collection.json"
    assert handover.manifest_checksum == checksums.of_file(store.root / "small-mean/1.0.0/manifest.json")
    assert Handover.model_validate_json((tmp_path / "out/handover.json").read_bytes()) == handover
    listed = json.loads((tmp_path / "out/manifest.json").read_bytes())["files"]
    assert {one["key"]: one["checksum"] for one in listed} == {
        path.relative_to(tmp_path / "out").as_posix(): checksums.of_file(path)
        for path in (tmp_path / "out/collection").rglob("*")
        if path.is_file()
    }
    message = (tmp_path / "out/handover.md").read_text()
    for said in ("earthcode-examples", "on request", "Ada Example <ada@example.org>", handover.link, "0.000 GB"):
        assert said in message
    with pytest.raises(InputError, match="there already"):
        package(store, "small-mean/1.0.0", tmp_path / "out", TERMS)


def test_the_hand_over_is_a_table_whatever_its_cells_say(store: DirectoryStore, tmp_path: Path) -> None:
    package(store, "small-mean/1.0.0", tmp_path / "out", replace(TERMS, restrictions="a | b\nc"))
    assert "| Access restrictions | a \\| b c |" in (tmp_path / "out/handover.md").read_text().splitlines()


def test_the_official_schemas_accept_what_is_delivered(
    store: DirectoryStore, tmp_path: Path, mirror: SchemaMirror
) -> None:
    handover = package(store, "small-mean/1.0.0", tmp_path / "out", TERMS)
    assert mirror.stac_errors(json.loads((tmp_path / "out" / handover.collection).read_text())) == []


def test_many_items_become_one_zip_file(store: DirectoryStore, tmp_path: Path) -> None:
    assert MOST_ITEMS == 600
    assert not package(store, "small-mean/1.0.0", tmp_path / "at-the-limit", TERMS, most=1).zipped
    handover = package(store, "small-mean/1.0.0", tmp_path / "out", TERMS, most=0)
    assert handover.zipped
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "handover.json", "handover.md", "manifest.json", "small-mean-1.0.0.zip",
    ]  # fmt: skip
    with zipfile.ZipFile(tmp_path / "out/small-mean-1.0.0.zip") as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path / "unpacked")
    (item,) = pystac.Collection.from_file(str(tmp_path / "unpacked" / handover.collection)).get_items()
    assert item.id == "small-mean"
    assert "small-mean-1.0.0.zip, in it collection.json" in (tmp_path / "out/handover.md").read_text()
    zipped(tmp_path / "unpacked", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "out/small-mean-1.0.0.zip").read_bytes()


def test_what_is_damaged_or_leads_nowhere_is_not_delivered(store: DirectoryStore, tmp_path: Path) -> None:
    (data,) = (store.root / "small-mean/1.0.0/small-mean").glob("*.tif")
    content = data.read_bytes()
    data.write_bytes(content + b"?")
    with pytest.raises(IntegrityError, match=r"\.tif"):
        package(store, "small-mean/1.0.0", tmp_path / "out", TERMS)
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out*")) == []


def test_a_hand_over_says_who_gets_a_copy(store: DirectoryStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody is named as ESA's technical officer"):
        package(store, "small-mean/1.0.0", tmp_path / "out", Terms())
    officer = {"name": "Bob Example", "email": "bob@example.org", "roles": ["technical_officer"]}
    experiment = Experiment.model_validate(factories.declaration(contacts=[{"name": "Ada Example"}, officer]))
    completed = Terms().completed(experiment)
    assert (completed.project, completed.technical_officer) == ("earthcode-examples", "Bob Example <bob@example.org>")
