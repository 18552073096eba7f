"""A package as cwltool understands it: validated against the CWL schemas, its types checked, nothing fetched."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from earthcode_platform.application_packages.finding import found
from earthcode_platform.application_packages.places import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cwltool.context import LoadingContext
    from cwltool.process import Process
    from schema_salad.ref_resolver import Loader

    from earthcode_platform.models.finding import Finding

__all__ = ["SCHEMAS", "Confined", "LoadError", "context_of", "load", "quiet", "uri_of"]

SCHEMAS: Final = "schemas"
"""Folder of a package in which documents of the web are looked for: `schemas/<host>/<path>`."""
_MOST: Final = 20
"""How many findings of one validation are told."""
_LINE: Final = re.compile(r"^(?P<file>[^\s:][^:]*):(?P<line>\d+):\d+:(?P<indent>\s*)(?P<text>.*)$")
_SINK: Final = "with sink"


@dataclass
class LoadError(Exception):
    """cwltool refuses the package; the findings say where and why."""

    findings: list[Finding]


@dataclass(frozen=True)
class Confined:
    """What may be read while a package is loaded."""

    folder: Path
    """The staged workflow."""
    schemas: tuple[Path, ...] = ()
    """Further folders with documents of the web, as `<host>/<path>`."""

    def path(self, url: str) -> Path:
        """Return the file that stands for a document.

        Raises:
            ValueError: The document lies outside, or is one of the web that no folder holds.
        """
        parts = urlsplit(url)
        if parts.scheme in ("http", "https"):
            return self._kept(parts.hostname or "", parts.path, url)
        if parts.scheme not in ("", "file"):
            raise ValueError(f"{url!r} is neither a file nor of the web")
        path = Path(unquote(parts.path)).resolve()
        if not any(path.is_relative_to(folder.resolve()) for folder in (self.folder, *self.schemas)):
            raise ValueError(f"{path.name!r} lies outside the experiment's folder; copy it there")
        return path

    def _kept(self, host: str, path: str, url: str) -> Path:
        below = Path(host) / unquote(path).lstrip("/")
        for folder in (self.folder / SCHEMAS, *self.schemas):
            kept = (folder / below).resolve()
            if kept.is_relative_to(folder.resolve()) and kept.is_file():
                return kept
        wanted = (Path(SCHEMAS) / below).as_posix()
        raise ValueError(f"{url!r} is not fetched; put a copy at {wanted!r}, and {SCHEMAS!r} into workflow.files")


def load(
    entry: str, confined: Confined, make: Callable[..., Process] | None = None, *, development: bool = False
) -> Process:
    """Return the process at `entry`, a path with an optional `#fragment`, ready to be run.

    Args:
        entry: Absolute path of the document.
        confined: What may be read.
        make: Makes the process objects of cwltool; its own if None.
        development: Whether unreleased versions of CWL are read too.

    Raises:
        LoadError: It is no valid CWL.
    """
    from cwl_utils.errors import WorkflowException
    from cwltool.load_tool import fetch_document, make_tool, resolve_and_validate_document
    from schema_salad.exceptions import SchemaSaladException

    context = context_of(confined, make, development=development)
    try:
        context, document, uri = fetch_document(uri_of(entry), context)
        context, uri = resolve_and_validate_document(context, document, uri)
        return make_tool(uri, context)
    except (SchemaSaladException, WorkflowException, ValueError, KeyError, TypeError, AttributeError) as error:
        # The last three: cwltool takes some malformed documents for well-formed ones, and stumbles.
        raise LoadError(list(_findings(error, entry, confined))) from error


def context_of(
    confined: Confined, make: Callable[..., Process] | None = None, *, development: bool = False
) -> LoadingContext:
    """Return cwltool's context for reading documents, and nothing beyond what may be read; see `load`."""
    from cwltool.context import LoadingContext
    from cwltool.workflow import default_make_tool

    quiet()
    return LoadingContext(
        {
            "loader": _loader(confined),
            "fetcher_constructor": _fetcher(confined),
            "construct_tool_object": make or default_make_tool,
            "doc_cache": False,
            "relax_path_checks": True,
            "disable_js_validation": True,
            "enable_dev": development,
        }
    )


def uri_of(entry: str) -> str:
    """Return the address of a document at a path with an optional `#fragment`."""
    path, mark, fragment = entry.partition("#")
    return f"{Path(path).as_uri()}{mark}{fragment}"


def quiet() -> None:
    """Let cwltool say on its log only what went wrong."""
    for name in ("cwltool", "salad", "rdflib.term"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _loader(confined: Confined) -> Loader:
    from cwltool.load_tool import default_loader

    return default_loader(_fetcher(confined), doc_cache=False)


def _fetcher(confined: Confined) -> Any:  # noqa: ANN401 - a constructor as schema-salad wants it
    from schema_salad.exceptions import ValidationException
    from schema_salad.fetcher import DefaultFetcher

    class Fetcher(DefaultFetcher):
        def fetch_text(self, url: str, content_types: list[str] | None = None) -> str:
            del content_types
            try:
                return confined.path(url).read_text(encoding="utf-8")
            except (OSError, ValueError) as error:
                raise ValidationException(f"{error}") from error

        def check_exists(self, url: str) -> bool:
            try:
                return confined.path(url).exists()
            except ValueError:
                return False

    return Fetcher


def _findings(error: Exception, entry: str, confined: Confined) -> Iterator[Finding]:
    told = list(_told(str(error).replace(f"{confined.folder.as_uri()}/", "")))
    name = Path(entry.partition("#")[0]).relative_to(confined.folder).as_posix()
    if not told:
        text = " ".join(str(error).split()) or type(error).__name__
        yield found("invalid", name, f"{text.rstrip('.')}.", "Mend it; CWL v1.2 describes every field.")
    for file, line, text in told[:_MOST]:
        path = (Path.cwd() / file).resolve()
        where = path.relative_to(confined.folder).as_posix() if path.is_relative_to(confined.folder) else path.name
        place = place_of(path, line)
        code = "type-mismatch" if "is incompatible" in text else "invalid"
        where = f"{where}:{line}: {place}" if place else f"{where}:{line}"
        yield found(code, where, f"{text.rstrip('.')}.", "Mend it; CWL v1.2 describes every field and type.")


def _told(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield file, line and text of what a report of cwltool comes down to: its innermost lines."""
    entries: list[tuple[str, int, int, str]] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            entries.append((match["file"], int(match["line"]), len(match["indent"]), match["text"].strip()))
        elif entries and line.strip():
            file, number, indent, before = entries[-1]
            entries[-1] = file, number, indent, f"{before} {line.strip()}"
    for at, (file, number, indent, said) in enumerate(entries):
        following = entries[at + 1] if at + 1 < len(entries) else None
        if following and following[3].startswith(_SINK):
            yield file, number, f"{said} {following[3]}"
        elif not said.startswith(_SINK) and (following is None or following[2] <= indent):
            yield file, number, said
