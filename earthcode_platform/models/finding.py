"""A finding: what a gate has to say about an experiment."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from earthcode_platform.models.frozen import Frozen
from earthcode_platform.redaction import public

__all__ = ["Finding", "Severity"]


def _sayable(text: str) -> str:
    """Return `text` with lone surrogates, which no file and no terminal takes, as escapes."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


_Public = Annotated[str, AfterValidator(public), AfterValidator(_sayable)]


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """The experiment is refused."""
    WARNING = "warning"
    """The experiment runs; its author should look."""
    NOTE = "note"
    """Good to know."""


class Finding(Frozen):
    """One thing that a gate found. No text of it carries the userinfo of a URL."""

    code: str
    """Stable name of the rule, `<gate>-<what>`, such as `inputs-checksum-differs`."""
    severity: Severity
    """What the finding does to the run."""
    where: _Public
    """File (and line), key, node or asset it concerns."""
    message: _Public
    """What is wrong, in one sentence that shows the offending value."""
    remedy: _Public = ""
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.severity} [{self.code}] {self.where}: {self.message} {self.remedy}".rstrip()
