"""Files and documents of results, fetched: checked addresses, an end in time and size, our token for our provider."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import ExecutionError, IntegrityError, UnavailableError
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.asking import Ask
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError, UnusableAnswerError
from earthcode_platform.web.fetching import REDIRECTS, read_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from earthcode_platform.engines.ogc_processes.calling import Caller
    from earthcode_platform.web.asking import Head

__all__ = ["Announced", "Fetching"]

_OK: Final = 200
_FOLLOWED: Final = 5
_TRIES: Final = 3
_FIRST_WAIT: Final = 1.0
_SLOWEST: Final = 50_000
"""Bytes a second below which a download is given up."""
_LEAST: Final = 300.0
"""Seconds that every download may take, however small it is."""
_DOCUMENT: Final = 20 * 1024 * 1024
"""Bytes of the largest STAC document."""
_HASHES: Final = {"1114": "sha1", "1220": "sha256", "1340": "sha512", "d50110": "md5"}
"""Prefixes of multihashes that can be compared (multiformats table), with the length of the digest."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What is said of a file beforehand."""

    size: int | None = None
    """Bytes (`file:size`)."""
    checksum: str = ""
    """Multihash in lower case (`file:checksum`); empty if there is none."""

    @classmethod
    def of(cls, asset: dict[str, Any]) -> Announced:
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
    def compared(self) -> tuple[str, ...]:
        """What of a file can be compared with it."""
        return tuple(name for name, can in (("size", self.size is not None), ("checksum", bool(self.hash))) if can)


class Fetching:
    """Fetches what a provider's results lead to, up to a number of bytes altogether.

    Args:
        caller: What asks the provider.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._largest = caller.endpoint.largest
        self._left = self._largest

    def document(self, href: str, where: str) -> tuple[dict[str, Any], str]:
        """Return the JSON object at an address, and where it was found.

        Raises:
            ExecutionError: There is none.
            UnavailableError: It cannot be had now.
        """
        for head, address, pieces in self._asked(href, where, _DOCUMENT):
            try:
                content = json.loads(read_body(where, head, pieces, _DOCUMENT))
            except UnusableAnswerError as error:
                raise ExecutionError(error.message, where=where, remedy="Ask the provider, naming the job.") from None
            except ValueError:
                content = None
            if isinstance(content, dict):
                return content, address
        raise ExecutionError(
            f"what lies at {_shown(href)} is no STAC document.", where=where, remedy="Ask the provider, naming the job."
        )

    def file(self, href: str, target: Path, announced: Announced, where: str) -> None:
        """Fetch a file whole or not at all; again if it comes damaged or not at all: that may be the network's fault.

        Raises:
            IntegrityError: It is, even when fetched again, not what was announced.
            ExecutionError: There is more than may be downloaded.
            UnavailableError: It cannot be had now.
        """
        wait = _FIRST_WAIT
        for last in (*(False for _ in range(_TRIES - 1)), True):
            try:
                self._received(href, target, announced, where)
            except (UnavailableError, IntegrityError):
                target.unlink(missing_ok=True)
                if last:
                    raise
                time.sleep(min(wait, self._caller.endpoint.pace.longest))
                wait *= 2
            except BaseException:
                target.unlink(missing_ok=True)
                raise
            else:
                self._left -= target.stat().st_size
                return

    def _received(self, href: str, target: Path, announced: Announced, where: str) -> None:
        hasher, size = hashlib.new(announced.hash or "sha256", usedforsecurity=False), 0
        with target.open("wb") as stream:
            for _, _, pieces in self._asked(href, where, announced.size or self._left):
                for piece in pieces:
                    size += len(piece)
                    self._require_room(size, announced, where)
                    stream.write(piece)
                    hasher.update(piece)
        if announced.size is not None and size != announced.size:
            raise _differs(f"it has {size} bytes, but {announced.size} were announced.", where)
        if announced.hash and not announced.checksum.endswith(hasher.hexdigest()):
            told = f"its checksum is …{hasher.hexdigest()[-12:]}, but …{announced.checksum[-12:]} was announced."
            raise _differs(told, where)

    def _require_room(self, size: int, announced: Announced, where: str) -> None:
        if announced.size is not None and size > announced.size:
            raise _differs(f"it has more than the {announced.size} bytes that were announced.", where)
        if size > self._left:
            raise ExecutionError(
                f"the results have more than {self._largest:,} bytes, which may be downloaded.",
                where=where,
                remedy="Choose a smaller window, or raise the limit in the block of the provider.",
            )

    def _asked(self, href: str, where: str, size: int) -> Iterator[tuple[Head, str, Iterable[bytes]]]:
        """Yield, once, the answer at an address: how it begins, where it was found, and its body."""
        deadline = time.monotonic() + _LEAST + size / _SLOWEST
        try:
            address = follow(self._caller.home, href)
            for _ in range(_FOLLOWED + 1):
                headers = {"Accept-Encoding": "identity", **self._caller.rights(address)}
                with self._caller.web.asking(Ask("GET", address, headers), deadline) as (head, pieces):
                    if head.status == _OK:
                        yield head, address.asked, pieces
                        return
                    if head.status not in REDIRECTS or "location" not in head.headers:
                        raise NoAnswerError.of(Cause.STATUS, where, f"the server answers {head.status}")
                address = follow(address, head.headers["location"])
        except ForbiddenAddressError as error:
            raise ExecutionError(
                f"{_shown(href)} cannot be downloaded: {error.message}",
                where=where,
                remedy="Have results handed out by https; or allow their host in the block of the provider.",
            ) from None
        except NoAnswerError as error:
            raise UnavailableError(
                f"{_shown(href)} cannot be downloaded: {error.message}",
                where=where,
                remedy="Try again later; the addresses of results expire, and the next try asks for new ones.",
            ) from None
        raise UnavailableError(f"{_shown(href)} redirects more than {_FOLLOWED} times.", where=where)


def _shown(href: str) -> str:
    """Return an address for a message, without what may be a signature in it."""
    with suppress(ForbiddenAddressError):
        return repr(public(read_address(href).asked).partition("?")[0])
    return repr(public(href).partition("?")[0])


def _differs(message: str, where: str) -> IntegrityError:
    return IntegrityError(message, where=where, remedy="Run again; if it stays so, tell the provider.")
