"""The results of a job, in a folder: every file of the size, with the checksum and of the form that was announced."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.probe import probe
from earthcode_platform.engines.provider.downloading import Announced, Downloads, differs, too_large
from earthcode_platform.errors import ExecutionError, InputError
from earthcode_platform.models.pinned import PinnedAsset
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import follow, read_address
from earthcode_platform.web.asking import Web
from earthcode_platform.web.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from earthcode_platform.engines.remote_openeo.connecting import Connected
    from earthcode_platform.engines.remote_openeo.job import Job
    from earthcode_platform.web.addresses import Address

__all__ = ["Downloaded", "Results", "Wanted", "announced", "download"]

_NO_DATA: Final = frozenset({"thumbnail", "overview", "metadata", "process", "reproduction", "logs"})
"""Roles of assets that are about the data."""
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
    announced: Announced
    """What is said of it beforehand."""
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
    if sum(wanted.announced.size or 0 for wanted in files) > connected.backend.largest:
        raise too_large(connected.backend.largest, connected.url)
    return Results(document, files)


def _wanted(key: str, asset: dict[str, Any], base: str) -> Wanted | None:
    href, media = str(asset.get("href") or ""), str(asset.get("type") or "")
    roles = asset.get("roles") if isinstance(asset.get("roles"), list) else []
    form = container(urlsplit(href).path, media) or container(key, None)
    if not href or form not in _SUFFIXES or _NO_DATA & set(map(str, roles or [])):
        return None
    address = follow(read_address(f"{base}/"), href)
    return Wanted(key, address.asked, media, Announced.of(asset), form)


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
    backend, found = connected.backend, []
    with Web(Reach(allowed)) as web:
        downloads = Downloads(web, home, partial(_rights, connected), backend.largest, backend.pace.longest)
        for number, wanted in enumerate(results.files):
            path = folder / f"{number:03}-{_name(wanted)}"
            where = f"result {wanted.key!r} at {public(wanted.href).partition('?')[0]}"
            downloads.file(wanted.href, path, wanted.announced, where, partial(_open, where))
            found.append(Downloaded(wanted, path, wanted.announced.verified))
            told((number + 1) / len(results.files))
    return found


def _rights(connected: Connected, address: Address) -> dict[str, str]:
    """Return the header with our token, for an address of the back-end itself."""
    below = address.asked.startswith(f"{connected.url}/")
    bearer = connected.bearer()
    return {"Authorization": f"Bearer {bearer}"} if below and bearer else {}


def _open(where: str, path: Path) -> None:
    """Open a file as what it is said to be."""
    try:
        probe(PinnedAsset(item="result", key=path.name, href=str(path.absolute())))
    except InputError as error:
        raise differs(f"it cannot be opened: {error.message}", where) from None


def _name(wanted: Wanted) -> str:
    """Return a name for the file that its form can be told from; the back-end's own may hold anything."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", posixpath.splitext(wanted.key)[0])[:60]
    return f"{stem or 'result'}{_SUFFIXES[wanted.form]}"
