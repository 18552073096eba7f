"""Results of a provider that come in pieces, in pages, or only at the second try."""

import json
from pathlib import Path
from typing import Any

from openeo_asked import Asked
from processes_api import ProcessesAPI
from processes_runs import engine, handed_back, pinned

from earthcode_platform.models.run import RunResult

FILE = "GET /data/scenes/scene-2023-08-01/B01.tif"


def run(provider: ProcessesAPI, folder: Path) -> RunResult:
    return engine(provider).run(pinned(provider, folder / "e"), folder / "w")


def test_a_download_that_breaks_is_taken_up_again(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.jobs.instead = handed_back(provider)
    provider.faults[FILE] = [lambda asked: asked.cut(b"II*\0", 5000)]
    (made,) = run(provider, tmp_path).files
    assert made.statistics["valid_percent"] == 100.0
    assert provider.faults[FILE] == []


def test_items_on_further_pages_are_taken_too(provider: ProcessesAPI, tmp_path: Path) -> None:
    def page(number: str, *links: dict[str, str]) -> dict[str, Any]:
        name = f"scene-2023-08-{number}"
        item = json.loads((provider.folder / "scenes" / name / f"{name}.json").read_text())
        item["assets"]["B01"]["href"] = provider.data(f"scenes/{name}/B01.tif")
        return {"type": "FeatureCollection", "features": [item], "links": list(links)}

    def second(asked: Asked) -> None:
        # Who asks in circles is asked once.
        asked.answer(200, page("11", {"rel": "next", "href": f"{provider.url}/items?page=2"}))

    provider.faults["GET /items"] = [second]
    provider.jobs.instead = {"made": {"value": page("01", {"rel": "next", "href": f"{provider.url}/items?page=2"})}}
    assert [one.start.day for one in run(provider, tmp_path).files] == [1, 11]
