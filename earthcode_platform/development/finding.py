"""Findings of `develop`: their codes begin with `develop-`."""

from earthcode_platform.models.finding import Finding, Severity

__all__ = ["found"]


def found(code: str, severity: Severity, where: str, message: str, remedy: str = "") -> Finding:
    """Return a finding with the code `develop-<code>`."""
    return Finding(code=f"develop-{code}", severity=severity, where=where, message=message, remedy=remedy)
