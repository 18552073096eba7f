"""An experiment that says what it expects: told on the run's page, kept with the product, and asked again by a rerun.

Each stage that evaluates costs the import of Great Expectations, hence the marker.
"""

from pathlib import Path
from typing import Any

import factories
import pytest
from prefect.client.orchestration import get_client
from quality_suites import expectation, suite

from earthcode_platform.errors import RefusedError
from earthcode_platform.models.comparison import Verdict
from flows.lifecycle import lifecycle
from flows.rerun import rerun

pytestmark = pytest.mark.service


def artifact(key: str) -> list[dict[str, Any]]:
    with get_client(sync_client=True) as client:
        answer = client.request("POST", "/artifacts/filter", json={"artifacts": {"key": {"any_": [key]}}})
        found: list[dict[str, Any]] = answer.json()
        return found


def test_expectations_are_told_kept_and_asked_again(home: Path, small: Path) -> None:
    expected = suite(
        expectation(column="mean", min_value=5, max_value=7),
        expectation(column="maximum", max_value=9, severity="warning"),
        expectation(column="maximum", max_value=25, table="product"),
    )
    factories.write_json(small / "expectations.json", expected)
    lifecycle(str(small))
    (inputs,) = artifact("quality-inputs-small")
    assert "1 of 2 expectations are met" in inputs["description"]
    (product,) = artifact("quality-product-small")
    assert "1 of 1 expectations are met" in product["description"]
    kept = home / "archive" / "small-mean" / "1.0.0"
    assert {path.name for path in (kept / "small-mean").glob("quality-*")} == {
        "quality-inputs.html", "quality-inputs.json", "quality-product.html", "quality-product.json",
    }  # fmt: skip
    assert (kept / "experiment" / "expectations.json").read_text() == (small / "expectations.json").read_text()
    assert "quality-unmet" in (kept / "small-mean" / "report.html").read_text()
    assert rerun("small").verdict is Verdict.IDENTICAL
    assert len(artifact("quality-inputs-small")) == 2


def test_inputs_that_are_not_as_expected_are_not_run(home: Path, small: Path) -> None:
    factories.write_json(small / "expectations.json", suite(expectation(column="mean", min_value=100)))
    with pytest.raises(RefusedError, match="quality-unmet"):
        lifecycle(str(small))
    assert not (home / "runs").exists()
