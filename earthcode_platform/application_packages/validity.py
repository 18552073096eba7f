"""Whether a package is CWL at all: our own look at its steps, then the schemas and the type checker of cwltool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.application_packages.loading import Confined, LoadError, load
from earthcode_platform.application_packages.structure import check_structure
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.models.finding import Finding

__all__ = ["check_document", "entry_of"]


def check_document(package: Package, schemas: Sequence[Path] = ()) -> list[Finding]:
    """Return what is wrong with the documents and the steps of a package; what hangs on another finding is left out.

    Args:
        package: The package, as it was read.
        schemas: Folders with documents of the web that it may import, as `<host>/<path>`.
    """
    findings = [*package.findings, *check_structure(package)]
    if package.main is None or any(one.severity == Severity.ERROR for one in findings):
        return findings
    try:
        load(entry_of(package), Confined(package.folder, tuple(schemas)))
    except LoadError as error:
        findings += error.findings
    return findings


def entry_of(package: Package) -> str:
    """Return the path of the entry, with `#fragment` if its document holds several processes."""
    fragment = package.main.label.partition("#")[2] if package.main else ""
    return f"{package.entry}#{fragment}" if fragment else str(package.entry)
