"""Files on servers: each is reached by one ranged request, a few at a time, and every way to fail is told."""

import collections
import json
import resource
import time
from pathlib import Path
from typing import Any

import factories
import pytest
from data_server import serving_files
from loopback import Exchange, reply, serving

from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.errors import UnavailableError
from earthcode_platform.gates.inputs import check
from earthcode_platform.models.experiment import InputReference
from earthcode_platform.models.pinned import PinnedExperiment


def _items(folder: Path, hrefs: dict[str, str], **asset: object) -> PinnedExperiment:
    """Return an experiment on one item for each address."""
    if not (folder / "workflow.json").exists():
        factories.experiment_folder(folder)
    document = folder / "data" / f"scene-{factories.DAYS[0]}" / f"scene-{factories.DAYS[0]}.json"
    item: dict[str, Any] = json.loads(document.read_text())
    media = {"type": "image/tiff", "roles": ["data"], **asset}
    features = [
        {**item, "id": name, "links": [], "assets": {"B01": {"href": href, **media}}} for name, href in hrefs.items()
    ]
    factories.write_json(folder / "data" / "items.json", {"type": "FeatureCollection", "features": features})
    pin = pin_input("scenes", InputReference(href="data/items.json"), folder)
    return factories.pinned(folder).model_copy(update={"inputs": (pin,)})


@pytest.fixture
def raster(tmp_path: Path) -> bytes:
    return factories.raster(tmp_path / "made.tif").read_bytes()


def _ranged(content: bytes) -> Any:  # noqa: ANN401 - a route
    def route(exchange: Exchange) -> None:
        assert exchange.seen.headers["range"] == "bytes=0-65535"
        time.sleep(0.005)
        exchange.answer(206, content[:65536], Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")

    return route


def test_good_files_are_asked_for_once_and_a_few_at_a_time(tmp_path: Path, raster: bytes) -> None:
    told: list[tuple[int, int]] = []
    with serving({"*": _ranged(raster)}) as server:
        pinned = _items(tmp_path / "small", {f"i{at:02}": server.url(f"/{at}.tif") for at in range(40)})
        assert list(check(pinned, lambda done, of: told.append((done, of)))) == []
        assert sorted(server.asked()) == sorted(("GET", f"/{at}.tif") for at in range(40))
        assert 1 < server.peak <= 8
    assert told == [(20, 40), (40, 40)]


def test_every_way_to_fail_is_told(tmp_path: Path, raster: bytes) -> None:
    routes = {
        "/good.tif": _ranged(raster),
        "/forbidden.tif": reply(403),
        "/busy.tif": reply(503),
        "/reset.tif": Exchange.reset,
        "/empty.tif": reply(416),
        "/page.tif": reply(200, b"<!doctype html><p>Sign in"),
        "/picture.tif": reply(206, b"\x89PNG\r\n\x1a\n" + b"\0" * 40, Content_Range="bytes 0-47/48"),
        "/cut.tif": _ranged(raster[:6]),
        "/other-size.tif": _ranged(raster + b"\0"),
        "/moved.tif": reply(302, Location="/good.tif"),
        "/circle.tif": reply(302, Location="/circle.tif"),
    }
    with serving(routes) as server:
        names = [*routes, "/gone.tif"]
        pinned = _items(
            tmp_path / "small", {name[1:-4]: server.url(name) for name in names}, **{"file:size": len(raster)}
        )
        found = {
            one.where.partition(": ")[2].partition("/")[0]: one.code.removeprefix("inputs-") for one in check(pinned)
        }
    assert found == {
        "forbidden": "not-readable", "busy": "no-answer", "reset": "no-answer", "empty": "file-empty",
        "page": "size-differs", "picture": "size-differs", "cut": "size-differs", "other-size": "size-differs",
        "circle": "not-readable", "gone": "not-readable",
    }  # fmt: skip


def test_a_server_that_takes_no_ranges_is_told(tmp_path: Path, raster: bytes) -> None:
    long = raster + b"\0" * 100_000
    with serving({"*": reply(200, long)}) as server:
        (found,) = check(_items(tmp_path / "small", {"a": server.url("/a.tif")}))
    assert (found.code, found.severity) == ("inputs-not-ranged", "warning")


def test_if_nothing_is_wrong_but_a_server_does_not_answer_the_gate_may_be_asked_again(tmp_path: Path) -> None:
    with serving({"*": reply(503)}) as server:
        pinned = _items(tmp_path / "small", {"a": server.url("/a.tif"), "b": server.url("/b.tif")})
        with pytest.raises(UnavailableError, match="2 files got no answer"):
            list(check(pinned))
        assert len(server.asked("/a.tif")) == 2


@pytest.mark.service
def test_a_thousand_files_take_seconds_and_every_broken_one_is_found(tmp_path: Path, raster: bytes) -> None:
    served = tmp_path / "served"
    broken = {
        "gone": None,
        "empty": b"",
        "page": b"<!doctype html>",
        "cut": raster[:6],
        "picture": b"\x89PNG\r\n\x1a\n",
    }
    names = {}
    for at in range(1000):
        fault = list(broken)[at // 20 % len(broken)] if at % 20 == 0 else ""
        content = broken[fault] if fault else raster
        name = f"s{at:03}{'-' if fault else ''}{fault}"
        (served / name).mkdir(parents=True)
        if content is not None:
            (served / name / "B01.tif").write_bytes(content)
        names[name] = name
    with serving_files(served, seconds=0.02) as address:
        pinned = _items(tmp_path / "small", {name: f"{address}/{name}/B01.tif" for name in names})
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = list(check(pinned))
        seconds, grown = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [one.where for one in found] == [f"scenes: {name}/B01" for name in names if "-" in name]
    codes = collections.Counter(one.code for one in found)
    assert codes == {"inputs-not-readable": 40, "inputs-file-empty": 10}
    # One after the other, a thousand waits of 20 ms alone take as long.
    assert seconds < 20
    assert grown < 300 * 1024
