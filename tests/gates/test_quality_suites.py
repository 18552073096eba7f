"""What is wrong with `expectations.json` is told before anything runs, and without importing Great Expectations."""

import subprocess
import sys
from pathlib import Path

import factories
import pytest
from quality_suites import BETWEEN, expectation, expecting, suite

from earthcode_platform.gates.quality.arguments import COLUMNS
from earthcode_platform.gates.quality.gate import check_inputs, check_product
from earthcode_platform.gates.quality.suite import read_suite
from earthcode_platform.gates.quality.vocabulary import known_expectations
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.quality import Table

CODE = "band=='B01' or @__import__('os').system('true')"


def comparison(column: str = "band", operator: str = "==", parameter: object = "B04") -> dict[str, object]:
    return {"type": "comparison", "column": {"name": column}, "operator": operator, "parameter": parameter}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return factories.experiment_folder(tmp_path)


def told(folder: Path, content: object) -> list[tuple[str, str]]:
    report = check_inputs(expecting(folder, content))
    assert report is not None
    assert report.outcomes == ()
    assert all(found.severity is Severity.ERROR for found in report.findings)
    return [(found.code, found.message + " " + found.remedy) for found in report.findings]


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"type": "expect_column_values_to_be_betwen", "kwargs": {}}, "unknown-expectation", f"mean {BETWEEN!r}"),
        ({"type": 7, "kwargs": {}}, "unknown-expectation", "'7'"),
        ({"typ": BETWEEN, "type": BETWEEN, "kwargs": {"column": "mean", "min_value": 0}}, "unknown-key", "'type'"),
        (expectation("unexpected_rows_expectation", unexpected_rows_query="x"), "unknown-expectation", "database"),
        (expectation(column="meen", min_value=0), "unknown-column", "Did you mean 'mean'?"),
        (expectation("expect_table_columns_to_match_set", column_set=["bnd"]), "unknown-column", "'band'"),
        (expectation(column="mean", minimum_value=0), "bad-argument", "Did you mean 'min_value'?"),
        (expectation(min_value=0), "bad-argument", "'column' is a required property"),
        (expectation(column="mean", min_value="warm"), "bad-argument", "Give numbers"),
        (expectation(column="mean", min_value=3, max_value=2), "bad-argument", "nothing lies in it"),
        (expectation(column="mean", min_value=0, mostly=2), "bad-argument", "mostly"),
        (expectation(column="mean", min_value={"$PARAMETER": "low"}), "bad-argument", "parameter"),
        (expectation(column="mean", min_value=0, row_condition=CODE), "bad-argument", "as code"),
        (expectation(column="mean", min_value=0, row_condition=CODE, condition_parser="pandas"),
         "bad-argument", "as code"),
        (expectation(column="datetime", min_value="August"), "bad-argument", "cannot be read"),
        (expectation(column="datetime", min_value="2023-09", max_value="2023-08-01"), "bad-argument", "cannot be read"),
        (expectation(column="datetime", min_value="2023-08-02", max_value="2023-08-01"), "bad-argument", "lies in"),
        (expectation(column="crs", min_value="EPSG:4326"), "bad-argument", "Give numbers"),
        (expectation(column="mean", min_value=0, row_condition=comparison("bnd")), "unknown-column", "'band'"),
        (expectation(column="mean", min_value=0, row_condition=comparison(operator="=~")), "bad-argument", "=~"),
        (expectation(column="mean", min_value=0, row_condition=comparison(parameter=CODE)), "bad-argument", "import"),
        (expectation(column="mean", min_value=0, row_condition={"type": "pass_through", "pass_through_filter": CODE}),
         "bad-argument", "pass_through"),
        (expectation(column="mean", min_value=0, row_condition={"type": "and", "conditions": [comparison("b"), 3]}),
         "bad-argument", "as code"),
        (expectation(column="mean", min_value=0, table="outputs"), "unknown-table", "inputs, product"),
        (expectation(column="mean", min_value=0, severity="high"), "unknown-severity", "critical, warning, info"),
        ({**expectation(column="mean", min_value=0), "severity": []}, "unknown-severity", "critical, warning, info"),
        ({**expectation(column="mean", min_value=0), "meta": {"table": {}}}, "unknown-table", "inputs, product"),
        ("expect", "no-suite", "JSON object"),
    ],
)  # fmt: skip
def test_an_expectation_that_cannot_be_evaluated(folder: Path, wrong: object, code: str, word: str) -> None:
    good = expectation(column="mean", min_value=0)
    found = told(folder, suite(good, wrong))
    assert f"quality-{code}" in [each for each, _ in found]
    assert any(word in text for _, text in found)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "as JSON"),
        ("[1]", "no JSON object"),
        ({"expectations": []}, "no 'name'"),
        ({"name": "x"}, "no list of 'expectations'"),
        ({"name": "x", "expectations": [expectation(column="mean", min_value=0)] * 1001}, "1,001 expectations"),
        ("[" * 100_000, "as JSON"),
    ],
)
def test_what_is_no_suite(folder: Path, content: object, word: str) -> None:
    ((code, text),) = told(folder, content)
    assert code == "quality-no-suite"
    assert word in text


def test_everything_is_told_at_once(folder: Path) -> None:
    found = told(folder, suite(expectation(column="meen", lowest=0), expectation(kind="expect_nothing"), 3))
    assert len(found) >= 4


def test_a_suite_that_changed_or_went_after_it_was_pinned(folder: Path) -> None:
    pinned = expecting(folder, suite(expectation(column="mean", min_value=0)))
    (folder / "expectations.json").write_text("{}")
    changed = check_inputs(pinned)
    (folder / "expectations.json").unlink()
    gone = check_inputs(pinned)
    assert changed is not None
    assert gone is not None
    assert [found.code for found in (*changed.findings, *gone.findings)] == ["quality-changed", "quality-gone"]


def test_without_a_suite_there_is_nothing_to_do(folder: Path, tmp_path: Path) -> None:
    pinned = factories.pinned(folder)
    assert check_inputs(pinned) is None
    assert check_product(pinned, factories.run(pinned, tmp_path / "run")) is None


def test_a_suite_is_read_with_tables_severities_and_reasons(folder: Path) -> None:
    why = {"notes": ["Kelvin.", "Not Celsius."]}
    expecting(
        folder,
        suite(
            expectation(column="mean", min_value=270) | why,
            expectation(column="mean", min_value=1, table="product", severity="info"),
        ),
    )
    read, findings = read_suite(folder / "expectations.json")
    assert findings == []
    first, second = read.expectations
    assert (first.table, first.severity, first.why) == (Table.INPUTS, Severity.ERROR, "Kelvin. Not Celsius.")
    assert (second.table, second.severity, second.at) == (Table.PRODUCT, Severity.NOTE, 1)
    assert read.about(Table.PRODUCT) == (second,)


def test_every_expectation_on_tables_is_known_with_its_arguments() -> None:
    known = known_expectations()
    assert len([one for one in known.values() if one.on_tables]) > 40
    assert {"column", "min_value", "max_value", "mostly"} <= known[BETWEEN].arguments
    assert not {"meta", "severity", "result_format", "windows"} & known[BETWEEN].arguments


def test_reading_suites_imports_nothing_of_great_expectations() -> None:
    program = (
        "import sys; from earthcode_platform.gates.quality import gate, vocabulary;"
        "from earthcode_platform.reports import attaching;"
        "vocabulary.known_expectations(); print([name for name in sys.modules if name.startswith('great_exp')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_column_is_explained(checkout: Path) -> None:
    text = (checkout / "docs" / "data-quality.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in text] == []


def test_the_suite_of_the_example_is_good(checkout: Path) -> None:
    read, findings = read_suite(checkout / "examples" / "ndvi-season" / "expectations.json")
    assert findings == []
    assert {one.table for one in read.expectations} == set(Table)
