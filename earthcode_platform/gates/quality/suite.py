"""The suite of an experiment: read, and refused with everything that is wrong in it, before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from earthcode_platform.errors import MissingExtraError, nearest
from earthcode_platform.gates.quality.arguments import wrong_arguments
from earthcode_platform.gates.quality.vocabulary import Known, known_expectations
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.quality import EXPECTATIONS_FILE, Table
from earthcode_platform.redaction import public

__all__ = ["Expectation", "Suite", "finding", "read_suite"]

_OF_A_SUITE: Final = ("name", "expectations", "meta", "notes", "id", "suite_parameters")
_OF_AN_EXPECTATION: Final = ("type", "kwargs", "meta", "notes", "description", "severity", "id", "rendered_content")
_SEVERITIES: Final = {"critical": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}
"""What Great Expectations calls them (1.x, FailureSeverity); critical is the default there."""
_MOST: Final = 1000
"""Expectations of a suite."""
_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a suite."""


@dataclass(frozen=True)
class Expectation:
    """One expectation of a suite."""

    at: int
    """Its place in the suite, from 0."""
    type: str
    """Its name."""
    kwargs: dict[str, Any]
    """Its keyword arguments."""
    table: Table
    """What it is about."""
    severity: Severity
    """What it means if it is not met."""
    why: str
    """What the author says about it."""


@dataclass(frozen=True)
class Suite:
    """The expectations of an experiment."""

    name: str
    """What the author calls it."""
    expectations: tuple[Expectation, ...]
    """All of them, in their order."""

    def about(self, table: Table) -> tuple[Expectation, ...]:
        """Return those about one table."""
        return tuple(one for one in self.expectations if one.table is table)


def finding(code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    """Return a finding of this gate."""
    return Finding(code=f"quality-{code}", severity=severity, where=where, message=message, remedy=remedy)


def read_suite(path: Path) -> tuple[Suite, list[Finding]]:
    """Return the suite in a file, in Great Expectations' own JSON, and all that is wrong with it.

    An expectation names its table in `meta`: `{"table": "inputs"}`, which is the default, or `"product"`. Great
    Expectations itself is not imported: its package holds a JSON Schema of each expectation.
    """
    try:
        known = known_expectations()
    except MissingExtraError as error:
        return Suite("", ()), [finding("no-library", EXPECTATIONS_FILE, error.message, error.remedy)]
    try:
        content = _read(path)
    except ValueError as error:
        remedy = 'Write a suite: {"name": "…", "expectations": [{"type": "…", "kwargs": {…}}]}.'
        return Suite("", ()), [
            finding("no-suite", EXPECTATIONS_FILE, f"it is no suite of expectations: {error}.", remedy)
        ]
    findings = list(_unknown_keys(content, _OF_A_SUITE, EXPECTATIONS_FILE))
    if content.get("suite_parameters"):
        message = "it uses suite parameters, and there is nothing here that fills them in."
        findings.append(
            finding("no-suite", f"{EXPECTATIONS_FILE}: suite_parameters", message, "Write the values themselves.")
        )
    expectations = []
    for at, entry in enumerate(content["expectations"]):
        wrong = list(_wrong(entry, f"{EXPECTATIONS_FILE}: expectations[{at}]", known))
        findings += wrong
        if not wrong:
            expectations.append(_expectation(at, entry))
    return Suite(content["name"], tuple(expectations)), findings


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
        content = json.loads(raw) if len(raw) <= _LARGEST else None
    except (OSError, ValueError, RecursionError) as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        raise ValueError(f"it cannot be read as JSON ({told})") from None
    if content is None:
        raise ValueError(f"it holds {len(raw):,} bytes, and {_LARGEST:,} are read")
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - the caller makes one finding of all of these
    if not isinstance(content.get("name"), str) or not content["name"].strip():
        raise ValueError("it has no 'name'")
    listed = content.get("expectations")
    if not isinstance(listed, list) or not listed:
        raise ValueError("it has no list of 'expectations'")
    if len(listed) > _MOST:
        raise ValueError(f"it has {len(listed):,} expectations, and {_MOST:,} are evaluated")
    return content


def _unknown_keys(content: Mapping[str, Any], known: Sequence[str], where: str) -> Iterator[Finding]:
    for key in content:
        if key not in known:
            close = nearest(key, known)
            remedy = f"Did you mean {close!r}?" if close else f"Known: {', '.join(known)}."
            yield finding("unknown-key", where, f"{key!r} is no key of it.", remedy)


def _wrong(entry: object, where: str, known: Mapping[str, Known]) -> Iterator[Finding]:
    if not isinstance(entry, dict):
        yield finding("no-suite", where, "an expectation is a JSON object.", "Give it 'type' and 'kwargs'.")
        return
    yield from _unknown_keys(entry, _OF_AN_EXPECTATION, where)
    yield from _wrong_meaning(entry, where)
    name = entry.get("type")
    if not isinstance(name, str) or name not in known:
        close = nearest(str(name), known)
        remedy = f"Did you mean {close!r}?" if close else "Great Expectations lists them in its gallery."
        yield finding("unknown-expectation", where, f"there is no expectation {public(name)!r}.", remedy)
        return
    if not known[name].on_tables:
        remedy = "Take one for tables in memory."
        yield finding("unknown-expectation", where, f"{name!r} is about a database, and this is a table.", remedy)
        return
    for code, message, remedy in wrong_arguments(entry.get("kwargs", {}), known[name]):
        yield finding(code, where, message, remedy)


def _wrong_meaning(entry: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """Yield what is wrong with the table and the severity that an expectation names."""
    meta = entry.get("meta") or {}
    table = meta.get("table", Table.INPUTS) if isinstance(meta, dict) else None
    if table not in tuple(Table):
        message = f"its meta names the table {table!r}."
        yield finding("unknown-table", where, message, f"Take one of: {', '.join(Table)}.")
    severity = entry.get("severity", "critical")
    if not isinstance(severity, str) or severity not in _SEVERITIES:
        message = f"{severity!r} is no severity."
        yield finding("unknown-severity", where, message, f"Take one of: {', '.join(_SEVERITIES)}.")


def _expectation(at: int, entry: Mapping[str, Any]) -> Expectation:
    notes = entry.get("notes") or entry.get("description") or ""
    return Expectation(
        at=at,
        type=entry["type"],
        kwargs=dict(entry.get("kwargs", {})),
        table=Table((entry.get("meta") or {}).get("table", Table.INPUTS)),
        severity=_SEVERITIES[entry.get("severity", "critical")],
        why=" ".join(map(str, notes)) if isinstance(notes, list) else str(notes),
    )
