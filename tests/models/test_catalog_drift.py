"""What changed between two looks at a catalog."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthcode_platform.models.catalog_drift import drift
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity


def finding(value: str = "a", line: int = 1, severity: Severity = Severity.ERROR) -> CatalogFinding:
    return CatalogFinding(
        code="catalog-link-dangling",
        severity=severity,
        file="products/a/collection.json",
        pointer=f"/links/{line}/href",
        line=line,
        value=value,
        message="it leads nowhere.",
        mend="Mend it.",
    )


FINDINGS = st.lists(st.builds(finding, st.sampled_from("abc"), st.integers(1, 5)), max_size=8)


def test_a_finding_that_only_moved_is_still_there() -> None:
    change = drift([finding(line=3)], [finding(line=9)])
    assert (change.new, change.gone, change.still) == ((), (), (finding(line=9),))
    assert change.unchanged
    assert not change.worse


@pytest.mark.parametrize(("severity", "worse"), [(Severity.ERROR, True), (Severity.WARNING, False)])
def test_a_new_error_is_worse_a_new_warning_is_not(severity: Severity, worse: bool) -> None:  # noqa: FBT001 - a parameter
    assert drift([], [finding(severity=severity)]).worse is worse


def test_one_of_two_equal_ones_can_go() -> None:
    change = drift([finding(line=1), finding(line=2)], [finding(line=1)])
    assert (len(change.gone), len(change.still), change.new) == (1, 1, ())


@given(FINDINGS, FINDINGS)
def test_every_finding_is_told_once(before: list[CatalogFinding], after: list[CatalogFinding]) -> None:
    change = drift(before, after)
    assert len(change.new) + len(change.still) == len(after)
    assert len(change.gone) + len(change.still) == len(before)
    assert len(drift(after, before).new) == len(change.gone)
