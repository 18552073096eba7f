"""One finding, raised."""

from earthcode_platform.errors import RefusedError
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["refusal"]


def refusal(code: str, where: str, message: str, remedy: str = "") -> RefusedError:
    """Return the error that refuses an experiment for the single reason given."""
    found = Finding(code=code, severity=Severity.ERROR, where=where, message=message, remedy=remedy)
    return RefusedError([found])
