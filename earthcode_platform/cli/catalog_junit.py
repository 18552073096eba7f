"""The verdict on a catalog as JUnit XML, which most systems of continuous integration read."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.cli.catalog_outcome import Outcome
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport
from earthcode_platform.models.finding import Severity

__all__ = ["as_junit"]

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no way to write, not even escaped."""


def as_junit(outcome: Outcome) -> str:
    """Return the report as XML: a suite for each kind of entry, a case for each document, a failure for its errors.

    Warnings do not fail a case; they are its output. Schemas that were skipped are properties of each suite.
    """
    report = outcome.report
    by_file: dict[str, list[CatalogFinding]] = {
        file: list(found) for file, found in groupby(report.findings, key=lambda one: one.file)
    }
    by_suite: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted({*map(_sayable, outcome.documents), *by_file}):
        by_suite[_suite(path)].append(path)
    failed = {file for file, found in by_file.items() if any(map(_is_error, found))}
    top = ET.Element("testsuites", name="earthcode-platform catalog validate")
    _count(top, [path for paths in by_suite.values() for path in paths], failed)
    for name, paths in sorted(by_suite.items()):
        suite = ET.SubElement(top, "testsuite", name=name)
        _count(suite, paths, failed)
        _properties(suite, report)
        for path in paths:
            _case(suite, name, path, by_file.get(path, ()))
    ET.indent(top)
    return ET.tostring(top, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _count(element: ET.Element, paths: Sequence[str], failed: Iterable[str]) -> None:
    element.set("tests", str(len(paths)))
    element.set("failures", str(len(set(paths).intersection(failed))))
    element.set("errors", "0")
    element.set("skipped", "0")


def _properties(suite: ET.Element, report: CatalogReport) -> None:
    told = [("mode", "strict" if report.strict else "gate"), ("schemas", str(report.schemas))]
    told += [("schema-skipped", f"{one.schema_url} ({one.documents} documents)") for one in report.skipped]
    held = ET.SubElement(suite, "properties")
    for name, value in told:
        ET.SubElement(held, "property", name=name, value=_text(value))


def _case(suite: ET.Element, name: str, path: str, found: Iterable[CatalogFinding]) -> None:
    held = list(found)
    case = ET.SubElement(suite, "testcase", classname=f"catalog.{name}", name=_text(path), file=_text(path))
    errors = [one for one in held if _is_error(one)]
    others = [one for one in held if not _is_error(one)]
    if errors:
        # Many readers take one failure a case, so it holds all of them.
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        failure = ET.SubElement(case, "failure", type=_text(errors[0].code), message=_text(errors[0].message) + more)
        failure.text = _text("\n".join(map(str, errors)))
    if others:
        ET.SubElement(case, "system-out").text = _text("\n".join(map(str, others)))


def _suite(path: str) -> str:
    entry = Kind.of(path)
    if entry is not None:
        return entry[0].value
    if path == ROOT or path in {kind.listing for kind in Kind}:
        return "listings"
    return "items"


def _is_error(found: CatalogFinding) -> bool:
    return found.severity is Severity.ERROR


def _sayable(path: str) -> str:
    """Return a path as findings say it: without lone surrogates."""
    return path.encode(errors="backslashreplace").decode()


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
