"""Findings of this gate."""

from earthcode_platform.models.finding import Finding, Severity

__all__ = ["finding"]


def finding(code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    """Return a finding of the product gate; an error keeps the product out of the archive."""
    return Finding(code=f"product-{code}", severity=severity, where=where, message=message, remedy=remedy)
