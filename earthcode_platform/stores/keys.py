"""Keys of a store, and the addresses that lead to them."""

from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public

__all__ = ["Addresses", "parts_of"]


def parts_of(key: str) -> tuple[str, ...]:
    """Return the parts of a key.

    Raises:
        InputError: It is no relative path that stays inside.
    """
    parts = PurePosixPath(key).parts
    if not parts or key.startswith("/") or ".." in parts or "\\" in key or "\0" in key:
        raise InputError(f"{key!r} is no key; it must be a relative path that stays inside the store.")
    return parts


class Addresses:
    """The addresses under which others read a store.

    Args:
        base: Address of the store's root.
    """

    def __init__(self, base: str) -> None:
        if public(base) != base:
            raise InputError(
                "the public address carries credentials, and everybody would read them in the catalog.",
                where=public(base),
                remedy="Take the user name, password and signing parameters out of it.",
            )
        self._base = base.rstrip("/") + "/"

    def href(self, key: str) -> str:
        """Return the address of `key`."""
        return self._base + quote(key)

    def key(self, href: str) -> str:
        """Return the key that `href` addresses.

        Raises:
            InputError: It is no address of this store.
        """
        if not href.startswith(self._base):
            raise InputError(
                f"{href!r} is no address of this results store, whose addresses begin with {self._base!r}.",
                remedy="Choose the store that the product was archived in.",
            )
        key = unquote(href[len(self._base) :])
        parts_of(key)
        return key
