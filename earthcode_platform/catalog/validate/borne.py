"""A rule that fails on a document nobody thought of is a fault of that document; everything else is looked at."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, Rule
from earthcode_platform.errors import EarthCodeError

__all__ = ["borne"]

_CRASHES: Final = (ArithmeticError, AttributeError, EarthCodeError, LookupError, RecursionError, TypeError, ValueError)
"""What code raises on values of a kind or shape that it does not expect; others, such as no memory, are not its own."""
_LONGEST: Final = 200


def borne(rule: Rule, entry: Inspection) -> Iterator[Fault]:
    """Yield what a rule has against a document; that the rule cannot look at it is a fault too."""
    try:
        yield from rule.check(entry)
    except _CRASHES as error:
        said = f"the rule {rule.code!r} could not look at it: {type(error).__name__}: {str(error)[:_LONGEST]}"
        mend = "Look whether the document is odd; the rule should bear it: report that."
        yield Fault("", f"{said.rstrip('.')}.", mend)
