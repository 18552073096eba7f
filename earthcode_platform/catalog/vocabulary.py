"""The ids that an experiment may name, taken from a catalog."""

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.platform import Vocabulary

__all__ = ["vocabulary"]


def vocabulary(catalog: Catalog) -> Vocabulary:
    """Return the ids of the catalog's projects, themes, variables and EO missions."""
    return Vocabulary(
        projects=catalog.ids(Kind.PROJECT),
        themes=catalog.ids(Kind.THEME),
        variables=catalog.ids(Kind.VARIABLE),
        missions=catalog.ids(Kind.MISSION),
    )
