import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.environment import Site, here, variables

SITE = Site(checkout=Path("/checkout"), home=Path("/state"), port=4321)


@given(
    st.dictionaries(st.sampled_from(["PREFECT_API_URL", "PREFECT_PROFILE", "prefect_home", "PREFECT__X"]), st.text())
)
def test_no_prefect_setting_of_the_user_survives(settings: dict[str, str]) -> None:
    assert variables(SITE, settings | {"PATH": "/bin"}) == variables(SITE, {"PATH": "/bin"})


def test_everything_else_is_inherited() -> None:
    kept = variables(SITE, {"LANG": "C.UTF-8", "GDAL_CACHEMAX": "64"})
    assert (kept["LANG"], kept["GDAL_CACHEMAX"]) == ("C.UTF-8", "64")


def test_modules_are_compiled_once_and_not_for_each_run() -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in variables(SITE, {"PYTHONDONTWRITEBYTECODE": "1"})


def test_the_server_is_ours_and_silent() -> None:
    made = variables(SITE, {})
    assert made["PREFECT_API_URL"] == made["PREFECT_SERVER_UI_API_URL"] == "http://127.0.0.1:4321/api"
    assert made["PREFECT_HOME"] == "/state/prefect"
    assert (made["PREFECT_SERVER_ANALYTICS_ENABLED"], made["DO_NOT_TRACK"]) == ("false", "1")


def test_runs_find_the_checkout_and_this_interpreter() -> None:
    made = variables(SITE, {"PATH": "/usr/bin", "PYTHONPATH": "/elsewhere"})
    assert (made["PYTHONPATH"], made["EARTHCODE_CHECKOUT"], made["EARTHCODE_HOME"]) == (
        "/checkout",
        "/checkout",
        "/state",
    )
    assert made["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy_stands_between_us_and_the_server(name: str) -> None:
    made = variables(SITE, {name: "intranet.example.org"})
    assert made["NO_PROXY"] == made["no_proxy"] == "intranet.example.org,127.0.0.1,localhost"


def test_a_process_finds_its_site_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(SITE, {}).items():
        monkeypatch.setenv(name, value)
    assert here() == SITE


def test_the_page_of_a_run_is_on_the_server() -> None:
    assert SITE.run_url("1234") == "http://127.0.0.1:4321/runs/flow-run/1234"
