"""Which verdicts hang on which files, and the verdict on a part of a catalog without reading all of it.

The verdict on a document hangs on itself and, of other files, on three things alone: whether they are there, what
their title is, and what they say about the document, be it a link that leads to it or its id as the value of a key.
"""

import json
import posixpath
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, title
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import PUBLISHED_AT, target_of
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import CatalogReport

__all__ = ["dependents", "is_document", "validate_part"]

_NEEDED: Final = (ROOT, *(kind.listing for kind in Kind))
_BEGINNINGS: Final = (b"{", b" ", b"\t", b"\r", b"\n")
_SCHEMA: Final = "catalog-schema"


def validate_part(
    catalog: Catalog, only: Collection[str], *, strict: bool = False, schemas: Schemas | None = None
) -> CatalogReport:
    """Return everything that the validation of the whole catalog finds in the documents of `only`.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    others = {path for path in {*catalog.files, *_NEEDED} if is_document(path) and path not in only} if only else set()
    unwell = [path for path in others if not _reads_well(catalog, path)]
    report = validate(catalog.with_edits(dict.fromkeys(unwell, b"{}")), strict=strict, schemas=schemas, only=only)
    if not unwell:
        return report
    # What others see of an unreadable document, only the validation of the whole knows; but a schema sees no others.
    files = {path.encode(errors="backslashreplace").decode() for path in only}
    findings = [found for found in validate(catalog, strict=strict).findings if found.file in files]
    findings += [found for found in report.findings if found.code == _SCHEMA]
    return report.model_copy(update={"findings": tuple(sorted(findings, key=lambda found: (found.file, found.line)))})


def dependents(before: Catalog, after: Catalog, changed: Collection[str]) -> set[str]:
    """Return the documents besides `changed` whose verdict can differ between two states of a catalog.

    Args:
        before: The catalog as it was.
        after: The catalog as it is; it differs in the files at `changed` alone.
        changed: Paths of the files that differ; documents, images or any other.
    """
    visible: list[str] = []
    found: set[str] = set()
    for path in changed:
        then, now = _document(before, path), _document(after, path)
        well = _reads_well(before, path) and _reads_well(after, path)
        if then is None or now is None or title(then) != title(now) or not (well and is_document(path)):
            visible.append(path)
        else:
            found.update(_spoken_of(after, path, then, now))
    found.update(_seeing(after, visible))
    return found - set(changed)


def is_document(path: str) -> bool:
    """Tell whether the file at `path` is JSON by its name."""
    return path.lower().endswith((".json", ".geojson"))


def _document(catalog: Catalog, path: str) -> JsonObject | None:
    try:
        return catalog.document(path) if is_document(path) else None
    except InputError:
        return None


def _reads_well(catalog: Catalog, path: str) -> bool:
    """Tell whether every reader takes the document for the same object: it is one, in UTF-8 without a mark."""
    content = catalog.files.get(path, b"")
    # A zero among the first bytes is a sign of UTF-16 or UTF-32.
    return content[:1] in _BEGINNINGS and b"\x00" not in content[:4] and _document(catalog, path) is not None


def _spoken_of(catalog: Catalog, path: str, before: JsonObject, after: JsonObject) -> Iterator[str]:
    """Yield the documents that the one at `path` says something else of than before."""
    said = {text for value in (*_difference(before, after), *_difference(after, before)) for text in _texts(value)}
    for text in said:
        as_file = posixpath.normpath(posixpath.join(posixpath.dirname(path), text.removeprefix(PUBLISHED_AT)))
        for target in (target_of(path, text), as_file, *(posixpath.normpath(kind.path(text)) for kind in Kind)):
            if target is not None and target in catalog:
                yield target


def _difference(one: JsonObject, other: JsonObject) -> list[JsonValue]:
    """Return the values, elements of arrays among them, that `one` holds and `other` does not hold at the same key."""
    found: list[JsonValue] = []
    for key, value in one.items():
        held = other.get(key)
        if value == held:
            continue
        if isinstance(value, dict) and isinstance(held, dict):
            found += _difference(value, held)
        elif isinstance(value, list) and isinstance(held, list):
            # How often an element stands there counts too.
            left = Counter(json.dumps(element) for element in held)
            for element in value:
                written = json.dumps(element)
                if left[written] <= 0:
                    found.append(element)
                left[written] -= 1
        else:
            found.append(value)
    return found


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from _texts(element)
    elif isinstance(value, dict):
        for element in value.values():
            yield from _texts(element)


def _seeing(catalog: Catalog, paths: Collection[str]) -> Iterator[str]:
    """Yield the documents that can see whether the files at `paths` are there, and what their title is.

    They lie in the same folder or below, link there, name the folder as an id, or list the folders.
    """
    if ROOT in paths:
        yield from filter(is_document, catalog.files)
        return
    folders = {path.rpartition("/")[0] for path in paths if "/" in path}
    inside = tuple(f"{folder}/" for folder in folders)
    listings = {f"{folder.split('/')[0]}/catalog.json" for folder in folders}
    needles = [needle for folder in folders for needle in _needles(folder.rpartition("/")[2])]
    needles += [path.encode(errors="surrogateescape") for path in paths if "/" not in path]
    for path, content in catalog.files.items():
        if path.startswith(inside) or (is_document(path) and (path in listings or _mentions(content, needles))):
            yield path


def _needles(name: str) -> Iterator[bytes]:
    """Yield how a document writes a folder's name: as an id, or as a part of an address."""
    written = {name.encode(errors="surrogateescape"), json.dumps(name)[1:-1].encode()}
    written.add(json.dumps(name, ensure_ascii=False)[1:-1].encode(errors="surrogatepass"))
    for one in written:
        yield from (b'"%s"' % one, b"/%s/" % one, b'"%s/' % one, b"/%s\\/" % one, b'"%s\\/' % one, b'/%s"' % one)


def _mentions(content: bytes, needles: Collection[bytes]) -> bool:
    return any(needle in content for needle in needles)
