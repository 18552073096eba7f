"""`earthcode-platform openeo` says what graphs may use and write, to people and as a back-end publishes it."""

import json
from typing import Any

import pytest

from earthcode_platform.cli.app import app
from earthcode_platform.engines.openeo.registry import processes
from earthcode_platform.models.file_options import OPTIONS


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


def test_every_format_is_listed_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["openeo", "formats"], result_action="return_value") == 0
    text = capsys.readouterr().out
    assert app(["openeo", "formats", "--json"], result_action="return_value") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["output"].keys() == {form.value for form in OPTIONS}
    assert {"GTiff", "netCDF", "GeoJSON"} <= found["input"].keys()
    for form, options in OPTIONS.items():
        told_of = found["output"][form.value]
        assert told_of["parameters"].keys() == options.model_fields.keys()
        assert all(option["description"] and option["required"] is False for option in told_of["parameters"].values())
        assert all(f"{name} " in text for name in options.model_fields)


def test_one_format_is_named_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["openeo", "formats", "netcdf"], result_action="return_value") == 0
    assert "complevel" in (out := capsys.readouterr().out)
    assert "blocksize" not in out
    assert app(["openeo", "formats", "netcfd"], result_action="return_value") == 2
    assert "no format 'netcfd'" in capsys.readouterr().err
