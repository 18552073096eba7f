"""What the watch on a catalog saw: a whole report of one run, its line in the trend, and the verdict in short."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from earthcode_platform.models.catalog_drift import CatalogDrift
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.redaction import public

__all__ = [
    "AssetLook",
    "DocumentLook",
    "LinkLook",
    "Suspect",
    "TrendRow",
    "WatchReport",
    "WatchVerdict",
    "Watched",
    "counted",
    "tally",
]

_Public = Annotated[str, AfterValidator(public)]


class DocumentLook(Frozen):
    """What came of validating the documents."""

    commit: str
    """Full hash of the commit that was looked at."""
    moment: datetime
    """When the look began, UTC."""
    basis: str
    """What the documents were held against: rules and schemas. Findings of another basis are of no use to this one."""
    documents: int
    """How many documents the catalog has."""
    looked: int
    """How many of them were looked at; of the others the findings of the run before stand."""
    skipped: int
    """How many schemas nothing was held against."""
    findings: tuple[CatalogFinding, ...]
    """What is wrong, by file and line."""


class LinkLook(Frozen):
    """What came of asking for external addresses."""

    addresses: int = 0
    """How many distinct external addresses the catalog names."""
    requests: int = 0
    """How many requests were made."""
    states: dict[str, int] = Field(default_factory=dict)
    """How many addresses are in each state of `LinkState`."""
    findings: tuple[CatalogFinding, ...] = ()
    """What is wrong with them."""


class Suspect(Frozen):
    """A file that differed, or could not be read, when it was last compared: the next look takes it again."""

    file: str
    """Path of the catalog's document that names it, or names its delivery."""
    href: str
    """The address as the document writes it: of the file, or of the delivery's collection."""
    document: str
    """Address of the delivery's document that records it; empty if the catalog's document does."""
    asset: str
    """Its key among the document's assets or the number of the link; empty if the delivery itself was not readable."""


class AssetLook(Frozen):
    """What came of comparing files with the checksums recorded of them."""

    turn: int = 0
    """Which turn it was, from 0: one a day. A turn takes one of `parts` equal parts of what is recorded."""
    parts: int = 1
    """How many turns it takes until everything was compared once."""
    recorded: int = 0
    """How many files and deliveries the catalog names that can be compared."""
    compared: int = 0
    """How many files were read to their end and compared."""
    requests: int = 0
    """How many requests were made."""
    findings: tuple[CatalogFinding, ...] = ()
    """Those that differ, and those that could not be read."""
    suspects: tuple[Suspect, ...] = ()
    """What the findings are about, in the same order."""


class TrendRow(Frozen):
    """One run of the watch in one line."""

    moment: datetime
    """When it began, UTC."""
    commit: str
    """The commit it looked at."""
    errors: int
    """How many findings are errors."""
    warnings: int
    """How many are warnings."""
    notes: int
    """How many are notes."""
    new: int
    """How many the run before had not; 0 in the first run."""
    gone: int
    """How many only the run before had."""
    codes: dict[str, int]
    """How many findings each rule has."""
    seconds: float
    """How long the run took."""
    requests: int
    """How many requests it made."""


class WatchReport(Frozen):
    """Everything that one run of the watch leaves for the next."""

    catalog: _Public
    """Path or address of the catalog's repository."""
    documents: DocumentLook
    """What came of the documents."""
    links: LinkLook
    """What came of the external links."""
    assets: AssetLook
    """What came of the files."""

    @property
    def findings(self) -> tuple[CatalogFinding, ...]:
        """Everything that is wrong: documents, then links, then files."""
        return (*self.documents.findings, *self.links.findings, *self.assets.findings)

    @property
    def requests(self) -> int:
        """How many requests the run made."""
        return self.links.requests + self.assets.requests


class Watched(Frozen):
    """One run of the watch beside the one before: what its page shows."""

    catalog: _Public
    """Path or address of the catalog's repository."""
    first: bool
    """Whether there was no run before: then nothing is new, however much is wrong."""
    rebased: bool
    """Whether the run before held the documents against other rules or schemas."""
    documents: DocumentLook
    """What came of the documents, without their findings: `drift` has them."""
    links: LinkLook
    """What came of the external links, without their findings."""
    assets: AssetLook
    """What came of the files, without their findings."""
    drift: CatalogDrift
    """What is new, gone and still there."""
    trend: tuple[TrendRow, ...]
    """The last runs, this one last."""

    @property
    def findings(self) -> tuple[CatalogFinding, ...]:
        """Everything that is wrong now, what is new first and errors before the rest."""
        ranks = list(Severity)
        new, still = (
            sorted(one, key=lambda each: ranks.index(each.severity)) for one in (self.drift.new, self.drift.still)
        )
        return (*new, *still)

    @property
    def verdict(self) -> "WatchVerdict":
        """The whole in a few numbers."""
        row = self.trend[-1]
        return WatchVerdict(
            catalog=self.catalog,
            commit=row.commit,
            first=self.first,
            errors=row.errors,
            warnings=row.warnings,
            notes=row.notes,
            new_errors=tally(self.drift.new)[Severity.ERROR],
            new=len(self.drift.new),
            gone=len(self.drift.gone),
            requests=row.requests,
            seconds=row.seconds,
        )


class WatchVerdict(Frozen):
    """The outcome of one run of the watch in a few numbers."""

    catalog: _Public
    """Path or address of the catalog's repository."""
    commit: str
    """The commit it looked at."""
    first: bool
    """Whether there was no run before to compare with."""
    errors: int
    """How many findings are errors."""
    warnings: int
    """How many are warnings."""
    notes: int
    """How many are notes."""
    new_errors: int
    """How many errors the run before had not."""
    new: int
    """How many findings the run before had not, errors included."""
    gone: int
    """How many findings only the run before had."""
    requests: int
    """How many requests were made."""
    seconds: float
    """How long the run took."""

    @property
    def valid(self) -> bool:
        """Whether nothing that was found is an error."""
        return self.errors == 0

    @property
    def worse(self) -> bool:
        """Whether an error is new."""
        return self.new_errors > 0

    def __str__(self) -> str:
        said = ["valid" if self.valid else counted(self.errors, "error")]
        said += [counted(count, noun) for count, noun in ((self.warnings, "warning"), (self.notes, "note")) if count]
        if self.first:
            return ", ".join([*said, "first run"])
        changes = [f"{count} {word}" for count, word in ((self.new, "new"), (self.gone, "gone")) if count]
        return ", ".join([*said, *(changes or ["nothing new"])])


def tally(findings: Sequence[CatalogFinding]) -> Counter[Severity]:
    """Return how many findings there are of each severity."""
    return Counter(found.severity for found in findings)


def counted(count: int, noun: str) -> str:
    """Return a count in words, such as `1 error` or `2 errors`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
