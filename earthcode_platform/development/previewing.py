"""How the entries of an experiment will read: made by the very code that publishes them."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.changeset import Changeset, changeset
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.development.foreseen import UNKNOWN, foreseen
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.preview import Preview, PreviewEntry
from earthcode_platform.models.run import EngineUsed

__all__ = ["previewed"]

_LATER: Final = "(known when it is archived)"
_LEFT_OUT: Final = ("id", "type", "stac_version", "stac_extensions", "title", "description", "links", "linkTemplates",
                    "conformsTo", "geometry", "properties", "created", "updated")  # fmt: skip


def previewed(catalog: Catalog, pinned: PinnedExperiment, engine: EngineUsed | None = None) -> Preview:
    """Return how the entries of an experiment will read in `catalog`, and what else would change there.

    What only the run will tell (checksums, units, what the archive's addresses begin with) is marked as such.

    Args:
        catalog: The catalog as it is.
        pinned: The experiment.
        engine: What ran a trial of it, if one ran.

    Raises:
        RefusedError: It names what the catalog does not know.
        ConflictError: An id belongs to another experiment or project, or the catalog holds a newer version.
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A server did not answer.
    """
    run, product = foreseen(pinned, engine)
    changes = changeset(catalog, pinned, run, product)
    own = {*changes.entries, *(path for path in changes.edits if path.endswith(".yaml"))}
    return Preview(
        experiment=pinned.experiment.id,
        title=pinned.experiment.title,
        entries=tuple(_entry(path, changes, catalog) for path in changes.entries),
        files={
            path.rpartition("/")[2]: content.decode().replace(UNKNOWN, _LATER)
            for path, content in changes.edits.items()
            if path.endswith(".yaml") and content is not None
        },
        changed=tuple(path for path in changes.edits if path not in own),
    )


def _entry(path: str, changes: Changeset, catalog: Catalog) -> PreviewEntry:
    content = changes.edits.get(path) or catalog.content(path)
    document: dict[str, JsonValue] = json.loads(content)
    nested = document.get("properties")
    said = {**document, **(nested if isinstance(nested, dict) else {})}
    found = Kind.of(path)
    links = document["links"] if isinstance(document["links"], list) else []
    return PreviewEntry(
        kind=found[0].label if found else "",
        path=path,
        title=str(said.get("title", "")),
        description=str(said.get("description", "")),
        facts={key: told for key, value in said.items() if key not in _LEFT_OUT and (told := _in_words(value))},
        links=tuple(
            (str(link.get("rel", "")), str(link.get("title", "")), str(link.get("href", "")))
            for link in links
            if isinstance(link, dict)
        ),
        document=document,
    )


def _in_words(value: JsonValue) -> str:
    """Return a value as one line: the names and numbers in it, in order."""
    return ", ".join(_leaves(value))


def _leaves(value: JsonValue) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get("name")
        rest = [one for key, one in value.items() if key not in ("name", "scheme")]
        told = ", ".join(leaf for one in rest for leaf in _leaves(one))
        yield f"{named} ({told})" if named and told else str(named) if named else told
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif value not in (None, ""):
        yield str(value)
