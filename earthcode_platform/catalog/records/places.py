"""What an address of code leads to, as far as the address itself tells. Nothing is asked of the network."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from earthcode_platform.models.catalog_code import CodeForm, Pin

__all__ = ["BARE_DOI", "Place", "pin_of", "place_of"]

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION: Final = re.compile(r"[vV]?\d+(?:\.\d+)+\S*")
BARE_DOI: Final = re.compile(r"(?P<scheme>(?:doi:\s*)?)10\.\d{4,9}/", re.IGNORECASE)
"""The beginning of a DOI without an address around it."""
_ARCHIVES: Final = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".gz", ".7z")
_PAGES: Final = (".html", ".htm", ".php", ".md")
_WITHOUT_SUFFIX: Final = ("MLmodel", "Dockerfile", "Snakefile", "Makefile")
_RESOLVERS: Final = ("doi.org", "dx.doi.org", "www.doi.org", "hdl.handle.net", "zenodo.org", "www.zenodo.org")
_SHORTEST: Final = 2
"""Segments of the path of a repository: owner and name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads."""

    href: str
    """Address of the file itself or of the repository, or as it was."""
    form: CodeForm
    """What is there."""
    reference: str = ""
    """Commit, tag or branch."""
    path: str = ""
    """Path inside a repository."""
    pin: Pin = Pin.NOTHING
    """What fixes it."""


def place_of(href: str, *, branch: str = "") -> Place:
    """Return where `href` leads.

    A page of GitHub or GitLab that shows a file becomes the address of the file; one that shows a folder or the top of
    a repository becomes the repository's; a bare DOI becomes its address. A branch is taken to have no `/` in its name,
    unless the address says `refs/`.

    Args:
        href: The address.
        branch: Branch that the link names besides, for a repository.

    >>> place_of("https://github.com/a/b/blob/main/c/d.ipynb").href
    'https://raw.githubusercontent.com/a/b/main/c/d.ipynb'
    >>> place_of("https://github.com/a/b/tree/main").href
    'https://github.com/a/b'
    """
    doi = BARE_DOI.match(href)
    if doi:
        return Place(f"https://doi.org/{href[doi.end('scheme') :]}", CodeForm.LANDING_PAGE)
    try:
        parts = urlsplit(href)
    except ValueError:
        return Place(href, CodeForm.PAGE)
    segments = [unquote(one) for one in parts.path.split("/") if one]
    host = (parts.hostname or "").lower()
    if host in ("github.com", "www.github.com"):
        return _github(href, segments, branch)
    if host in _RESOLVERS:
        return _deposit(href, segments)
    if host == "raw.githubusercontent.com" and len(segments) > _SHORTEST:
        reference, path, pin = _reference(segments[_SHORTEST:])
        return Place(href, _file_form(path), reference, path, pin)
    return _elsewhere(href, parts, segments, branch)


def pin_of(reference: str) -> Pin:
    """Return what a commit, tag or branch fixes; a name that looks like a version counts as a tag.

    >>> pin_of("main").value, pin_of("v1.0.2").value, pin_of("").value
    ('branch', 'tag', 'nothing')
    """
    if not reference:
        return Pin.NOTHING
    if _COMMIT.fullmatch(reference):
        return Pin.COMMIT
    return Pin.TAG if _VERSION.fullmatch(reference) else Pin.BRANCH


def _elsewhere(href: str, parts: SplitResult, segments: list[str], branch: str) -> Place:
    if "/-/" in parts.path:
        return _gitlab(href, parts)
    if parts.path.endswith(".git") or parts.scheme in ("git", "ssh"):
        return Place(href, CodeForm.REPOSITORY, branch, "", pin_of(branch))
    return Place(href, _form(parts, segments))


def _github(href: str, segments: list[str], branch: str) -> Place:
    if len(segments) < _SHORTEST:
        return Place(href, CodeForm.PAGE)
    owner, name = segments[0], segments[1].removesuffix(".git")
    repository = f"https://github.com/{owner}/{name}"
    if len(segments) == _SHORTEST:
        return Place(repository, CodeForm.REPOSITORY, branch, "", pin_of(branch))
    view, rest = segments[2], segments[3:]
    if view in ("blob", "raw", "tree") and rest:
        return _viewed(repository, view, rest)
    return _version(href, repository, view, rest)


def _version(href: str, repository: str, view: str, rest: list[str]) -> Place:
    """Return where an address of a commit, a release or a packed state of a GitHub repository leads."""
    if view == "commit" and rest:
        return Place(repository, CodeForm.REPOSITORY, rest[0], "", pin_of(rest[0]))
    if view == "releases" and rest[1:]:
        if rest[0] == "tag":
            return Place(repository, CodeForm.REPOSITORY, rest[1], "", Pin.TAG)
        return Place(href, _file_form(rest[-1]), rest[1], "", Pin.TAG)
    if view == "archive" and rest:
        reference, _, pin = _reference([*rest[:-1], re.sub(r"\.(zip|tar\.gz)$", "", rest[-1])])
        return Place(href, CodeForm.ARCHIVE, reference, "", pin)
    return Place(href, CodeForm.PAGE)


def _viewed(repository: str, view: str, rest: list[str]) -> Place:
    reference, path, pin = _reference(rest)
    if not path:
        return Place(repository, CodeForm.REPOSITORY, reference, "", pin)
    if view == "tree":
        return Place(repository, CodeForm.FOLDER, reference, path, pin)
    raw = repository.replace("https://github.com/", "https://raw.githubusercontent.com/")
    return Place(f"{raw}/{_quoted(rest)}", _file_form(path), reference, path, pin)


def _reference(rest: list[str]) -> tuple[str, str, Pin]:
    """Return the reference at the start of `rest`, the path behind it, and what the reference fixes."""
    if rest[:1] == ["refs"] and rest[2:]:
        pin = Pin.TAG if rest[1] == "tags" else Pin.BRANCH
        return rest[2], "/".join(rest[3:]), pin
    return rest[0], "/".join(rest[1:]), pin_of(rest[0])


def _quoted(segments: list[str]) -> str:
    return quote("/".join(segments), errors="replace")


def _gitlab(href: str, parts: SplitResult) -> Place:
    project, _, view = parts.path.partition("/-/")
    words = [unquote(one) for one in view.split("/") if one]
    repository = f"{parts.scheme}://{parts.netloc}{project}"
    if words[:1] not in (["blob"], ["raw"], ["tree"]) or not words[1:]:
        return Place(href, _form(parts, words))
    reference, path, pin = _reference(words[1:])
    if not path:
        return Place(repository, CodeForm.REPOSITORY, reference, "", pin)
    if words[0] == "tree":
        return Place(repository, CodeForm.FOLDER, reference, path, pin)
    return Place(f"{repository}/-/raw/{_quoted(words[1:])}", _file_form(path), reference, path, pin)


def _deposit(href: str, segments: list[str]) -> Place:
    """Tell the file of a Zenodo record, which is never changed, from the record's page and from a DOI."""
    if segments[:1] in (["record"], ["records"]) and segments[2:3] == ["files"] and segments[3:]:
        return Place(href, _file_form(segments[-1]), "", "", Pin.DEPOSIT)
    return Place(href, CodeForm.LANDING_PAGE)


def _form(parts: SplitResult, segments: list[str]) -> CodeForm:
    """Tell by its last segment what an address leads to that belongs to no known service."""
    last = segments[-1] if segments and not parts.path.endswith("/") else ""
    stem, _, suffix = last.rpartition(".")
    named = (stem and suffix.isalnum() and not suffix.isdigit()) or last in _WITHOUT_SUFFIX
    return _file_form(last) if named else CodeForm.PAGE


def _file_form(path: str) -> CodeForm:
    folded = path.lower()
    if folded.endswith(_ARCHIVES):
        return CodeForm.ARCHIVE
    return CodeForm.PAGE if folded.endswith(_PAGES) else CodeForm.FILE
