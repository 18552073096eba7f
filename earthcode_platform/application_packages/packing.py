"""A package as one document that needs no file beside it, as it is handed to a provider."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from earthcode_platform.application_packages.finding import found
from earthcode_platform.application_packages.loading import Confined, context_of, uri_of
from earthcode_platform.application_packages.validity import entry_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.models.finding import Finding

__all__ = ["Packed", "pack"]

_MAIN: Final = "#main"
"""What cwltool calls the process to run in a packed document."""
_LITERAL: Final = 64 * 1024
"""Bytes of the largest file whose text may stand in a document (CWL v1.2, File, `contents`)."""
_DIGITS: Final = 12


@dataclass(frozen=True)
class Packed:
    """A package in one document."""

    content: dict[str, Any]
    """The document. The process to run is called `id`."""
    id: str
    """Name of the process, and the beginning of the document's digest: another content has another name."""
    findings: tuple[Finding, ...]
    """What of it cannot stand in a document."""

    @property
    def text(self) -> bytes:
        """The document as JSON, which is YAML too, always the same bytes."""
        return _text(self.content)


def pack(package: Package, schemas: Sequence[Path] = ()) -> Packed:
    """Return a package that was found valid as one document.

    Tools in files of their own become processes of it; small text files that it names become file literals.

    Args:
        package: The package.
        schemas: Folders with documents of the web that it may import, as `<host>/<path>`.
    """
    from cwltool.load_tool import fetch_document, resolve_and_validate_document
    from cwltool.pack import pack as packed_by_cwltool

    context, document, uri = fetch_document(
        uri_of(entry_of(package)), context_of(Confined(package.folder, tuple(schemas)))
    )
    context, uri = resolve_and_validate_document(context, document, uri)
    content: dict[str, Any] = json.loads(json.dumps(packed_by_cwltool(context, uri)))
    content.pop("$schemas", None)  # ontologies of file formats: they lie beside the package, and nothing runs by them
    findings: list[Finding] = []
    content = _literal(content, package, findings)
    # What it is called must not hang on where it was staged.
    digest = hashlib.sha256(_text(content)).hexdigest()
    name = str(package.main.content.get("id") or package.entry.stem) if package.main else package.entry.stem
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "_-") else "-" for one in name.lstrip("#"))
    id_ = f"{plain.strip('-') or 'package'}-{digest[:_DIGITS]}"
    return Packed(_renamed(content, id_), id_, tuple(findings))


def _text(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode()


def _renamed(value: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    """Return a value with the process to run called `name`, wherever it is referred to."""
    if isinstance(value, list):
        return [_renamed(one, name) for one in value]
    if isinstance(value, dict):
        return {key: _renamed(one, name) for key, one in value.items()}
    if isinstance(value, str) and (value == _MAIN or value.startswith(f"{_MAIN}/")):
        return f"#{name}{value.removeprefix(_MAIN)}"
    return value


def _literal(value: Any, package: Package, findings: list[Finding]) -> Any:  # noqa: ANN401 - any JSON
    """Return a value with the text of the files in it in their place."""
    if isinstance(value, list):
        return [_literal(one, package, findings) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("class") in ("File", "Directory") and (value.get("location") or value.get("path")):
        return _filled(value, package, findings)
    return {key: _literal(one, package, findings) for key, one in value.items()}


def _filled(value: dict[str, Any], package: Package, findings: list[Finding]) -> dict[str, Any]:
    place = urlsplit(str(value.get("location") or value.get("path")))
    if place.scheme in ("http", "https"):
        return value
    path = Path(unquote(place.path))
    told = ""
    if value["class"] == "Directory":
        told = "is a folder"
    elif not path.resolve().is_relative_to(package.folder) or not path.is_file():
        told = "is not among the files of the workflow"
    elif path.stat().st_size > _LITERAL:
        told = f"has {path.stat().st_size:,} bytes, and a document may hold files of {_LITERAL:,}"
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            told = "is no text"
    if told:
        message = f"the package refers to {path.name!r}, which {told}: a provider would not have it."
        remedy = "Put it into the image of the tool, or run the experiment here."
        findings.append(found("local-file", package.main.label if package.main else "", message, remedy))
        return {"class": value["class"], "basename": path.name}
    kept = {key: one for key, one in value.items() if key not in ("location", "path")}
    return kept | {"basename": str(value.get("basename") or path.name), "contents": text}
