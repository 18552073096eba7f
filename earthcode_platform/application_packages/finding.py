"""Findings about a CWL package."""

from __future__ import annotations

from earthcode_platform.models.finding import Finding, Severity

__all__ = ["found"]


def found(code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    """Return the finding `workflow-<code>` about a document, step, tool or input of the package."""
    return Finding(code=f"workflow-{code}", severity=severity, where=where, message=message, remedy=remedy)
