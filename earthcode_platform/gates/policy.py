"""Which of the findings refuse, by the policy of the platform and the waivers of the experiment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Final

from earthcode_platform.errors import nearest
from earthcode_platform.finding_codes.registry import families, is_declared
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.policy import Permission, Policy, Stage, Waived, Waiver

__all__ = ["Judged", "judged"]

_WEIGHTS: Final = (Severity.NOTE, Severity.WARNING, Severity.ERROR)
_OWN: Final = "policy-"
"""Findings about waivers are not waived."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings as they count on a platform."""

    findings: tuple[Finding, ...]
    """Those that refuse are errors; those that are waived are notes."""
    waived: tuple[Waived, ...]
    """What would have refused, or warned, and who answers for it."""


def judged(findings: Iterable[Finding], waivers: Sequence[Waiver], policy: Policy, stage: Stage, today: date) -> Judged:
    """Return the findings as they count.

    A waiver that is expired, that names a code which nobody tells, or that the policy does not permit is an error of
    its own, and has no effect; one that meets no finding is a note.

    Args:
        findings: What the gates found.
        waivers: What the experiment, or whoever starts the run, wants to be passed over.
        policy: What the platform lets pass.
        stage: Where the findings are weighed.
        today: The day on which waivers must hold.
    """
    findings = tuple(findings)
    told = {found.code for found in findings}
    bad = {at: problem for at, one in enumerate(waivers) if (problem := _problem(one, policy, told, today)) is not None}
    sound = [one for at, one in enumerate(waivers) if at not in bad]
    waived = [Waived(finding=found, waiver=one) for found in findings if (one := _waiver(found, sound)) is not None]
    used = [one.waiver for one in waived]
    unused = () if stage is not Stage.VALIDATE else tuple(_unused(one) for one in sound if one not in used)
    passed = {id(one.finding): one for one in waived}
    weighed = [_as_waived(passed[id(one)]) if id(one) in passed else _weighed(one, policy, stage) for one in findings]
    return Judged((*bad.values(), *weighed, *unused), tuple(waived))


def _weighed(found: Finding, policy: Policy, stage: Stage) -> Finding:
    least = policy.refuses_from.get(stage, Severity.ERROR)
    refuses = _WEIGHTS.index(found.severity) >= _WEIGHTS.index(least)
    refuses = refuses or any(fnmatchcase(found.code, pattern) for pattern in policy.refused_codes)
    if not refuses or found.severity == Severity.ERROR:
        return found
    message = f"{found.message} This platform refuses it."
    return found.model_copy(update={"severity": Severity.ERROR, "message": message})


def _waiver(found: Finding, waivers: Iterable[Waiver]) -> Waiver | None:
    if found.code.startswith(_OWN):
        return None
    return next((one for one in waivers if one.code == found.code and (one.where or "") in found.where), None)


def _as_waived(waived: Waived) -> Finding:
    message = f"{waived.finding.message} Waived by {waived.waiver.by}: {waived.waiver.reason}"
    return waived.finding.model_copy(update={"severity": Severity.NOTE, "message": message, "remedy": ""})


def _problem(waiver: Waiver, policy: Policy, told: set[str], today: date) -> Finding | None:
    if waiver.code.startswith(_OWN) or not (is_declared(waiver.code) or waiver.code in told):
        close = nearest(waiver.code, {code for family in families() for code in family.rules})
        remedy = f"Did you mean {close!r}?" if close else "docs/findings.md lists the codes."
        return _found("waiver-unknown", waiver, "it waives a finding that nobody tells.", remedy)
    if waiver.until is not None and waiver.until < today:
        remedy = "Mend the finding, or ask for another term."
        return _found("waiver-expired", waiver, f"it held until {waiver.until}, and today is {today}.", remedy)
    granted = [one for one in policy.permissions if any(fnmatchcase(waiver.code, code) for code in one.codes)]
    if not granted:
        remedy = "Mend the finding, or ask the platform's operator to permit it."
        return _found("waiver-not-permitted", waiver, "this platform lets nobody waive it.", remedy)
    reasons = [reason for one in granted if (reason := _withheld(waiver, one, today))]
    if len(reasons) == len(granted):
        return _found("waiver-not-permitted", waiver, reasons[0], "Let somebody do it who may, or shorten its term.")
    return None


def _withheld(waiver: Waiver, permission: Permission, today: date) -> str:
    if permission.by and waiver.by not in permission.by:
        return f"{waiver.by!r} may not waive it; {', '.join(map(repr, permission.by))} may."
    if permission.longest_days is None:
        return ""
    last = today + timedelta(days=permission.longest_days)
    if waiver.until is None or waiver.until > last:
        return f"it may hold until {last} at most, and holds {f'until {waiver.until}' if waiver.until else 'for ever'}."
    return ""


def _unused(waiver: Waiver) -> Finding:
    return _found("waiver-unused", waiver, "nothing was found that it waives.", "Take it out.", Severity.NOTE)


def _found(code: str, waiver: Waiver, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    where = f"waiver of {waiver.code}"
    return Finding(code=f"policy-{code}", severity=severity, where=where, message=message, remedy=remedy)
