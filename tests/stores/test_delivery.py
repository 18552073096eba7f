import json
import os
import threading
from pathlib import Path

import factories
import pystac
import pytest
from mirror import SchemaMirror
from small_disk import small_disk

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, InputError, IntegrityError, UnavailableError
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product, PublishedExperiment
from earthcode_platform.models.run import AttachedFile, RunResult
from earthcode_platform.stores.delivery import archive, download, fetch
from earthcode_platform.stores.directory import DirectoryStore

STAC = ("collection.json", "small-mean/small-mean.json")


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "archive")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return factories.experiment_folder(tmp_path / "small")


def archived(folder: Path, store: DirectoryStore, workspace: Path, value: float = 5.0) -> Product:
    pinned = factories.pinned(folder)
    return archive(pinned, factories.run(pinned, workspace, value), store, workspace)


def published(product: Product) -> PublishedExperiment:
    return PublishedExperiment(
        id=product.experiment,
        version=product.version,
        title="t",
        product=product.id,
        workflow="w",
        experiment_href=product.experiment_href,
        manifest_checksum=product.manifest_checksum,
        data_checksums=product.data_checksums,
        commit="c",
    )


def test_a_version_is_a_self_contained_stac_collection(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    product = archived(folder, store, tmp_path / "work")
    assert product.novelty is Novelty.NEW
    collection = pystac.Collection.from_file(str(store.root / "small-mean/1.0.0/collection.json"))
    (item,) = collection.get_items()
    assert item.id == "small-mean"
    for owner in (collection, item):
        for asset in owner.assets.values():
            path = Path(asset.get_absolute_href() or "")
            assert asset.extra_fields["file:size"] == path.stat().st_size
            assert asset.extra_fields["file:checksum"] == checksums.of_file(path)
    documents = [json.loads((store.root / product.prefix / name).read_text()) for name in STAC]
    hrefs = [link["href"] for document in documents for link in document["links"]]
    assert len(hrefs) == 5
    assert all(href.startswith(("./", "../")) for href in hrefs)


def test_the_official_schemas_accept_it(
    folder: Path, store: DirectoryStore, tmp_path: Path, mirror: SchemaMirror
) -> None:
    product = archived(folder, store, tmp_path / "work")
    for name in STAC:
        assert mirror.stac_errors(json.loads((store.root / product.prefix / name).read_text())) == []


def with_report(experiment: PinnedExperiment, workspace: Path, text: str) -> RunResult:
    report = workspace / "result" / "report.html"
    made = factories.run(experiment, workspace)
    report.write_text(text)
    checksum = checksums.of_file(report)
    attached = AttachedFile(
        key="report", path=str(report), title="Report", media_type="text/html", roles=("overview",), checksum=checksum
    )
    return made.model_copy(update={"attached": (attached,)})


def test_what_is_attached_travels_with_the_product_and_makes_no_other_version(
    folder: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    pinned = factories.pinned(folder)
    product = archive(pinned, with_report(pinned, tmp_path / "work", "<p>at 10:00</p>"), store, tmp_path / "work")
    item = json.loads((store.root / product.prefix / STAC[1]).read_text())
    asset = item["assets"]["report"]
    assert (asset["href"], asset["type"], asset["roles"]) == ("./report.html", "text/html", ["overview"])
    kept = store.root / product.prefix / "small-mean" / "report.html"
    assert kept.read_text() == "<p>at 10:00</p>"
    assert asset["file:checksum"] == checksums.of_file(kept)
    assert set(product.data_checksums) == {"data"}
    again = archive(pinned, with_report(pinned, tmp_path / "work", "<p>at 11:00</p>"), store, tmp_path / "work")
    assert again.novelty is Novelty.UNCHANGED


def test_what_is_attached_must_be_what_the_engine_wrote(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    pinned = factories.pinned(folder)
    made = with_report(pinned, tmp_path / "work", "before")
    (tmp_path / "work" / "result" / "report.html").write_text("after")
    with pytest.raises(IntegrityError, match=r"report\.html"):
        archive(pinned, made, store, tmp_path / "work")
    assert not list(store.root.rglob("*.html"))


def test_every_file_is_in_the_manifest_and_nothing_else_lies_there(
    folder: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    product = archived(folder, store, tmp_path / "work")
    version = store.root / product.prefix
    there = {path.relative_to(version).as_posix() for path in version.rglob("*") if path.is_file()}
    assert there == {file.key for file in product.files} | {"manifest.json"}
    assert checksums.of_file(version / "manifest.json") == product.manifest_checksum
    assert not (store.root / ".staging").exists() or not any((store.root / ".staging").iterdir())
    assert list((tmp_path / "work").glob("delivery*")) == []


def test_no_file_of_a_version_names_a_folder_of_this_machine(
    folder: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    product = archived(folder, store, tmp_path / "work")
    texts = [path for path in (store.root / product.prefix).rglob("*") if path.suffix in (".json", ".yaml")]
    assert len(texts) >= 8
    assert [path.name for path in texts if str(tmp_path) in path.read_text()] == []


def test_the_same_content_is_found_again(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    first = archived(folder, store, tmp_path / "one")
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*")}
    second = archived(folder, store, tmp_path / "two")
    assert second.novelty is Novelty.UNCHANGED
    assert second.model_copy(update={"novelty": Novelty.NEW}) == first
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*") if ".staging" not in str(path)} == {
        path: time for path, time in before.items() if ".staging" not in str(path)
    }


def test_other_values_or_another_workflow_under_a_version_are_refused(
    folder: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    archived(folder, store, tmp_path / "work")
    with pytest.raises(ConflictError, match="Raise `version:`"):
        archived(folder, store, tmp_path / "work", value=6.0)
    factories.write_json(folder / "workflow.json", {**factories.GRAPH, "summary": "changed"})
    with pytest.raises(ConflictError, match="other content"):
        archived(folder, store, tmp_path / "work")


def test_two_at_once_archive_one_version(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    products: list[Product] = []
    threads = [
        threading.Thread(target=lambda n=n: products.append(archived(folder, store, tmp_path / f"w{n}")))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(product.novelty for product in products) == ["new", "unchanged", "unchanged", "unchanged"]
    assert len({product.manifest_checksum for product in products}) == 1


def test_what_does_not_read_back_is_not_archived(
    folder: Path, store: DirectoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A disk that flips a byte once everything is written.
    def rotting(descriptor: int) -> None:
        os.pwrite(descriptor, b"?", 0)

    monkeypatch.setattr("earthcode_platform.stores.directory.os.fsync", rotting)
    with pytest.raises(IntegrityError, match="was recorded"):
        archived(folder, store, tmp_path / "work")
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_the_package_is_the_experiment_again(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    product = archived(folder, store, tmp_path / "work")
    package = fetch(published(product), store, tmp_path / "fetched")
    experiment = read_experiment(package)
    declared = factories.pinned(folder).experiment
    assert experiment.model_copy(update={"inputs": declared.inputs}) == declared
    catalog = pystac.Collection.from_file(str(package / experiment.inputs["scenes"].href))
    assert sorted(item.id for item in catalog.get_items()) == ["scene-2023-08-01", "scene-2023-08-11"]
    for item in catalog.get_items():
        path = Path(item.assets["B01"].get_absolute_href() or "")
        assert path.read_bytes() == (folder / "data" / item.id / "B01.tif").read_bytes()
    assert (package / "workflow.json").read_bytes() == (folder / "workflow.json").read_bytes()


def test_a_package_that_changed_is_not_run_again(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    product = archived(folder, store, tmp_path / "work")
    workflow = store.root / product.prefix / "experiment/workflow.json"
    workflow.write_text("{}")
    with pytest.raises(IntegrityError, match=r"workflow\.json"):
        fetch(published(product), store, tmp_path / "fetched")
    assert not list(tmp_path.glob("*fetched*")), "half a package is none"
    manifest = store.root / product.prefix / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"title": "forged"}))
    with pytest.raises(IntegrityError, match="manifest has the checksum"):
        fetch(published(product), store, tmp_path / "fetched")
    manifest.unlink()
    with pytest.raises(InputError, match="no such file in the store"):
        fetch(published(product), store, tmp_path / "fetched")


def test_what_changed_after_the_engine_wrote_it_is_not_archived(
    folder: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    pinned = factories.pinned(folder)
    run = factories.run(pinned, tmp_path / "work")
    Path(run.files[0].path).write_bytes(b"")
    with pytest.raises(IntegrityError, match="was recorded"):
        archive(pinned, run, store, tmp_path / "work")
    Path(run.files[0].path).unlink()
    with pytest.raises(IntegrityError, match="cannot be read now"):
        archive(pinned, run, store, tmp_path / "work")
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_a_damaged_version_is_not_called_unchanged(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    product = archived(folder, store, tmp_path / "work")
    (path,) = (store.root / product.prefix / "small-mean").glob("*.tif")
    path.write_bytes(path.read_bytes() + b"?")
    with pytest.raises(IntegrityError, match=r"\.tif"):
        archived(folder, store, tmp_path / "work")


def test_a_version_without_its_manifest_says_what_to_do(folder: Path, store: DirectoryStore, tmp_path: Path) -> None:
    product = archived(folder, store, tmp_path / "work")
    (store.root / product.prefix / "manifest.json").unlink()
    with pytest.raises(ConflictError, match="restore it, or raise `version:`"):
        archived(folder, store, tmp_path / "work")


def test_a_public_address_with_credentials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="everybody would read them") as caught:
        DirectoryStore(tmp_path, "https://ada:hunter2@results.example.org/archive")
    assert "hunter2" not in str(caught.value)


def test_a_full_folder_of_the_run_and_a_full_copy_are_said_plainly(
    folder: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    product = archived(folder, store, tmp_path / "work")
    with small_disk(tmp_path / "disk", "16k") as disk:
        pinned = factories.pinned(folder)
        made = factories.run(pinned, tmp_path / "work")
        with pytest.raises(UnavailableError, match=r"the folder of the run failed: No space left.*Free some space"):
            archive(pinned, made, store, disk / "run")
        with pytest.raises(UnavailableError, match=r"copying .*small-mean.* failed: No space left") as caught:
            download(store, product.prefix, disk / "copy")
        assert str(disk) in caught.value.where
        assert list(disk.glob("*")) == [disk / "run"]
        assert list((disk / "run").iterdir()) == []
