"""A collection of a STAC API as an input: searched page by page, kept, and the same when the API has grown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cube_factories import item, raster
from stac_api import StacApi, serving_items

from earthcode_platform.cubes import search
from earthcode_platform.cubes.access import Access, using
from earthcode_platform.cubes.bands import band_names
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.experiment import InputReference
from earthcode_platform.models.pinned import PinnedInput
from earthcode_platform.redaction import public

KINDS: tuple[Any, ...] = ("post", "post-merged", "get", "features")


def scenes(folder: Path, days: int = 5) -> list[dict[str, Any]]:
    """Items of successive days, whose files lie in the folder."""
    path = raster(folder / "a.tif", np.arange(6, dtype="uint16").reshape(2, 3))
    band = {"href": f"file://{path}", "type": "image/tiff", "bands": [{"name": "B04", "eo:common_name": "red"}]}
    thumbnail = {"href": "./t.png", "type": "image/png", "roles": ["thumbnail"]}
    return [
        item(f"s{day}", f"2020-01-0{day}T10:00:00Z", {"B04": band, "thumb": thumbnail}, **{"eo:cloud_cover": day * 10})
        for day in range(1, days + 1)
    ]


def remote(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same items, with files that nobody reads, named relative to the item."""
    for content in items:
        content["assets"]["B04"]["href"] = "../a.tif"
    return items


@pytest.fixture(params=KINDS)
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StacApi]:
    with serving_items(StacApi(remote(scenes(tmp_path)), paging=request.param)) as served:
        yield served


def pinned(served: StacApi, href: str = "", **window: object) -> PinnedInput:
    reference = InputReference.model_validate({"href": href or served.collection, **window})
    return pin_input("scenes", reference, Path())


def names(found: PinnedInput) -> list[str]:
    return list(dict.fromkeys(asset.item for asset in found.assets))


def test_every_page_is_read(api: StacApi) -> None:
    found = pinned(api)
    assert names(found) == ["s1", "s2", "s3", "s4", "s5"]
    assert {asset.href for asset in found.assets} == {f"{api.collection}/a.tif"}
    assert {asset.key for asset in found.assets} == {"B04"}
    assert len([path for _, path, _ in api.asked if path.endswith(("search", "items"))]) == 3
    assert found.found[0]["links"] == [
        {"rel": "canonical", "href": f"{api.collection}/items/s1", "type": "application/geo+json"}
    ]
    assert PinnedInput.model_validate_json(found.model_dump_json()) == found


def test_the_window_is_asked_for(api: StacApi) -> None:
    found = pinned(api, datetime="2020-01-02/2020-01-03", bbox=[14, 44, 16, 46])
    assert names(found) == ["s2", "s3"]
    asked = next(asked for _, path, asked in api.asked if path.endswith(("search", "items")))
    assert asked["datetime"] == "2020-01-02T00:00:00Z/2020-01-03T23:59:59.999999Z"
    assert asked["bbox"] in ([14.0, 44.0, 16.0, 46.0], "14.0,44.0,16.0,46.0")
    assert ("collections" in asked) == (api.paging != "features")


def test_an_input_stays_as_it_was_when_the_api_has_grown(api: StacApi) -> None:
    found = pinned(api, datetime="2020-01-01/2020-01-03")
    api.items.append(item("new", "2020-01-02T11:00:00Z", api.items[0]["assets"]))
    api.items[0]["properties"]["eo:cloud_cover"] = 99
    before = len(api.asked)
    again = resolved_items(found)
    assert [one.item.id for one in again] == ["s1", "s2", "s3"]
    assert again[0].item.content["properties"]["eo:cloud_cover"] == 10
    assert len(api.asked) == before
    assert names(pinned(api, datetime="2020-01-01/2020-01-03")) == ["s1", "s2", "new", "s3"]


def test_a_window_across_the_antimeridian_is_two_searches(api: StacApi) -> None:
    for at, box in enumerate(([179.0, -19.0, 179.5, -18.0], [-179.5, -19.0, -179.0, -18.0])):
        api.items[at]["bbox"] = box
    assert names(pinned(api, bbox=[178, -25, -178, -10])) == ["s1", "s2"]
    assert sum(path.endswith(("search", "items")) for _, path, _ in api.asked) == 2


def test_bands_are_known_without_asking(api: StacApi) -> None:
    assert band_names(pinned(api)) == {"B04", "red"}


def test_the_address_of_a_search_is_an_input_too(api: StacApi) -> None:
    path = "collections/scenes/items" if api.paging == "features" else "search"
    found = pinned(api, f"{api.origin}/{path}?collections=scenes&limit=2&datetime=2020-01-02/..")
    assert names(found) == ["s2", "s3", "s4", "s5"]
    assert len(found.found) == 4


def refused(served: StacApi, href: str = "", **window: object) -> str:
    with pytest.raises(RefusedError) as caught:
        pinned(served, href, **window)
    (one,) = caught.value.findings
    assert one.remedy
    return f"{one.code}: {one.message} {one.remedy}"


def test_a_search_that_finds_nothing_says_what_there_is(api: StacApi) -> None:
    told = refused(api, datetime="2030-01-01/..")
    assert told.startswith("inputs-empty-window: the API finds no item in datetime 2030-01-01")
    assert "2020-01-01T00:00:00Z" in told


def test_a_search_that_finds_too_much_is_refused_at_its_first_page(api: StacApi) -> None:
    api.matched = 1_000_000
    assert refused(api).startswith("inputs-too-many: the API finds 1000000 items")
    assert sum(path.endswith(("search", "items")) for _, path, _ in api.asked) == 1


def test_an_api_that_does_not_count_is_stopped_too(api: StacApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LIMIT_FOUND", 3)
    api.matched = 0
    assert refused(api).startswith("inputs-too-many: the API finds 4 items")


def test_pages_in_a_circle_end(api: StacApi) -> None:
    api.circle = True
    api.matched = 0
    assert "inputs-not-stac: its pages lead in a circle" in refused(api)


def test_a_page_cannot_lead_into_the_local_network(api: StacApi) -> None:
    api.next_host = "http://localhost:9"
    told = refused(api)
    assert told.startswith("inputs-not-allowed")
    assert "not on the public internet" in told


def test_files_in_the_local_network_are_refused_unless_allowed(api: StacApi) -> None:
    for content in api.items:
        content["assets"]["B04"]["href"] = "http://10.1.2.3/a.tif"
    assert refused(api).startswith("inputs-not-allowed")
    with using(Access(allowed=frozenset({"10.1.2.3"}))):
        assert {asset.href for asset in pinned(api).assets} == {"http://10.1.2.3/a.tif"}


def test_a_whole_api_is_refused_with_its_collections(tmp_path: Path) -> None:
    with serving_items(StacApi(scenes(tmp_path))) as served:
        told = refused(served, f"{served.origin}/")
    assert told.startswith("inputs-whole-api")
    assert "/collections/scenes" in told


def test_an_address_that_answers_with_something_else_is_refused(tmp_path: Path) -> None:
    with serving_items(StacApi(scenes(tmp_path), paging="get")) as served:
        served.items.clear()
        served.items.append({"properties": {"datetime": "2020-01-01T00:00:00Z"}, "bbox": [0, 0, 1, 1], "id": ""})
        assert refused(served).startswith("inputs-not-stac")


def test_a_remote_item_cannot_name_files_of_this_machine(tmp_path: Path) -> None:
    with serving_items(StacApi(scenes(tmp_path))) as served:
        assert refused(served).startswith("inputs-not-allowed: this remote document points at 'file://")


def test_what_was_found_is_loaded(tmp_path: Path) -> None:
    with serving_items(StacApi(remote(scenes(tmp_path)))) as served:
        found = pinned(served)
    here = {"href": str(tmp_path / "a.tif")}
    local = found.model_copy(update={"assets": tuple(asset.model_copy(update=here) for asset in found.assets)})
    cube = load(local, ["red"])
    assert cube.sizes == {"t": 5, "bands": 1, "y": 2, "x": 3}
    assert cube.compute().values[4, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_credentials_in_links_are_told_to_nobody(tmp_path: Path) -> None:
    with serving_items(StacApi(remote(scenes(tmp_path)))) as served:
        served.next_host = "http://me:hunter2@localhost:9"
        told = refused(served)
    assert "hunter2" not in told
    assert told == public(told)
