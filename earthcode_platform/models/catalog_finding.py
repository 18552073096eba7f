"""What a look at a whole catalog found: findings with file, pointer and line, and what could not be looked at."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator

from earthcode_platform.models.finding import Severity
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.redaction import public

__all__ = ["CatalogFinding", "CatalogReport", "SkippedSchema", "StaleSchema"]

_Public = Annotated[str, AfterValidator(public)]


class CatalogFinding(Frozen):
    """One thing that is wrong in one file of a catalog. No text of it carries the userinfo of a URL."""

    code: str
    """Stable name of the rule, such as `catalog-link-dangling`."""
    severity: Severity
    """Errors make the catalog invalid; warnings do not."""
    file: str
    """Path of the file inside the catalog."""
    pointer: str
    """JSON pointer (RFC 6901) of the value; that of what should hold it, if it is missing."""
    line: int
    """Line of the value in the file, from 1."""
    value: _Public
    """The offending value as JSON, shortened; empty if it is missing."""
    message: _Public
    """What is wrong, in one sentence."""
    mend: _Public
    """What to do about it."""

    @property
    def where(self) -> str:
        """File, line and pointer, such as `products/x/collection.json:12 /links/3/title`."""
        return f"{self.file}:{self.line} {self.pointer}".rstrip()

    def __str__(self) -> str:
        return f"{self.severity} [{self.code}] {self.where}: {self.message} {self.mend}".rstrip()


class SkippedSchema(Frozen):
    """A schema that documents ask for and that was not looked into."""

    schema_url: _Public
    """Its address."""
    documents: int
    """How many documents ask for it."""
    reason: _Public = ""
    """Why it was not looked into; empty if no schemas were asked for at all."""


class StaleSchema(Frozen):
    """A schema as it was some time ago: whether it has changed since could not be asked."""

    schema_url: _Public
    """Its address."""
    confirmed: datetime
    """When its server gave or confirmed it last, UTC."""
    reason: _Public
    """Why it could not be asked."""


class CatalogReport(Frozen):
    """The verdict on a whole catalog."""

    strict: bool
    """Whether it went beyond what the official validator sees."""
    documents: int
    """How many JSON documents were looked at."""
    schemas: int
    """How many schemas they were held against."""
    findings: tuple[CatalogFinding, ...]
    """What is wrong, by file and line."""
    skipped: tuple[SkippedSchema, ...]
    """The schemas that nothing was held against, by address."""
    unchecked: int
    """How many documents at least one schema was skipped of."""
    stale: tuple[StaleSchema, ...] = ()
    """The schemas that may have changed since they were fetched, by address."""

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return all(found.severity != Severity.ERROR for found in self.findings)
