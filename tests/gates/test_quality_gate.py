"""Great Expectations at work, in a process of its own. Each evaluation costs its import, so they are few and full."""

import subprocess
import sys
from pathlib import Path

import factories
import pytest
from quality_suites import expectation, expecting, suite

from earthcode_platform.gates.quality.evaluation import ask, environment
from earthcode_platform.gates.quality.gate import check_inputs, check_product
from earthcode_platform.models.finding import Severity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return factories.experiment_folder(tmp_path / "small")


def band(name: str) -> dict[str, object]:
    return {"type": "comparison", "column": {"name": "band"}, "operator": "==", "parameter": name}


@pytest.mark.service  # Not for a service: for the seconds that the import takes.
def test_inputs_are_held_against_their_suite(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    pinned = expecting(
        folder,
        suite(
            expectation(column="mean", min_value=5, max_value=7),
            expectation(column="maximum", max_value=9.5, severity="warning") | {"notes": "Ten is too much."},
            expectation("expect_column_values_to_be_in_set", column="crs", value_set=["EPSG:4326"]),
            expectation(column="mean", min_value=100, row_condition=band("B02")),
            expectation("expect_table_row_count_to_equal", value=3, severity="info"),
            expectation(column="datetime", min_value="2023-08-01", max_value="2023-08-11"),
            expectation("expect_column_mean_to_be_between", column="item", min_value=1),
            expectation("expect_column_mean_to_be_between", column="item", min_value=1, table="product"),
            expectation(column="mean", min_value=1000, table="product"),
        ),
    )
    report = check_inputs(pinned)
    assert report is not None
    assert report.library.startswith("great-expectations 1.")
    assert [one.met for one in report.outcomes] == [True, False, True, True, False, True, False]
    assert len(report.rows) == 2
    told = {found.where.rpartition(" ")[2]: found for found in report.findings}
    unmet = told["expectations[1]"]
    assert (unmet.code, unmet.severity, unmet.remedy) == ("quality-unmet", Severity.WARNING, "Ten is too much.")
    assert "1 of 2 rows: scene-2023-08-11/B01/B01 (10)" in unmet.message
    assert (told["expectations[4]"].severity, "2" in told["expectations[4]"].message) == (Severity.NOTE, True)
    impossible = [told[f"expectations[{at}]"] for at in (6, 7)]
    assert [found.code for found in impossible] == ["quality-not-evaluated"] * 2
    assert set(told) == {f"expectations[{at}]" for at in (1, 4, 6, 7)}
    assert list(home.iterdir()) == []


@pytest.mark.service  # As above.
def test_the_product_is_held_against_its_suite(folder: Path, tmp_path: Path) -> None:
    pinned = expecting(
        folder,
        suite(
            expectation(column="mean", min_value=1000),
            expectation(column="maximum", max_value=12.5, table="product"),
            expectation(column="valid_fraction", min_value=1, table="product"),
            expectation(column="minimum", min_value=6, table="product") | {"description": "Never below six."},
        ),
    )
    report = check_product(pinned, factories.run(pinned, tmp_path / "run"))
    assert report is not None
    assert [one.met for one in report.outcomes] == [True, True, False]
    (found,) = report.findings
    assert (found.code, found.where) == ("quality-unmet", "expectations.json: expectations[3]")
    assert found.message == (
        "the product does not meet expect_column_values_to_be_between(column='minimum', min_value=6): "
        "1 of 1 rows: small-mean/data/band1 (5)."
    )


@pytest.mark.service  # As above.
def test_nothing_tries_to_reach_a_host() -> None:
    exists = {"type": "expect_column_to_exist", "kwargs": {"column": "mean"}}
    table = {"name": "t", "columns": ["mean"], "texts": [], "moments": [], "rows": [{"mean": 1.0}]}
    answer = ask([table | {"expectations": [exists]}])
    assert answer["network"] == []
    assert answer["tables"][0][0]["met"]


def test_the_process_has_no_network_at_all() -> None:
    program = (
        "from earthcode_platform.gates.quality.evaluator import forbid_network\n"
        "import socket\n"
        "tried = forbid_network()\n"
        "for reach in (socket.create_connection, lambda address: socket.getaddrinfo(*address)):\n"
        "    try:\n        reach(('127.0.0.1', 9))\n    except PermissionError as error:\n        print(error)\n"
        "print(tried)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "['socket.getaddrinfo', 'socket.getaddrinfo']" in done.stdout
    assert done.stdout.count("without a network") == 2


def test_the_process_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    given = environment(str(tmp_path))
    assert "hunter2" not in given.values()
    assert (given["HOME"], given["GX_ANALYTICS_ENABLED"]) == (str(tmp_path), "false")
