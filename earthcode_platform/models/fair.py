"""How findable, accessible, interoperable and reusable something is, principle by principle."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from earthcode_platform.models.frozen import Frozen
from earthcode_platform.redaction import public

__all__ = ["FairReport", "Principle", "State"]

_Public = Annotated[str, AfterValidator(public)]


class State(StrEnum):
    """Whether a principle is met."""

    MET = "met"
    """It is, and the evidence says by what."""
    NOT_MET = "not met"
    """It is not, and the evidence says what is missing."""
    NOT_APPLICABLE = "not applicable"
    """It cannot be said, or asks for nothing here."""


class Principle(Frozen):
    """One principle, looked at."""

    name: str
    """Its name, such as R1.1."""
    asks: str
    """What it asks for, in a few words."""
    state: State
    """Whether it is met."""
    evidence: _Public
    """By what, or what is missing."""
    mend: _Public = ""
    """What to do where it is not met."""


class FairReport(Frozen):
    """Every principle of EarthCODE's list for one product, workflow or experiment."""

    kind: str
    """What it is."""
    id: str
    """Its id."""
    principles: tuple[Principle, ...]
    """In the order F, A, I, R."""

    @property
    def met(self) -> int:
        """How many principles are met."""
        return sum(one.state is State.MET for one in self.principles)

    @property
    def counted(self) -> int:
        """How many are met or not met."""
        return sum(one.state is not State.NOT_APPLICABLE for one in self.principles)

    @property
    def score(self) -> str:
        """The score in words: what is met of what applies, in all and by letter."""
        letters = []
        for letter in "FAIR":
            asked = [one for one in self.principles if one.name[0] == letter and one.state is not State.NOT_APPLICABLE]
            letters.append(f"{letter} {sum(one.state is State.MET for one in asked)}/{len(asked)}")
        return f"{self.met} of the {self.counted} principles that apply ({', '.join(letters)})"

    def markdown(self) -> str:
        """Return the report as a page: the score, then every principle with its evidence."""
        rows = [
            f"| {one.name} | {one.state.value} | {one.asks} | {_cell(f'{one.evidence} {one.mend}'.rstrip())} |"
            for one in self.principles
        ]
        head = (
            f"# {self.kind} {self.id}: {self.score}\n\n| principle | state | asks for | evidence |\n|---|---|---|---|"
        )
        return "\n".join([head, *rows]) + "\n"


def _cell(text: str) -> str:
    """Return `text` as the cell of a table, with what Markdown or HTML would read in it made harmless."""
    return " ".join("".join(f"\\{one}" if one in "\\`*_[]<>|" else one for one in text).split())
