import json
import warnings
from collections.abc import Callable
from pathlib import Path

import factories
import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_origin

from earthcode_platform import checksums
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.errors import RefusedError
from earthcode_platform.gates.inputs import check
from earthcode_platform.models.experiment import InputReference, WorkflowKind
from earthcode_platform.models.pinned import PinnedExperiment

ITEM = "data/scene-2023-08-01/scene-2023-08-01.json"
FILE = "data/scene-2023-08-01/B01.tif"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return factories.experiment_folder(tmp_path)


def _pinned(folder: Path, **reference: object) -> PinnedExperiment:
    declared = InputReference.model_validate({"href": "data/collection.json", **reference})
    return factories.pinned(folder).model_copy(update={"inputs": (pin_input("scenes", declared, folder),)})


def _edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def _declare(folder: Path, **fields: object) -> None:
    _edit(folder / ITEM, lambda item: item["assets"]["B01"].update(fields))  # type: ignore[index]  # JSON of our own


def test_good_files_give_no_finding(folder: Path) -> None:
    assert list(check(_pinned(folder))) == []


def test_a_document_that_is_not_the_declared_one(folder: Path) -> None:
    declared = checksums.of_bytes(b"another")
    found = list(check(_pinned(folder, checksum=declared)))
    assert [(one.code, one.where) for one in found] == [
        ("inputs-checksum-differs", "experiment.yaml: inputs.scenes.checksum")
    ]
    assert declared in found[0].message
    assert checksums.of_file(folder / "data/collection.json") in found[0].message


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"file:size": 7}, "inputs-size-differs", "its item declares 7"),
        ({"file:checksum": checksums.of_bytes(b"")}, "inputs-checksum-differs", "its item declares 1220e3b0"),
        ({"href": "./gone.tif"}, "inputs-file-missing", "gone.tif"),
    ],
)
def test_an_asset_that_is_not_the_declared_one(folder: Path, fields: dict[str, object], code: str, told: str) -> None:
    _declare(folder, **fields)
    found = list(check(_pinned(folder)))
    assert [(one.code, one.where) for one in found] == [(code, "scenes: scene-2023-08-01/B01")]
    assert told in found[0].message


def test_size_and_checksum_are_told_together(folder: Path) -> None:
    (folder / FILE).write_bytes(b"short")
    assert [one.code for one in check(_pinned(folder))] == ["inputs-size-differs", "inputs-checksum-differs"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "inputs-file-empty"),
        (b"<html>not found</html>", "inputs-not-readable"),
        (b"II*\x00", "inputs-not-readable"),
    ],
)
def test_files_that_are_no_rasters(folder: Path, content: bytes, code: str) -> None:
    (folder / FILE).write_bytes(content)
    _edit(folder / ITEM, lambda item: item.update(assets={"B01": {"href": "./B01.tif", "roles": ["data"]}}))
    assert [one.code for one in check(_pinned(folder))] == [code]


def test_every_file_is_looked_at_in_a_stable_order(folder: Path) -> None:
    pinned = _pinned(folder)
    for day in factories.DAYS:
        (folder / f"data/scene-{day}/B01.tif").unlink()
    found = list(check(pinned))
    assert [one.where for one in found] == [f"scenes: scene-{day}/B01" for day in factories.DAYS]
    assert found == list(check(pinned))


def test_documents_that_changed_after_they_were_pinned(folder: Path) -> None:
    pinned = _pinned(folder)
    _declare(folder, title="changed")
    assert [one.code for one in check(pinned)] == ["inputs-document-changed"]
    (folder / ITEM).unlink()
    assert [one.code for one in check(pinned)] == ["inputs-document-gone"]


def test_a_file_that_two_items_claim(folder: Path) -> None:
    shared = str(folder / "data/scene-2023-08-11/B01.tif")
    _edit(folder / ITEM, lambda item: item.update(assets={"B01": {"href": shared, "roles": ["data"]}}))
    found = list(check(_pinned(folder)))
    assert [(one.code, one.severity) for one in found] == [("inputs-shared-file", "warning")]
    assert "scene-2023-08-01, scene-2023-08-11" in found[0].message


@pytest.mark.parametrize(
    ("bbox", "sides"),
    [
        ((10.1, 45.1, 10.2, 45.2), ""),
        ((10.0, 45.0, 10.8, 45.8), ""),
        ((10.0, 44.995, 10.8, 45.8), ""),
        ((10.0, 44.98, 10.8, 45.8), "south"),
        ((9.0, 45.1, 10.2, 46.2), "west, north"),
        ((10.1, 44.0, 11.2, 45.2), "south, east"),
    ],
)
def test_a_window_that_reaches_beyond_the_data(folder: Path, bbox: tuple[float, ...], sides: str) -> None:
    found = list(check(_pinned(folder, bbox=bbox)))
    assert [one.code for one in found] == (["inputs-window-beyond-data"] if sides else [])
    assert all(one.severity == "warning" and f"in the {sides}." in one.message for one in found)


@pytest.mark.parametrize(
    "href",
    ["./a\0b.tif", "./\ud800.tif", f"./{'x' * 5000}.tif", "http://[::1/x.tif"],
    ids=["NUL", "half a character", "5 000 characters", "half an address"],
)
def test_an_href_that_is_none_is_told_as_one(folder: Path, href: str) -> None:
    _declare(folder, href=href)
    with pytest.raises(RefusedError) as caught:
        _pinned(folder)
    (found,) = caught.value.findings
    assert found.code == "inputs-bad-href"
    assert found.model_dump_json().isascii()
    assert len(found.message) < 200


@pytest.mark.parametrize(
    ("declared", "product", "code"),
    [
        ("CC-BY-4.0", "CC-BY-4.0", ""),
        ("CC0-1.0", "MIT", ""),
        ("CC-BY-ND-4.0", "CC-BY-4.0", "license-no-derivatives"),
        ("CC-BY-SA-4.0", "CC-BY-4.0", "license-share-alike"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0", ""),
        ("CC-BY-NC-4.0", "CC-BY-4.0", "license-non-commercial"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0", ""),
        ("CC-BY-4.0", "CC0-1.0", "license-attribution"),
        ("proprietary", "CC-BY-4.0", "license-unknown"),
    ],
)
def test_licences_that_contradict_each_other(folder: Path, declared: str, product: str, code: str) -> None:
    _edit(folder / "data/collection.json", lambda collection: collection.update(license=declared))
    pinned = _pinned(folder)
    licensed = pinned.experiment.model_copy(update={"license": product})
    found = list(check(pinned.model_copy(update={"experiment": licensed})))
    assert [(one.code, one.severity) for one in found] == ([(f"inputs-{code}", "warning")] if code else [])


def _raster(path: Path, driver: str = "GTiff", **placed: object) -> None:
    with (
        warnings.catch_warnings(),
        rasterio.open(path, "w", driver=driver, width=8, height=8, count=1, dtype="uint8", **placed) as opened,
    ):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        opened.write(np.zeros((1, 8, 8), "uint8"))


@pytest.mark.parametrize(
    ("driver", "placed", "codes"),
    [
        ("GTiff", {"crs": "EPSG:4326", "transform": from_origin(10, 45.8, 0.1, 0.1)}, []),
        ("GTiff", {"transform": from_origin(10, 45.8, 0.1, 0.1)}, ["inputs-no-crs"]),
        ("GTiff", {"crs": "EPSG:4326"}, ["inputs-no-grid"]),
        ("PNG", {}, ["inputs-media-type-differs", "inputs-no-crs", "inputs-no-grid"]),
    ],
)
def test_what_the_header_of_a_raster_does_not_say(
    folder: Path, driver: str, placed: dict[str, object], codes: list[str]
) -> None:
    _raster(folder / FILE, driver, **placed)
    asset = {"href": "./B01.tif", "type": "image/tiff", "roles": ["data"]}
    _edit(folder / ITEM, lambda item: item.update(assets={"B01": asset}))
    found = list(check(_pinned(folder)))
    assert [one.code for one in found] == codes
    assert {one.severity for one in found} <= {"warning"}


@pytest.mark.parametrize(("kind", "codes"), [("openeo", []), ("mlflow", []), ("cwl", ["inputs-group-unused"])])
def test_a_grouping_that_the_workflow_will_not_see(folder: Path, kind: str, codes: list[str]) -> None:
    pinned = _pinned(folder, group="solar_day")
    workflow = pinned.experiment.workflow.model_copy(update={"kind": WorkflowKind(kind)})
    experiment = pinned.experiment.model_copy(update={"workflow": workflow})
    found = list(check(pinned.model_copy(update={"experiment": experiment})))
    assert [one.code for one in found] == codes
