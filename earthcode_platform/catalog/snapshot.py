"""A catalog as it is at one commit, whole and in memory. Pure: nothing here reads a file or a repository."""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from earthcode_platform.catalog.documents import JsonObject, parse, title
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link, read_links
from earthcode_platform.errors import InputError

__all__ = ["Catalog"]


class Catalog:
    """Every file of a catalog at one commit. JSON is parsed when it is first asked for, and once.

    The documents that it hands out are shared: read them, never change them.

    Args:
        files: Content by path, with forward slashes, relative to the catalog's root.
        commit: Full hash of the commit they come from; empty if they come from none.
    """

    def __init__(self, files: Mapping[str, bytes], commit: str = "") -> None:
        self.commit = commit
        self.files: Mapping[str, bytes] = MappingProxyType(dict(files))
        self._documents: dict[str, JsonObject] = {}
        self._links: dict[str, tuple[Link, ...]] = {}
        self._ids: dict[Kind, frozenset[str]] | None = None

    def __repr__(self) -> str:
        return f"<Catalog of {len(self.files)} files at {self.commit[:12] or 'no commit'}>"

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def content(self, path: str) -> bytes:
        """Return the bytes of the file at `path`.

        Raises:
            InputError: There is no such file.
        """
        try:
            return self.files[path]
        except KeyError:
            raise InputError(
                f"the catalog has no file {path!r} at {self.commit[:12] or 'this state'}.",
                where=path,
                remedy="Check that the repository is a catalog laid out like the Open Science Catalog.",
            ) from None

    def document(self, path: str) -> JsonObject:
        """Return the JSON object in the file at `path`.

        Raises:
            InputError: There is no such file, or it holds no JSON object.
        """
        if path not in self._documents:
            self._documents[path] = parse(self.content(path), path)
        return self._documents[path]

    def links(self, path: str) -> tuple[Link, ...]:
        """Return the links of the document at `path`, in order."""
        if path not in self._links:
            self._links[path] = read_links(path, self.document(path))
        return self._links[path]

    def title(self, path: str) -> str:
        """Return the title of the document at `path`; empty if it has none."""
        return title(self.document(path))

    def ids(self, kind: Kind) -> frozenset[str]:
        """Return the ids of all entries of a kind."""
        if self._ids is None:
            found: defaultdict[Kind, set[str]] = defaultdict(set)
            for entry in filter(None, map(Kind.of, self.files)):
                found[entry[0]].add(entry[1])
            self._ids = {held: frozenset(found[held]) for held in Kind}
        return self._ids[kind]

    def exists(self, kind: Kind, entry: str) -> bool:
        """Tell whether the catalog holds the entry."""
        return kind.path(entry) in self.files

    def with_edits(self, edits: Mapping[str, bytes | None]) -> "Catalog":
        """Return the catalog as it is after `edits`; what was parsed and stays the same is not parsed again.

        Args:
            edits: New content by path; None takes the file away.
        """
        files = {path: held for path, held in self.files.items() if path not in edits}
        files |= {path: content for path, content in edits.items() if content is not None}
        edited = Catalog(files, self.commit)
        edited._documents = {path: held for path, held in self._documents.items() if path not in edits}
        edited._links = {path: held for path, held in self._links.items() if path not in edits}
        return edited
