"""What a look at a results repository found."""

from datetime import datetime

from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.frozen import Frozen

__all__ = ["ArchiveReport"]


class ArchiveReport(Frozen):
    """Whether what is archived is what was archived."""

    moment: datetime
    """When the look began, UTC."""
    turn: int
    """Which part of the files was read back; every version's list of files and sizes is compared each time."""
    parts: int
    """How many parts there are; with one, everything was read back."""
    versions: int
    """How many versions of products there are."""
    files: int
    """How many files they have by their manifests."""
    compared: int
    """How many of them were read back."""
    size: int
    """Bytes that were read back."""
    findings: tuple[Finding, ...]
    """What is wrong; errors all of them."""

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(found.severity is Severity.ERROR for found in self.findings)

    def __str__(self) -> str:
        said = f"{self.errors} error" + ("s" * (self.errors != 1)) if self.errors else "intact"
        of = "" if self.parts == 1 else f" (part {self.turn + 1} of {self.parts})"
        return f"{said}: {self.versions} versions, {self.compared} of {self.files} files read back{of}"
