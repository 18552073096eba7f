"""What all gates have to say about one experiment."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.policy import Waived

__all__ = ["GateReport"]

_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_SHOWN: Final = 20
"""Findings of one code that a page spells out."""


class GateReport(Frozen):
    """The findings as they count, and what was waived."""

    experiment: str
    """Id of the experiment, or the name of its folder."""
    findings: tuple[Finding, ...]
    """What was found, weighed by the policy of the platform."""
    waived: tuple[Waived, ...] = ()
    """What did not count, and who answers for it."""

    @property
    def refused(self) -> bool:
        """Whether a finding is an error."""
        return any(found.severity == Severity.ERROR for found in self.findings)

    @property
    def verdict(self) -> str:
        """The verdict with the counts, such as `refused (2 errors, 1 note)`."""
        counts = Counter(found.severity for found in self.findings)
        told = ", ".join(f"{counts[one]} {one.value}{'s' * (counts[one] > 1)}" for one in _ORDER if counts[one])
        word = "refused" if self.refused else "accepted"
        return f"{word} ({told})" if told else word

    def markdown(self) -> str:
        """Return the report as a page: the verdict, then the findings by gate, those that refuse first."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"# {_plain(self.experiment)}: {self.verdict}"
        gates = dict.fromkeys(found.code.partition("-")[0] for found in self.findings)
        for gate in gates:
            told = [found for found in self.findings if found.code.partition("-")[0] == gate]
            yield f"\n## {gate}\n"
            for severity in _ORDER:
                yield from _by_code([found for found in told if found.severity is severity])
        if not self.findings:
            yield "\nNothing was found."


def _by_code(findings: list[Finding]) -> Iterator[str]:
    for code in dict.fromkeys(found.code for found in findings):
        same = [found for found in findings if found.code == code]
        for found in same[:_SHOWN]:
            remedy = f"→ {_plain(found.remedy)} " if found.remedy else ""
            yield f"- **{found.severity.value}** at `{_code(found.where)}`: {_plain(found.message)}  "
            yield f"  {remedy}(`{code}`)"
        if len(same) > _SHOWN:
            yield f"- … and {len(same) - _SHOWN} more of `{code}`."


def _plain(text: str) -> str:
    """Return `text` on one line, with what Markdown or HTML would read in it made harmless."""
    escaped = "".join(f"\\{one}" if one in "\\`*_[]<>|#" else one for one in text)
    return " ".join(escaped.split())


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
