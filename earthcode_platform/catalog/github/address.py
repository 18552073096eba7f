"""Where a repository on GitHub is: its web address taken apart, and the address of the API that belongs to it."""

import re
from typing import Final, NamedTuple

from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public

__all__ = ["Address"]

_PUBLIC: Final = "github.com"
_OWNER: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}"
_NAME: Final = r"[A-Za-z0-9._-]{1,100}?"
_WEB: Final = re.compile(
    rf"(?P<origin>https?://[A-Za-z0-9.-]+(?::\d+)?)/(?P<owner>{_OWNER})/(?P<name>{_NAME})(?:\.git)?/?"
)
_FULL_NAME: Final = re.compile(rf"(?P<owner>{_OWNER})/(?P<name>{_NAME})")
_NO_NAMES: Final = (".", "..", ".git")


class Address(NamedTuple):
    """A repository on GitHub."""

    origin: str
    """Scheme and host of its web address."""
    owner: str
    """User or organisation that has it."""
    name: str
    """Its name, without `.git`."""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Take a web address apart.

        >>> Address.parse("https://github.com/ada/catalog.git")
        Address(origin='https://github.com', owner='ada', name='catalog')

        Raises:
            InputError: It is not of the form `https://host/owner/name`, with or without `.git`.
        """
        found = _WEB.fullmatch(url)
        if found is None or found["name"] in _NO_NAMES:
            raise InputError(
                "this is no address of a repository on GitHub.",
                where=public(url),
                remedy="Write it as https://github.com/owner/name: a token works over https only, and not with "
                "addresses like git@github.com:owner/name.",
            )
        return cls(found["origin"], found["owner"], found["name"])

    @property
    def full_name(self) -> str:
        """Owner and name, as GitHub writes them."""
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        """The address that git takes."""
        return f"{self.origin}/{self.full_name}.git"

    @property
    def api(self) -> str:
        """Where the API of this GitHub is: that of github.com, or of the Enterprise Server on the same host."""
        host = self.origin.split("://")[1].lower()
        return f"https://api.{_PUBLIC}" if host in (_PUBLIC, f"www.{_PUBLIC}") else f"{self.origin}/api/v3"

    def beside(self, full_name: str) -> "Address":
        """Return another repository of the same GitHub.

        Raises:
            InputError: The name is none that GitHub gives.
        """
        found = _FULL_NAME.fullmatch(full_name)
        if found is None or found["name"] in _NO_NAMES:
            raise InputError(f"{full_name!r} is no name of a repository on GitHub.", where=self.origin)
        return Address(self.origin, found["owner"], found["name"])

    def is_called(self, full_name: str) -> bool:
        """Tell whether `full_name` names this repository; GitHub does not tell capitals apart."""
        return self.full_name.casefold() == full_name.casefold()
