"""Reading files piece by piece, from the places a watch may read: the archive of the platform, and the web."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from earthcode_platform.errors import InputError, UnavailableError

__all__ = ["Fetch", "Files"]

Fetch = Callable[[str], Iterator[bytes]]
"""Yields the body at an address; it raises `InputError` for one that may not be asked, else `UnavailableError`."""

_PIECE: Final = 1 << 20


class Files:
    """Files by address.

    Args:
        roots: Folders below which `file:` addresses may be read; all others are refused.
        fetch: What reads `http:` and `https:` addresses; they are refused if it is None.
    """

    def __init__(self, roots: Sequence[Path] = (), fetch: Fetch | None = None) -> None:
        self._roots = tuple(root.resolve() for root in roots)
        self._fetch = fetch
        self.requests = 0

    def __repr__(self) -> str:
        return f"Files({[str(root) for root in self._roots]})"

    def pieces(self, href: str) -> Generator[bytes]:
        """Yield the content at an absolute address.

        Raises:
            FileNotFoundError: It is a local file that is missing, although its folder is there.
            InputError: It may not be read.
            UnavailableError: It cannot be read now.
        """
        try:
            parts = urlsplit(href)
        except ValueError:
            raise _refused(href) from None
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            yield from self._local(href, parts.path)
        elif parts.scheme in ("http", "https") and self._fetch is not None:
            self.requests += 1
            yield from self._fetch(href)
        else:
            raise _refused(href)

    def _local(self, href: str, path: str) -> Iterator[bytes]:
        if "\0" in (plain := unquote(path)):
            raise _refused(href)
        found = Path(plain).resolve()
        root = next((root for root in self._roots if found.is_relative_to(root)), None)
        if root is None:
            raise _refused(href)
        try:
            with found.open("rb") as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except OSError as error:
            if isinstance(error, FileNotFoundError) and root.is_dir():
                raise
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise UnavailableError(f"it cannot be read: {reason}.", where=href) from None


def _refused(href: str) -> InputError:
    return InputError("the watch may not read this address.", where=href, remedy="Name a public web address.")
