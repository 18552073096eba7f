"""What of a catalog can be read: one broken document does not take the others with it."""

from typing import NamedTuple

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.records.identify import RECORDS
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError

__all__ = ["Readable", "readable"]


class Readable(NamedTuple):
    """A catalog without the entries that cannot be read."""

    catalog: Catalog
    """The others."""
    unread: tuple[str, ...]
    """For each that was left out its path and what is wrong with it, by path."""


def readable(catalog: Catalog) -> Readable:
    """Return a catalog without the products, projects, workflows and experiments that are no JSON objects."""
    unread: dict[str, str] = {}
    for path in sorted(catalog.files):
        entry = Kind.of(path)
        if entry is None or entry[0] not in RECORDS:
            continue
        try:
            catalog.document(path)
        except InputError as error:
            unread[path] = f"{path}: {error.message}"
    if not unread:
        return Readable(catalog, ())
    return Readable(catalog.with_edits(dict.fromkeys(unread)), tuple(map(_sayable, unread.values())))


def _sayable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
