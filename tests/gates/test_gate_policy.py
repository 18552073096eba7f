"""What refuses, by a policy, and what somebody answers for."""

from datetime import date

import pytest

from earthcode_platform.gates.policy import Judged, judged
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.policy import Permission, Policy, Stage, Waiver

TODAY = date(2026, 11, 26)
WARNING = Finding(
    code="inputs-license-unknown", severity=Severity.WARNING, where="scenes", message="It names none.", remedy="Ask."
)
ERROR = Finding(code="inputs-file-empty", severity=Severity.ERROR, where="scenes: a/B01", message="0 bytes.")
PERMISSIVE = Policy(permissions=(Permission(codes=("inputs-*",), by=("Ada Example",), longest_days=90),))


def _waiver(**changes: object) -> Waiver:
    given = {
        "code": "inputs-file-empty", "reason": "It was always empty.", "by": "Ada Example", "until": date(2026, 12, 31)
    }  # fmt: skip
    return Waiver.model_validate({**given, **changes})


def _weigh(policy: Policy, *waivers: Waiver, stage: Stage = Stage.VALIDATE) -> Judged:
    return judged([WARNING, ERROR], waivers, policy, stage, TODAY)


def _told(found: Judged) -> list[tuple[str, str]]:
    return [(one.code, one.severity.value) for one in found.findings]


def test_without_a_policy_errors_refuse_and_nothing_else() -> None:
    assert _weigh(Policy()).findings == (WARNING, ERROR)


def test_a_stage_can_refuse_warnings() -> None:
    policy = Policy(refuses_from={Stage.VALIDATE: Severity.WARNING})
    assert [one.severity for one in _weigh(policy).findings] == ["error", "error"]
    assert "This platform refuses it." in _weigh(policy).findings[0].message
    assert [one.severity for one in _weigh(policy, stage=Stage.DEVELOP).findings] == ["warning", "error"]


def test_a_code_can_be_refused_whatever_its_severity() -> None:
    assert [one.severity for one in _weigh(Policy(refused_codes=("inputs-license-*",))).findings] == ["error"] * 2


def test_a_waived_finding_is_a_note_with_its_reason() -> None:
    found = _weigh(PERMISSIVE, _waiver())
    assert _told(found) == [("inputs-license-unknown", "warning"), ("inputs-file-empty", "note")]
    assert "Waived by Ada Example: It was always empty." in found.findings[1].message
    assert [(one.finding, one.waiver.by) for one in found.waived] == [(ERROR, "Ada Example")]


@pytest.mark.parametrize(
    ("policy", "changes", "code", "told"),
    [
        (Policy(), {}, "not-permitted", "nobody"),
        (PERMISSIVE, {"by": "Bob"}, "not-permitted", "'Ada Example' may"),
        (PERMISSIVE, {"until": date(2027, 12, 31)}, "not-permitted", "until 2027-02-24 at most"),
        (PERMISSIVE, {"until": None}, "not-permitted", "for ever"),
        (PERMISSIVE, {"until": date(2026, 11, 25)}, "expired", "held until 2026-11-25"),
        (PERMISSIVE, {"code": "inputs-file-emty"}, "unknown", "Did you mean 'inputs-file-empty'?"),
        (PERMISSIVE, {"code": "policy-waiver-expired"}, "unknown", "nobody tells"),
    ],
)
def test_a_waiver_that_does_not_hold_is_an_error(
    policy: Policy, changes: dict[str, object], code: str, told: str
) -> None:
    found = _weigh(policy, _waiver(**changes))
    first = found.findings[0]
    assert (first.code, first.severity) == (f"policy-waiver-{code}", "error")
    assert told in str(first)
    assert found.findings[1:] == (WARNING, ERROR)
    assert found.waived == ()


def test_a_waiver_holds_on_its_last_day() -> None:
    assert _weigh(PERMISSIVE, _waiver(until=TODAY)).waived != ()


def test_a_waiver_holds_at_its_place_only() -> None:
    found = _weigh(PERMISSIVE, _waiver(where="b/B02"))
    assert _told(found)[1:] == [("inputs-file-empty", "error"), ("policy-waiver-unused", "note")]
    assert _weigh(PERMISSIVE, _waiver(where="a/B01")).waived != ()


def test_a_code_of_an_engine_elsewhere_can_be_waived_where_it_is_told() -> None:
    foreign = ERROR.model_copy(update={"code": "fortran-too-old"})
    policy = Policy(permissions=(Permission(codes=("fortran-*",)),))
    waiver = _waiver(code="fortran-too-old")
    assert judged([foreign], [waiver], policy, Stage.VALIDATE, TODAY).findings[0].severity == "note"
    assert judged([ERROR], [waiver], policy, Stage.VALIDATE, TODAY).findings[0].code == "policy-waiver-unknown"
