"""`earthcode-platform openeo processes` says what graphs may use, to people and as a back-end publishes it."""

import json
from typing import Any

import pytest

from earthcode_platform.cli.app import app
from earthcode_platform.engines.openeo.registry import processes


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command prints; it must exit with 0."""
    assert app(["openeo", "processes", *words], result_action="return_value") == 0
    return capsys.readouterr().out


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, Any]]:
    return {process["id"]: process for process in json.loads(told(capsys, *words, "--json"))["processes"]}


def test_every_process_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys)
    found = listed(capsys)
    assert found.keys() == processes().keys()
    assert all(f"{name} " in text for name in found)
    assert all(process["summary"] in text for process in found.values())


def test_arguments_have_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys)
    takes = {argument["name"]: argument for argument in found["aggregate_temporal_period"]["parameters"]}
    assert takes["data"]["schema"] == {"type": "object", "subtype": "datacube"}
    assert "optional" not in takes["data"]
    assert takes["period"]["schema"]["enum"][:3] == ["hour", "day", "week"]
    assert [one["name"] for one in takes["reducer"]["schema"]["parameters"]] == ["data", "context"]
    assert (takes["dimension"]["optional"], takes["dimension"]["default"]) == (True, None)
    assert {"type": "null"} in takes["dimension"]["schema"]
    assert found["array_create"]["parameters"][1]["schema"] == {"type": "integer", "minimum": 1}
    assert found["filter_bbox"]["parameters"][1]["schema"]["subtype"] == "bounding-box"
    assert found["filter_temporal"]["parameters"][1]["schema"]["subtype"] == "temporal-interval"
    assert found["reduce_dimension"]["returns"]["schema"] == {"type": "object", "subtype": "datacube"}
    assert "session" not in [argument["name"] for argument in found["save_result"]["parameters"]]


def test_one_process_is_told_at_length(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "resample_spatial")
    assert "begins at its upper left corner" in text
    assert "near|bilinear" in text
    assert "Raises" not in text
    assert listed(capsys, "resample_spatial").keys() == {"resample_spatial"}


def test_a_process_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["openeo", "processes", "resample"], result_action="return_value") == 2
    assert "no process 'resample'" in capsys.readouterr().err
