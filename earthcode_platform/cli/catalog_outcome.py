"""What `catalog validate` found out, in one piece: what every format of a report is made of."""

from dataclasses import dataclass
from pathlib import Path

from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport

__all__ = ["Outcome", "repository_prefix"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A validated catalog."""

    path: Path
    """Where the catalog lies, as it was named."""
    report: CatalogReport
    """The verdict; after the mend, if there was one."""
    documents: tuple[str, ...]
    """Paths of the documents that the verdict is on."""
    base: str = ""
    """The commit since which changes were looked at; empty if the whole catalog was."""
    mended: tuple[CatalogFinding, ...] | None = None
    """The findings that the mend got rid of; None if none was asked for."""
    edited: tuple[str, ...] = ()
    """The files that the mend changes."""

    @property
    def title(self) -> str:
        """What the catalog is called; bytes that are no text stand there as escapes."""
        return str(self.path).encode(errors="backslashreplace").decode()


def repository_prefix(path: Path) -> str:
    """Return the address of the catalog's folder inside its git repository, with a slash; empty if it is the top."""
    folder = path.resolve()
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            inside = folder.relative_to(above).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""
