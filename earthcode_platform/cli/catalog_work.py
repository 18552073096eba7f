"""The work behind `catalog validate`: read, judge, mend and write, each when it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.dependence import is_document
from earthcode_platform.catalog.kinds import ROOT
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.cli.catalog_outcome import Outcome
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport

if TYPE_CHECKING:
    from earthcode_platform.catalog.changed import Changes

__all__ = ["Work"]


@dataclass(frozen=True)
class Work:
    """A catalog with its verdict, before or after the mend."""

    path: Path
    """Where the catalog lies."""
    catalog: Catalog
    """As it was read."""
    schemas: Schemas
    """The official schemas that it is held against."""
    report: CatalogReport
    """The verdict."""
    changes: "Changes | None"
    """What the verdict is on; None if it is on all."""
    edits: Mapping[str, bytes] = field(default_factory=dict)
    """What the mend changes."""
    found: tuple[CatalogFinding, ...] | None = None
    """What the edits mend; None before the mend."""

    @classmethod
    def read(cls, path: Path, schemas: Schemas, *, strict: bool, since: str | None) -> Self:
        """Read the catalog at `path` and judge it, or what changed in it since a revision.

        Raises:
            InputError: There is no catalog or revision, or one of them cannot be read.
            UnavailableError: Git did not answer.
        """
        catalog = read_catalog(path)
        if since is None:
            return cls(path, catalog, schemas, validate(catalog, strict=strict, schemas=schemas), None)
        from earthcode_platform.catalog.changed import changes_since, validate_changes

        changes = changes_since(path, catalog, since)
        report = validate_changes(catalog, changes, strict=strict, schemas=schemas)
        return cls(path, catalog, schemas, report, changes)

    def require_folder(self) -> None:
        """Check that there are files to edit.

        Raises:
            InputError: The catalog is a bare repository.
        """
        if not (self.path / ROOT).is_file():
            raise InputError(
                "a bare repository has no files that --fix could edit.",
                where=str(self.path),
                remedy="Mend a clone of it, or see the mend with --fix --diff.",
            )

    def mended(self) -> Self:
        """Return the work after the mend, which nothing has written yet.

        Raises:
            InputError: A schema of the mirror cannot be used.
        """
        from earthcode_platform.catalog.mend.mending import mend

        whole = self.report
        if self.changes is not None:
            whole = validate(self.catalog, strict=whole.strict, schemas=self.schemas)
        done = mend(self.catalog, whole, schemas=self.schemas, wanted=self.report.findings)
        left = done.report
        if self.changes is not None:
            from earthcode_platform.catalog.changed import validate_changes

            after = self.catalog.with_edits(done.edits)
            left = validate_changes(after, self.changes, strict=whole.strict, schemas=self.schemas)
        # The same documents were held against the same schemas, so the counts are those from before.
        report = self.report.model_copy(update={"findings": left.findings})
        return replace(self, report=report, edits=done.edits, found=done.mended)

    @property
    def diff(self) -> bytes:
        """The unified diff of the edits."""
        from earthcode_platform.catalog.mend.difference import unified_diff

        return unified_diff(self.catalog.files, self.edits)

    def write(self) -> None:
        """Write the edits into the folder.

        Raises:
            ConflictError: A file changed since it was read.
            InputError: A file cannot be written.
        """
        from earthcode_platform.catalog.mend.writing import write_edits

        write_edits(self.path, self.catalog, self.edits)

    @property
    def outcome(self) -> Outcome:
        """What there is to tell."""
        documents = set(filter(is_document, self.catalog.files))
        if self.changes is not None:
            documents &= {*self.changes.before, *(found.file for found in self.report.findings)}
        return Outcome(
            path=self.path,
            report=self.report,
            documents=tuple(sorted(documents)),
            base=self.changes.base if self.changes else "",
            mended=self.found,
            edited=tuple(self.edits),
        )
