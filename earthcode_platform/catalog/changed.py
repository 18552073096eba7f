"""What a branch changed in a catalog, and the verdict on that alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earthcode_platform.catalog.checkout_git import ask_git, read_blobs
from earthcode_platform.catalog.dependence import dependents, validate_part
from earthcode_platform.catalog.kinds import ROOT
from earthcode_platform.catalog.plumbing import Outcome
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_drift import drift
from earthcode_platform.models.catalog_finding import CatalogReport

__all__ = ["Changes", "changes_since", "validate_changes"]

_FILE_MODES: Final = ("100644", "100755")
_DIFF: Final = (
    *("diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv"),
    *("--ignore-submodules=all", "--relative"),
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a catalog and the commit that a branch began at."""

    base: str
    """The commit: the merge base of HEAD and the revision that was asked for."""
    before: Mapping[str, bytes | None]
    """Content at that commit of every file that differs now, by path; None if it was not there."""


def changes_since(folder: Path, catalog: Catalog, revision: str) -> Changes:
    """Return what changed in a catalog since a branch left `revision`.

    As in a pull request, the comparison is with the merge base of HEAD and the revision, so that what others merged
    meanwhile is nobody's change here. In a checkout everything counts that lies in the folder: committed, staged,
    unstaged and untracked files, and those that are gone. In a bare repository it is HEAD that is compared.

    Args:
        folder: Folder of the catalog, which may be a part of a checkout, or a bare repository.
        catalog: The catalog as it was read from there.
        revision: A branch, tag or commit.

    Raises:
        InputError: The folder is in no git repository, or there is no such revision, or no commit that both share.
    """
    base = _merge_base(folder, revision)
    bare = not (folder / ROOT).is_file()
    listed = _require(ask_git(folder, *_DIFF, base, *(["HEAD", "--"] if bare else ["--", "."])), folder)
    before = _differing(folder, listed)
    if not bare:
        tracked = _require(ask_git(folder, "ls-files", "-z"), folder).out.decode(errors="surrogateescape").split("\0")
        before |= dict.fromkeys(set(catalog.files).difference(tracked, before))
    return Changes(base, {path: held for path, held in before.items() if held != catalog.files.get(path)})


def validate_changes(
    catalog: Catalog, changes: Changes, *, strict: bool = False, schemas: Schemas | None = None
) -> CatalogReport:
    """Return everything that is wrong with the documents that changed, and what the changes broke in others.

    Findings in changed documents are all told. Of the others, those documents are looked at whose verdict can depend on
    the changed ones, and only findings that they did not have before are told.

    Args:
        catalog: The catalog as it is.
        changes: What changed in it.
        strict: Apply also the rules on what the official validator does not see.
        schemas: The official schemas, for the changed documents; no change elsewhere makes a schema refuse another.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    report = validate_part(catalog, changes.before, strict=strict, schemas=schemas)
    # Only now: what has been read of the catalog need not be read again of its earlier state.
    before = catalog.with_edits(changes.before)
    around = dependents(before, catalog, changes.before)
    now = validate_part(catalog, around, strict=strict)
    files = {found.file for found in now.findings}
    suspects = {path for path in around if path.encode(errors="backslashreplace").decode() in files}
    then = validate_part(before, suspects, strict=strict)
    findings = sorted((*report.findings, *drift(then.findings, now.findings).new), key=lambda found: found.file)
    return report.model_copy(update={"findings": tuple(findings), "documents": report.documents + now.documents})


def _merge_base(folder: Path, revision: str) -> str:
    if not revision or revision.startswith("-"):
        raise _unknown(folder, revision)
    done = ask_git(folder, "merge-base", "HEAD", revision)
    if done.code == 0:
        return done.text
    inside = ask_git(folder, "rev-parse", "--git-dir")
    if inside.code:
        raise InputError(
            f"it is in no git repository that can be read ({inside.complaint.removeprefix('fatal: ')}).",
            where=str(folder),
            remedy="Leave --changed-since out, or name a checkout.",
        )
    if ask_git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").code:
        raise _unknown(folder, revision)
    raise InputError(
        f"HEAD and {revision!r} have no commit in common.",
        where=str(folder),
        remedy="Fetch more of the history (git fetch --unshallow), or name another revision.",
    )


def _unknown(folder: Path, revision: str) -> InputError:
    return InputError(
        f"the repository knows no revision {revision!r}.",
        where=str(folder),
        remedy="Name a branch, tag or commit, such as origin/main; fetch it first if it is missing.",
    )


def _differing(folder: Path, listed: Outcome) -> dict[str, bytes | None]:
    """Return the earlier content of the files in a raw diff; hidden ones, links and submodules are no part of it."""
    words = listed.out.decode(errors="surrogateescape").split("\0")[:-1]
    rows: dict[str, str] = {}
    for head, path in zip(words[::2], words[1::2], strict=True):
        mode, _, blob, _, status = head.removeprefix(":").split(" ")
        # A conflict has two rows, and only the other one knows what was there.
        if status == "U" or path.startswith(".") or "/." in path:
            continue
        rows[path] = blob if mode in _FILE_MODES else ""
    contents = iter(read_blobs(folder, [blob for blob in rows.values() if blob]))
    return {path: next(contents) if blob else None for path, blob in rows.items()}


def _require(outcome: Outcome, folder: Path) -> Outcome:
    if outcome.code:
        raise InputError(
            f"git cannot compare it: {outcome.complaint.removeprefix('fatal: ')}.",
            where=str(folder),
            remedy="Check the repository with git status.",
        )
    return outcome
