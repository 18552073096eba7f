"""The results of a job, in a folder: every file of the size, with the checksum and of the form that was announced."""

from __future__ import annotations

import hashlib
import posixpath
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.probe import probe
from earthcode_platform.errors import ExecutionError, InputError, IntegrityError, UnavailableError
from earthcode_platform.models.pinned import PinnedAsset
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.asking import Ask, Web
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError
from earthcode_platform.web.fetching import REDIRECTS
from earthcode_platform.web.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from earthcode_platform.engines.remote_openeo.connecting import Connected
    from earthcode_platform.engines.remote_openeo.job import Job
    from earthcode_platform.web.addresses import Address
    from earthcode_platform.web.asking import Head

__all__ = ["Downloaded", "Results", "Wanted", "announced", "download"]

_NO_DATA: Final = frozenset({"thumbnail", "overview", "metadata", "process", "reproduction", "logs"})
"""Roles of assets that are about the data."""
_TRIES: Final = 3
_FIRST_WAIT: Final = 1.0
_FOLLOWED: Final = 5
_OK: Final = 200
_SLOWEST: Final = 50_000
"""Bytes a second below which a download is given up."""
_LEAST: Final = 300.0
"""Seconds that every download may take, however small it is."""
_HASHES: Final = {"1114": "sha1", "1220": "sha256", "1340": "sha512", "d50110": "md5"}
"""Prefixes of multihashes that can be compared (multiformats table), with the length of the digest."""
_SUFFIXES: Final = {Container.RASTER: ".tif", Container.NETCDF: ".nc"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as the back-end announces it."""

    key: str
    """Key of its asset."""
    href: str
    """Absolute address; it may hold a signature, so it is shown to nobody."""
    media_type: str
    """Its media type; empty if it does not say."""
    size: int | None
    """Bytes (`file:size`)."""
    checksum: str
    """Multihash (`file:checksum`); empty if it gives none."""
    form: Container
    """What it is to be opened as."""


@dataclass(frozen=True, slots=True)
class Results:
    """What a job produced."""

    document: dict[str, Any]
    """The STAC item or collection of the job."""
    files: tuple[Wanted, ...]
    """The files with data, in the order of their keys."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is here and was found good."""

    wanted: Wanted
    """What was announced."""
    path: Path
    """Where it is."""
    verified: tuple[str, ...]
    """What could be compared: `size`, `checksum`, `content`."""


def announced(connected: Connected, job: Job) -> Results:
    """Return what a finished job announces.

    Raises:
        ExecutionError: It produced no raster and no NetCDF file, or more than one is allowed to download.
        UnavailableError: The back-end does not answer.
    """
    document = connected.ask(lambda one: dict(one.job(job.id).get_results().get_metadata()))
    assets = document.get("assets")
    held = {str(key): one for key, one in assets.items() if isinstance(one, dict)} if isinstance(assets, dict) else {}
    files = tuple(wanted for key in sorted(held) if (wanted := _wanted(key, held[key], connected.url)) is not None)
    if not files:
        kinds = ", ".join(sorted({str(one.get("type") or key) for key, one in held.items()})) or "nothing at all"
        raise ExecutionError(
            f"the job {job.id} produced no GeoTIFF and no NetCDF file, but {connected.secrets.shown(kinds)}.",
            where=connected.url,
            remedy="End the graph with save_result in the format GTiff or NetCDF.",
        )
    total = sum(wanted.size or 0 for wanted in files)
    if total > connected.backend.largest:
        raise _too_large(total, connected)
    return Results(document, files)


def _wanted(key: str, asset: dict[str, Any], base: str) -> Wanted | None:
    href, media, size = str(asset.get("href") or ""), str(asset.get("type") or ""), asset.get("file:size")
    roles = asset.get("roles") if isinstance(asset.get("roles"), list) else []
    form = container(urlsplit(href).path, media) or container(key, None)
    if not href or form not in _SUFFIXES or _NO_DATA & set(map(str, roles or [])):
        return None
    address = follow(read_address(f"{base}/"), href)
    checksum = str(asset.get("file:checksum") or "").lower()
    return Wanted(key, address.asked, media, size if isinstance(size, int) else None, checksum, form)


def download(connected: Connected, results: Results, folder: Path, told: Callable[[float], None]) -> list[Downloaded]:
    """Fetch every file into `folder`, each whole or not at all.

    What needs our token gets it: addresses below that of the back-end, and no others. Hosts that are not on the public
    internet are asked only if they are the back-end's own, or allowed by the block.

    Raises:
        IntegrityError: A file is, even when fetched again, not what was announced.
        ExecutionError: There is more than may be downloaded.
        UnavailableError: A file cannot be had now.
    """
    home = read_address(connected.url)
    allowed = frozenset({f"{home.host}:{home.port}", *connected.backend.allowed})
    left, found = connected.backend.largest, []
    with Web(Reach(allowed)) as web:
        for number, wanted in enumerate(results.files):
            path = folder / f"{number:03}-{_name(wanted)}"
            _tried(_Fetch(web, connected, wanted, path, left))
            left -= path.stat().st_size
            found.append(Downloaded(wanted, path, _verified(wanted)))
            told((number + 1) / len(results.files))
    return found


def _name(wanted: Wanted) -> str:
    """Return a name for the file that its form can be told from; the back-end's own may hold anything."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", posixpath.splitext(wanted.key)[0])[:60]
    return f"{stem or 'result'}{_SUFFIXES[wanted.form]}"


def _verified(wanted: Wanted) -> tuple[str, ...]:
    """Return what of a file was compared with what was announced."""
    compared = {"size": wanted.size is not None, "checksum": _hash_of(wanted.checksum) is not None, "content": True}
    return tuple(name for name, was in compared.items() if was)


def _tried(fetch: _Fetch) -> None:
    """Fetch a file; again if it comes damaged or not at all, since that may be the network's fault."""
    wait = _FIRST_WAIT
    for last in (*(False for _ in range(_TRIES - 1)), True):
        try:
            fetch.run()
        except (UnavailableError, IntegrityError):
            if last:
                raise
            time.sleep(wait)
            wait *= 2
        else:
            return


class _Fetch:
    """One file on its way here."""

    def __init__(self, web: Web, connected: Connected, wanted: Wanted, path: Path, left: int) -> None:
        self._web = web
        self._connected = connected
        self._wanted = wanted
        self._path = path
        self._left = left
        self._where = f"result {wanted.key!r} at {public(wanted.href).partition('?')[0]}"

    def run(self) -> None:
        """Fetch and verify it; what is not good does not stay."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f".{self._path.stem}.part{self._path.suffix}")
        try:
            size, digest = self._received(part)
            self._compare(size, digest)
            self._open(part)
            part.replace(self._path)
        except (NoAnswerError, ForbiddenAddressError) as error:
            kind = UnavailableError if isinstance(error, UnavailableError) else ExecutionError
            remedy = error.remedy if kind is UnavailableError else "Allow its host in the block of the back-end."
            raise kind(f"it cannot be downloaded: {error.message}", where=self._where, remedy=remedy) from None
        finally:
            part.unlink(missing_ok=True)

    def _received(self, part: Path) -> tuple[int, str]:
        """Write the file, and return its size and its digest as far as the announced hash is known."""
        hasher, size = hashlib.new(_hash_of(self._wanted.checksum) or "sha256", usedforsecurity=False), 0
        with part.open("wb") as stream:
            for piece in self._pieces():
                size += len(piece)
                if self._wanted.size is not None and size > self._wanted.size:
                    raise self._differs(f"it has more than the {self._wanted.size} bytes that were announced.")
                if size > self._left:
                    raise _too_large(size, self._connected)
                stream.write(piece)
                hasher.update(piece)
        return size, hasher.hexdigest()

    def _pieces(self) -> Iterator[bytes]:
        address = read_address(self._wanted.href)
        seconds = _LEAST + (self._wanted.size or self._left) / _SLOWEST
        deadline = time.monotonic() + seconds
        for _ in range(_FOLLOWED + 1):
            headers = {"Accept-Encoding": "identity", **self._rights(address)}
            with self._web.asking(Ask("GET", address, headers), deadline) as (head, pieces):
                if head.status == _OK:
                    yield from pieces
                    return
                if head.status not in REDIRECTS or "location" not in head.headers:
                    raise self._refused(head)
            address = follow(address, head.headers["location"])
        raise UnavailableError(f"it redirects more than {_FOLLOWED} times.", where=self._where)

    def _rights(self, address: Address) -> dict[str, str]:
        """Return the header with our token, for an address of the back-end itself."""
        below = address.asked.startswith(f"{self._connected.url}/")
        bearer = self._connected.bearer()
        return {"Authorization": f"Bearer {bearer}"} if below and bearer else {}

    def _refused(self, head: Head) -> UnavailableError:
        error = NoAnswerError.of(Cause.STATUS, self._where, f"the server answers {head.status}")
        error.remedy = "Try again later; the addresses of results expire, and the next try asks for new ones."
        return error

    def _compare(self, size: int, digest: str) -> None:
        wanted = self._wanted
        if wanted.size is not None and size != wanted.size:
            raise self._differs(f"it has {size} bytes, but {wanted.size} were announced.")
        if _hash_of(wanted.checksum) is not None and not wanted.checksum.endswith(digest):
            raise self._differs(f"its checksum is …{digest[-12:]}, but …{wanted.checksum[-12:]} was announced.")

    def _open(self, part: Path) -> None:
        """Open the file as what it is said to be."""
        try:
            probe(PinnedAsset(item="result", key=self._wanted.key, href=str(part.absolute())))
        except InputError as error:
            raise self._differs(f"it cannot be opened: {error.message}") from None

    def _differs(self, message: str) -> IntegrityError:
        return IntegrityError(message, where=self._where, remedy="Run again; if it stays so, tell the provider.")


def _hash_of(checksum: str) -> str | None:
    """Return the name of the hash of a multihash; None if it cannot be compared."""
    for prefix, name in _HASHES.items():
        with suppress(ValueError):
            digits = 2 * hashlib.new(name, usedforsecurity=False).digest_size
            if checksum.startswith(prefix) and len(checksum) == len(prefix) + digits:
                return name
    return None


def _too_large(size: int, connected: Connected) -> ExecutionError:
    return ExecutionError(
        f"the results have {size:,} bytes or more, and {connected.backend.largest:,} may be downloaded.",
        where=connected.url,
        remedy="Choose a smaller window, or raise the limit in the block of the back-end.",
    )
