"""A workflow held against a back-end: what is wrong with it, and how it would be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from earthcode_platform.engines.remote_openeo.checking import GraphCheck, offer_findings, validated
from earthcode_platform.engines.remote_openeo.sending import Sender
from earthcode_platform.engines.remote_openeo.sources import source_of
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.process_graphs.document import HARMLESS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from earthcode_platform.engines.remote_openeo.offers import Offered
    from earthcode_platform.models.pinned import PinnedInput
    from earthcode_platform.process_graphs.document import Document

__all__ = ["Examined", "broken", "examine"]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came out of holding a workflow against a back-end."""

    findings: list[Finding]
    """What is wrong with it."""
    process: dict[str, Any]
    """The process graph as it would be sent; empty if its form is broken."""


def broken(document: Document) -> bool:
    """Tell whether the form of a document leaves no graph that could be looked at."""
    return document.graph is None or any(found.code not in HARMLESS for found in document.findings)


def examine(
    document: Document,
    name: str,
    inputs: Sequence[PinnedInput],
    configuration: Mapping[str, JsonValue],
    offered: Offered,
) -> Examined:
    """Hold a workflow against what a back-end offers; no job is made.

    Args:
        document: The workflow.
        name: Its file name, for the findings.
        inputs: The experiment's inputs.
        configuration: The experiment's values.
        offered: What the back-end offers.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: The back-end, or the server of an input, does not answer.
    """
    findings = list(document.findings)
    if document.graph is None or broken(document):
        return Examined(findings, {})
    backend = offered.connected.backend
    by_name = {pinned.name: pinned for pinned in inputs}
    sources = {pinned.name: source_of(pinned, backend) for pinned in inputs}
    findings += offer_findings(offered, backend.plan, backend.budget)
    findings += GraphCheck(name, offered, sources, by_name).findings(document.graph)
    values: dict[str, Any] = document.values(configuration)
    process = Sender(by_name, sources, values, offered.processes).written(document.graph)
    if not any(found.severity is Severity.ERROR for found in findings):
        findings += validated(offered, process, name)
    return Examined(findings, process)
