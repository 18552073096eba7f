"""Files and documents of results, fetched: checked addresses, an end in time and size, our token for our provider."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.errors import ExecutionError, IntegrityError, UnavailableError
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.failures import (
    ForbiddenAddressError,
    MissingPageError,
    NoAnswerError,
    UnusableAnswerError,
)
from earthcode_platform.web.fetching import read_body
from earthcode_platform.web.following import followed, require_file, require_found
from earthcode_platform.web.trying import tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from earthcode_platform.web.addresses import Address
    from earthcode_platform.web.asking import Head, Web

__all__ = ["Announced", "Downloads", "differs", "too_large"]

_SLOWEST: Final = 50_000
"""Bytes a second below which a download is given up."""
_LEAST: Final = 300.0
"""Seconds that every download may take, however small it is."""
_DOCUMENT: Final = 20 * 1024 * 1024
"""Bytes of the largest STAC document."""
_HASHES: Final = {"1114": "sha1", "1220": "sha256", "1340": "sha512", "d50110": "md5"}
"""Prefixes of multihashes that can be compared (multiformats table), with the length of the digest."""
_ASK: Final = "Ask the provider, naming the job."


@dataclass(frozen=True, slots=True)
class Announced:
    """What is said of a file beforehand."""

    size: int | None = None
    """Bytes (`file:size`)."""
    checksum: str = ""
    """Multihash in lower case (`file:checksum`); empty if there is none."""

    @classmethod
    def of(cls, asset: Mapping[str, Any]) -> Announced:
        """Return what an asset says of its file (STAC file extension)."""
        size = asset.get("file:size")
        return cls(size if isinstance(size, int) else None, str(asset.get("file:checksum") or "").lower())

    @property
    def hash(self) -> str:
        """Name of the hash of the checksum; empty if it cannot be compared."""
        for prefix, name in _HASHES.items():
            digits = 2 * hashlib.new(name, usedforsecurity=False).digest_size
            if self.checksum.startswith(prefix) and len(self.checksum) == len(prefix) + digits:
                return name
        return ""

    @property
    def verified(self) -> tuple[str, ...]:
        """What of a file that was fetched was compared: its `content`, which is opened, always."""
        compared = {"size": self.size is not None, "checksum": bool(self.hash), "content": True}
        return tuple(name for name, can in compared.items() if can)


@dataclass(slots=True)
class Downloads:
    """Fetches what a provider's results lead to, up to a number of bytes altogether."""

    web: Web
    """Who asks; hosts that it may not ask are not asked."""
    home: Address
    """The address that relative ones are read from."""
    rights: Callable[[Address], Mapping[str, str]]
    """Gives the header field with our token, for addresses of the provider itself and for no others."""
    largest: int
    """Bytes altogether."""
    pause: float
    """Most seconds between two tries."""
    taken: int = 0
    """Bytes that are here."""

    def document(self, href: str, where: str) -> tuple[dict[str, Any], str]:
        """Return the JSON object at an address, and where it was found.

        Raises:
            ExecutionError: There is none.
            UnavailableError: It cannot be had now.
        """
        with self._asked(href, where, _DOCUMENT) as (address, head, pieces):
            try:
                content = json.loads(read_body(where, head, pieces, _DOCUMENT))
            except (ValueError, RecursionError):
                content = None
        if isinstance(content, dict):
            return content, address.asked
        raise ExecutionError(f"what lies at {_shown(href)} is no STAC document.", where=where, remedy=_ASK)

    def file(
        self,
        href: str,
        target: Path,
        announced: Announced,
        where: str,
        look: Callable[[Path], None] = lambda _path: None,
    ) -> None:
        """Fetch a file whole or not at all; again if it comes damaged or not at all: that may be the network's fault.

        Args:
            href: Its address.
            target: Where it goes.
            announced: What it must be.
            where: What errors name.
            look: Looks at what came, before it is taken, and raises an IntegrityError if that is nothing.

        Raises:
            IntegrityError: It is, even when fetched again, not what was announced.
            ExecutionError: There is more than may be downloaded, or it must not be asked for.
            UnavailableError: It cannot be had now.
        """

        def fetched() -> None:
            with replacing(target) as part:
                self._received(href, part, announced, where)
                look(part)

        tried(fetched, (UnavailableError, IntegrityError), self.pause)
        self.taken += target.stat().st_size

    def _received(self, href: str, target: Path, announced: Announced, where: str) -> None:
        hasher, size = hashlib.new(announced.hash or "sha256", usedforsecurity=False), 0
        with (
            target.open("wb") as stream,
            self._asked(href, where, announced.size or self.largest - self.taken) as (_, head, pieces),
        ):
            require_file(where, head)
            for piece in pieces:
                size += len(piece)
                self._require_room(size, announced, where)
                stream.write(piece)
                hasher.update(piece)
        if announced.size is not None and size != announced.size:
            raise differs(f"it has {size} bytes, but {announced.size} were announced.", where)
        if announced.hash and not announced.checksum.endswith(hasher.hexdigest()):
            told = f"its checksum is …{hasher.hexdigest()[-12:]}, but …{announced.checksum[-12:]} was announced."
            raise differs(told, where)

    def _require_room(self, size: int, announced: Announced, where: str) -> None:
        if announced.size is not None and size > announced.size:
            raise differs(f"it has more than the {announced.size} bytes that were announced.", where)
        if self.taken + size > self.largest:
            raise too_large(self.largest, where)

    def _fields(self, address: Address) -> dict[str, str]:
        return {"Accept-Encoding": "identity", **self.rights(address)}

    @contextmanager
    def _asked(self, href: str, where: str, size: int) -> Iterator[tuple[Address, Head, Iterable[bytes]]]:
        deadline = time.monotonic() + _LEAST + size / _SLOWEST
        try:
            start = follow(self.home, href)
            with followed(self.web, start, deadline, self._fields) as (address, head, pieces):
                require_found(where, head)
                yield address, head, pieces
        except ForbiddenAddressError as error:
            raise ExecutionError(
                f"{_shown(href)} cannot be downloaded: {error.message}",
                where=where,
                remedy="Have results handed out by https; or allow their host in the block of the provider.",
            ) from None
        except UnusableAnswerError as error:
            raise ExecutionError(
                f"{_shown(href)} cannot be downloaded: {error.message}", where=where, remedy=_ASK
            ) from None
        except (NoAnswerError, MissingPageError) as error:
            raise UnavailableError(
                f"{_shown(href)} cannot be downloaded: {error.message}",
                where=where,
                remedy="Try again later; the addresses of results expire, and the next try asks for new ones.",
            ) from None


def too_large(largest: int, where: str) -> ExecutionError:
    """Return the error for results that are more than may be downloaded."""
    return ExecutionError(
        f"the results have more than {largest:,} bytes, which may be downloaded.",
        where=where,
        remedy="Choose a smaller window, or raise the limit in the block of the provider.",
    )


def differs(message: str, where: str) -> IntegrityError:
    """Return the error for a file that is not what was announced."""
    return IntegrityError(message, where=where, remedy="Run again; if it stays so, tell the provider.")


def _shown(href: str) -> str:
    """Return an address for a message, without what may be a signature in it."""
    with suppress(ForbiddenAddressError):
        return repr(public(read_address(href).asked).partition("?")[0])
    return repr(public(href).partition("?")[0])
