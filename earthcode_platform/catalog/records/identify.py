"""Which entry somebody means: by id, by path, by the href of a link, or by its published address."""

import posixpath
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import PUBLISHED_AT
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.catalog_record import RecordKind

__all__ = ["FOLDERS", "RECORDS", "candidates", "identify"]

RECORDS: Final = {
    Kind.PRODUCT: RecordKind.PRODUCT,
    Kind.EXPERIMENT: RecordKind.EXPERIMENT,
    Kind.WORKFLOW: RecordKind.WORKFLOW,
    Kind.PROJECT: RecordKind.PROJECT,
}
"""The kinds of entries that can be loaded."""

FOLDERS: Final = {record: kind for kind, record in RECORDS.items()}
"""The kind of entry in the catalog by what it is loaded as."""

_NAMES: Final = {**{kind.value: kind for kind in Kind}, **{record.value: kind for kind, record in RECORDS.items()}}


def identify(catalog: Catalog, reference: str) -> tuple[Kind, str]:
    """Return kind and id of the entry that `reference` means.

    Args:
        catalog: The catalog.
        reference: Path inside the catalog, with or without the file's name (`products/x`, also `product/x`), href of a
            link (`../../products/x/collection.json`), address below the catalog's, or an id.

    Raises:
        UnknownNameError: There is no such entry; the message suggests the nearest.
        InputError: The id belongs to several entries, which the message names, or the reference cannot mean an entry.
    """
    found = candidates(catalog, reference)
    if len(found) == 1:
        return found[0]
    named = " and ".join(f"{_article(RECORDS[kind])} {RECORDS[kind].value}" for kind, _ in found)
    paths = " or ".join(f"{kind.value}/{entry}" for kind, entry in found)
    raise InputError(
        f"{reference!r} is the id of {len(found)} entries: {named}.", where="the catalog", remedy=f"Write {paths}."
    )


def candidates(catalog: Catalog, reference: str, kinds: Iterable[Kind] = tuple(RECORDS)) -> list[tuple[Kind, str]]:
    """Return every entry that `reference` may mean: several if it is an id that several entries have.

    Args:
        catalog: The catalog.
        reference: As for `identify`.
        kinds: The kinds that are asked for.

    Raises:
        UnknownNameError: There is none.
        InputError: The reference cannot mean an entry of these kinds.
    """
    wanted = tuple(kinds)
    path = _path(reference)
    kind, slash, entry = path.partition("/")
    if not slash:
        return _by_id(catalog, path, wanted)
    placed = _NAMES.get(kind)
    if placed is None:
        known = ", ".join(one.value for one in wanted)
        raise InputError(
            f"{reference!r} leads to no entry of the catalog.", remedy=f"Its first part is one of {known}."
        )
    if placed not in wanted:
        told = " and ".join(RECORDS[one].value + "s" for one in wanted)
        raise InputError(f"{reference!r} is no entry that is asked for here.", remedy=f"Name one of the {told}.")
    entry = entry.removesuffix(f"/{placed.file}")
    if "/" in entry:
        raise InputError(f"{reference!r} is no entry.", remedy=f"An entry lies at {placed.path('<id>')}.")
    if not catalog.exists(placed, entry):
        raise UnknownNameError.among(placed.label.lower(), entry, catalog.ids(placed), where="the catalog")
    return [(placed, entry)]


def _by_id(catalog: Catalog, entry: str, kinds: tuple[Kind, ...]) -> list[tuple[Kind, str]]:
    found = [(kind, entry) for kind in kinds if catalog.exists(kind, entry)]
    if not found:
        names = [RECORDS[kind].value for kind in kinds]
        told = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
        known = {name for kind in kinds for name in catalog.ids(kind)}
        raise UnknownNameError.among(told, entry, known, where="the catalog")
    return found


def _path(reference: str) -> str:
    """Return the path inside the catalog that `reference` means, or the id as it is."""
    text = reference.strip()
    if text.startswith(PUBLISHED_AT):
        text = unquote(urlsplit(text).path.removeprefix(urlsplit(PUBLISHED_AT).path))
    elif "://" in text:
        raise InputError(
            f"{reference!r} is no address below {PUBLISHED_AT}.", remedy="Write the path inside the catalog, or the id."
        )
    path = posixpath.normpath(text.lstrip("/")) if text.strip("./") else ""
    while path.startswith("../"):
        path = path[3:]
    if not path:
        raise InputError(
            f"{reference!r} names nothing.", remedy="Write an id, such as polaris, or a path, such as products/polaris."
        )
    return path


def _article(kind: RecordKind) -> str:
    return "an" if kind is RecordKind.EXPERIMENT else "a"
