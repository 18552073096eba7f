"""A changeset in the making: the links that other documents of a catalog must hold for an entry, or no longer hold.

Every method leaves the document alone if it says already what it should.
"""

from earthcode_platform.catalog import edit
from earthcode_platform.catalog.documents import texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link, link_to, related_to
from earthcode_platform.catalog.scan import locate, members, root
from earthcode_platform.catalog.snapshot import Catalog

__all__ = ["Draft"]


class Draft:
    """A catalog with edits on top, each as small as it can be.

    Args:
        catalog: The catalog to begin with; it stays as it is.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._edits: dict[str, bytes | None] = {}

    @property
    def edits(self) -> dict[str, bytes | None]:
        """New content by path, sorted, of every file that differs from the catalog's; None for one that goes."""
        return {
            path: content for path, content in sorted(self._edits.items()) if self.catalog.files.get(path) != content
        }

    @property
    def merged(self) -> Catalog:
        """The catalog as it is after the edits so far."""
        return self.catalog.with_edits(self._edits)

    def write(self, path: str, content: bytes) -> None:
        """Make `content` the whole content of the file at `path`."""
        self._edits[path] = content

    def remove(self, path: str) -> None:
        """Take the file at `path` away."""
        self._edits[path] = None

    def link(self, source: str, rel: str, target: str, title: str) -> None:
        """Make the document at `source` link to `target` with this relation and title."""
        found = self._found(source, rel, target)
        if not found:
            self._edits[source] = edit.append(self._content(source), "/links", link_to(rel, source, target, title))
        for link in found:
            self._retitle(source, link, title)

    def relate(self, source: str, kind: Kind, entry: str, title: str) -> None:
        """Make the document at `source` hold the `related` link to an entry whose title is `title`."""
        link = related_to(source, kind, entry, title)
        self.link(source, "related", kind.path(entry), str(link["title"]))

    def unlink(self, source: str, rel: str, target: str) -> None:
        """Take the links with this relation to `target` out of the document at `source`."""
        for link in reversed(self._found(source, rel, target)):
            self._edits[source] = edit.remove(self._content(source), "/links", link.index)

    def unname(self, source: str, key: str, value: str) -> None:
        """Take `value` out of the array at `key` of the document at `source`: what `name` did is undone.

        An array that is empty then and stands last in the document goes too, for there `name` puts an absent one.
        """
        held = self._state(source).document(source).get(key)
        pointer = _pointer(key)
        for index in [index for index, one in enumerate(held) if one == value][::-1] if isinstance(held, list) else []:
            self._edits[source] = edit.remove(self._content(source), pointer, index)
        if not isinstance(held, list) or any(one != value for one in held):
            return
        content = self._content(source)
        outermost = members(content, root(content))
        if held and outermost[-1].start == locate(content, pointer).start:
            self._edits[source] = edit.remove(content, "", len(outermost) - 1)

    def name(self, source: str, key: str, value: str) -> None:
        """Make the array at `key` of the document at `source` hold `value`; an absent array is added."""
        document = self._state(source).document(source)
        if value in texts(document, key):
            return
        content = self._content(source)
        written = (
            edit.append(content, _pointer(key), value)
            if key in document
            else edit.add_member(content, "", key, [value])
        )
        self._edits[source] = written

    def retitle(self, target: str, before: str, after: str) -> None:
        """Give every link of the catalog to `target` whose title ends in `before` one that ends in `after`."""
        needle = target.split("/", maxsplit=1)[1].encode()
        merged = self.merged
        for source, content in merged.files.items():
            if not source.endswith(".json") or needle not in content:
                continue
            for link in merged.links(source):
                if link.target == target and link.title in _titles(target, before):
                    prefix = (link.title or "").removesuffix(before)
                    self._retitle(source, link, prefix + after)

    def _retitle(self, source: str, link: Link, title: str) -> None:
        if link.title == title:
            return
        pointer = f"/links/{link.index}"
        content = self._content(source)
        written = (
            edit.add_member(content, pointer, "title", title)
            if link.title is None
            else edit.replace(content, f"{pointer}/title", title)
        )
        self._edits[source] = written

    def _found(self, source: str, rel: str, target: str) -> list[Link]:
        links = self._state(source).links(source)
        return [link for link in links if link.rel == rel and link.target == target]

    def _content(self, source: str) -> bytes:
        edited = self._edits.get(source)
        return self.catalog.content(source) if edited is None else edited

    def _state(self, source: str) -> Catalog:
        edited = self._edits.get(source)
        return self.catalog if edited is None else Catalog({source: edited})


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _titles(target: str, title: str) -> tuple[str, ...]:
    entry = Kind.of(target)
    return (title, f"{entry[0].label}: {title}") if entry else (title,)
