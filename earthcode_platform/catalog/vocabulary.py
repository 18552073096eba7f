"""The ids that an experiment may name, taken from a catalog."""

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError
from earthcode_platform.models.platform import Vocabulary

__all__ = ["titles", "vocabulary"]


def vocabulary(catalog: Catalog) -> Vocabulary:
    """Return the ids of the catalog's projects, themes, variables and EO missions."""
    return Vocabulary(
        projects=catalog.ids(Kind.PROJECT),
        themes=catalog.ids(Kind.THEME),
        variables=catalog.ids(Kind.VARIABLE),
        missions=catalog.ids(Kind.MISSION),
    )


def titles(catalog: Catalog, kind: Kind) -> dict[str, str]:
    """Return the title of every entry of a kind, by id, sorted by id; the id where an entry has none."""
    found: dict[str, str] = {}
    for entry in sorted(catalog.ids(kind)):
        try:
            found[entry] = catalog.title(kind.path(entry)) or entry
        except InputError:
            # An entry that cannot be read can still be named.
            found[entry] = entry
    return found
