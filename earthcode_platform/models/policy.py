"""What a platform lets pass: which findings refuse at which stage, and which may be waived by whom."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.frozen import Declared, Frozen, Text

__all__ = ["Permission", "Policy", "Stage", "Waived", "Waiver"]


class Stage(StrEnum):
    """Where findings are weighed."""

    DEVELOP = "develop"
    """While the parts of the experiment are fixed."""
    VALIDATE = "validate"
    """Before the run."""
    ARCHIVE = "archive"
    """After the run, before the product is kept."""


class Waiver(Declared):
    """A finding that somebody answers for, so that it does not refuse the experiment."""

    code: Text
    """Code of the finding."""
    reason: Annotated[Text, Field(min_length=10)]
    """Why it does no harm here, in a sentence; it is published with the product."""
    by: Text
    """Who answers for it, as the platform's policy names them."""
    until: date | None = None
    """Last day on which it holds, such as 2027-01-31."""
    where: Text | None = None
    """Only findings whose place holds this text; all of the code if left out."""


class Waived(Frozen):
    """A finding that did not count, and why."""

    finding: Finding
    """The finding, as the gate told it."""
    waiver: Waiver
    """Who answers for it, and why."""


class Permission(Frozen):
    """Findings that may be waived."""

    codes: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Their codes; `*` stands for any characters, as in `reproducibility-*`."""
    by: tuple[Text, ...] = ()
    """Who may waive them; anybody if empty."""
    longest_days: int | None = Field(default=None, ge=0)
    """For how many days from now a waiver may hold at most; without end if left out."""


class Policy(Frozen):
    """What a platform lets pass. Without changes: errors refuse, at every stage, and none is waived."""

    refuses_from: dict[Stage, Severity] = Field(default={})
    """The least severity that refuses at a stage; `error` where a stage is left out."""
    refused_codes: tuple[Text, ...] = ()
    """Codes that refuse whatever their severity; `*` stands for any characters."""
    permissions: tuple[Permission, ...] = ()
    """What may be waived; nothing if empty."""
