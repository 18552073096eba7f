"""What a rule is, and how the file of an entity kind registers its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.models.finding import Severity

__all__ = ["Check", "Fault", "Rule", "RuleBook"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a document breaks a rule."""

    pointer: str
    """JSON pointer of the value, or of what lacks it."""
    message: str
    """What is wrong, in one sentence."""
    mend: str
    """What to do about it."""
    value: JsonValue = None
    """The offending value; None if it is missing."""


Check: TypeAlias = Callable[[Inspection], Iterator[Fault]]
"""A rule's function: it yields nothing for a document that is right."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its name and weight."""

    code: str
    """Stable name; a finding's code is `catalog-<code>`."""
    severity: Severity
    """What breaking it does to the verdict in strict mode, and of a rule without an exception in gate mode too."""
    strict: bool
    """Whether only strict mode applies it, because the official validator does not see such faults."""
    check: Check
    """Its function, whose docstring says where it comes from."""
    exception: str = ""
    """Number of the exception it stands for: the official validator is wrong there, and gate mode only warns."""

    def weight(self, *, strict: bool) -> Severity:
        """Return the severity of its findings in a mode."""
        return Severity.WARNING if self.exception and not strict else self.severity


class RuleBook:
    """The rules of one kind of document, in the order they were registered."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def __repr__(self) -> str:
        return f"<RuleBook of {len(self.rules)} rules>"

    def gate(self, code: str) -> Callable[[Check], Check]:
        """Register a rule of the official validator's."""
        return self._register(code, Severity.ERROR, strict=False)

    def strict(self, code: str, severity: Severity = Severity.ERROR) -> Callable[[Check], Check]:
        """Register a rule that the official validator does not know."""
        return self._register(code, severity, strict=True)

    def excepted(self, exception: str, code: str, severity: Severity = Severity.ERROR) -> Callable[[Check], Check]:
        """Register a written rule that the official validator gets wrong, by the number of the exception."""
        return self._register(code, severity, strict=False, exception=exception)

    def _register(
        self, code: str, severity: Severity, *, strict: bool, exception: str = ""
    ) -> Callable[[Check], Check]:
        def register(check: Check) -> Check:
            self.rules.append(Rule(code, severity, strict, check, exception))
            return check

        return register
