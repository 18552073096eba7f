"""Is each file of the inputs there, is it what was declared, and does its header say where its pixels lie?

Many files are looked at side by side: a remote one by one ranged request for its first bytes, and a server is asked for
a few at a time only, however many files lie on it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from earthcode_platform.cubes.access import allowing, carried
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.probe import Seen, probe, probe_head
from earthcode_platform.cubes.reaching import reach
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedAsset

if TYPE_CHECKING:
    from earthcode_platform.web.asking import Web

__all__ = ["NO_ANSWER", "Told", "check"]

Told: TypeAlias = Callable[[int, int], None]
"""Takes how many files were looked at, and how many there are."""

NO_ANSWER: Final = "no-answer"
"""What the code of a finding says about a file of which nothing can be said now."""
_AT_ONCE: Final = 32
_PER_HOST: Final = 8
"""Most of the time goes into waiting for a disk or a server; one server gets no more than a browser asks of it."""
_TOLD_EVERY: Final = 20
_MEDIA: Final = {
    "GTiff": ("image/tiff", "image/geotiff", "image/vnd.stac.geotiff", "application/geotiff"),
    "JP2OpenJPEG": ("image/jp2", "image/jpx"),
}
"""By GDAL's name of a format: the media types that say it (IANA; STAC best practices, common media types)."""


@dataclass(frozen=True, slots=True)
class _Looked:
    findings: tuple[Finding, ...]
    unanswered: UnavailableError | None = None


def check(assets: Sequence[PinnedAsset], told: Told | None = None) -> Iterator[tuple[PinnedAsset, Finding]]:
    """Yield what is wrong with the files, each finding with its asset, in the order of the assets.

    A server that does not answer is asked once more at the end; then `inputs-no-answer` says so.
    """
    for asset, looked in zip(assets, _Look(assets, told).all(), strict=True):
        yield from ((asset, found) for found in looked.findings)
        if looked.unanswered is not None:
            yield asset, _error(asset, NO_ANSWER, looked.unanswered.message, "Try again later, or name a mirror.")


class _Look:
    """One look at many files."""

    def __init__(self, assets: Sequence[PinnedAsset], told: Told | None) -> None:
        self._assets = assets
        self._told = told
        self._lock = Lock()
        self._hosts: dict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(_PER_HOST))

    def all(self) -> list[_Looked]:
        remote = [asset.href for asset in self._assets if "://" in asset.href]
        with allowing(remote) as web, ThreadPoolExecutor(_AT_ONCE if remote else _PER_HOST) as pool:
            look = carried(partial(self._one, web))
            looked = list(self._counted(pool.map(look, self._assets)))
            again = [at for at, one in enumerate(looked) if one.unanswered is not None]
            second = pool.map(look, [self._assets[at] for at in again])
            for at, one in zip(again, second, strict=True):
                looked[at] = one
        return looked

    def _counted(self, looked: Iterator[_Looked]) -> Iterator[_Looked]:
        for done, one in enumerate(looked, 1):
            yield one
            if self._told is not None and (done % _TOLD_EVERY == 0 or done == len(self._assets)):
                self._told(done, len(self._assets))

    def _one(self, web: "Web", asset: PinnedAsset) -> _Looked:
        try:
            with self._slot(asset.href):
                return _Looked(tuple(_findings(asset, web)))
        except UnavailableError as error:
            return _Looked((), error)

    def _slot(self, href: str) -> BoundedSemaphore:
        with self._lock:
            return self._hosts[urlsplit(href).netloc if "://" in href else ""]


def _error(asset: PinnedAsset, code: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    where = f"{asset.item}/{asset.key}"
    return Finding(code=f"inputs-{code}", severity=severity, where=where, message=message, remedy=remedy)


def _findings(asset: PinnedAsset, web: "Web") -> Iterator[Finding]:
    try:
        if "://" in asset.href:
            yield from _remote(asset, web)
        else:
            yield from _local(asset)
    except InputError as error:
        remedy = error.remedy or "Take the asset out of the item, or put a readable file in its place."
        yield _error(asset, "not-readable", error.message, remedy)


def _remote(asset: PinnedAsset, web: "Web") -> Iterator[Finding]:
    folder = container(asset.href, asset.media_type) is Container.ZARR and not asset.href.lower().endswith(".zip")
    if folder or not asset.href.startswith(("http://", "https://", "s3://")):
        yield from _placed(asset, probe(asset))
        return
    reached = reach(web, asset.href)
    if reached.size is not None and (told := _other_size(asset, reached.size)):
        yield told
        return
    seen = probe_head(asset, reached.content)
    if not reached.ranged:
        message = f"its server sends the whole file where a part is asked for ({asset.href!r})."
        remedy = "Put it on a server that takes ranged requests, or every reader fetches all of it."
        yield _error(asset, "not-ranged", message, remedy, Severity.WARNING)
    yield from _placed(asset, seen or probe(asset))


def _local(asset: PinnedAsset) -> Iterator[Finding]:
    path = Path(asset.href)
    if not path.exists():
        yield _error(asset, "file-missing", f"there is no file {asset.href!r}.", "Fetch it, or take the item out.")
        return
    told = [] if path.is_dir() else list(_other_bytes(asset, path))  # a folder is a Zarr store
    yield from told
    if not told:
        yield from _placed(asset, probe(asset))


def _other_bytes(asset: PinnedAsset, path: Path) -> Iterator[Finding]:
    told = _other_size(asset, path.stat().st_size)
    if told:
        yield told
    if asset.declared and asset.checksum and asset.declared != asset.checksum and path.stat().st_size:
        message = f"{asset.href!r} has the checksum {asset.checksum}, but its item declares {asset.declared}."
        yield _error(asset, "checksum-differs", message, "Fetch the file again, or mend file:checksum in the item.")


def _other_size(asset: PinnedAsset, size: int) -> Finding | None:
    if size == 0:
        return _error(asset, "file-empty", f"{asset.href!r} has 0 bytes.", "Fetch the file again.")
    if asset.size is not None and asset.size != size:
        message = f"{asset.href!r} has {size} bytes, but its item declares {asset.size}."
        return _error(asset, "size-differs", message, "Fetch the file again, or mend file:size in the item.")
    return None


def _placed(asset: PinnedAsset, seen: Seen | None) -> Iterator[Finding]:
    """Yield what the header of a raster does not say, or says otherwise than the item."""
    if seen is None:
        return
    essence = (asset.media_type or "").split(";")[0].strip().lower()
    expected = _MEDIA.get(seen.driver, ())
    if essence and (
        essence not in expected if expected else essence in {one for ones in _MEDIA.values() for one in ones}
    ):
        message = f"{asset.href!r} is declared as {essence!r}, and GDAL reads it as {seen.driver}."
        remedy = f"Declare it as {expected[0]!r} in the item." if expected else "Mend the media type in the item."
        yield _error(asset, "media-type-differs", message, remedy, Severity.WARNING)
    for there, code, what in ((seen.crs, "no-crs", "in which CRS"), (seen.grid, "no-grid", "where, and how large,")):
        if not there:
            message = f"{asset.href!r} does not say {what} its pixels lie."
            remedy = "Write it into the file (gdal_edit), for nothing can be placed or resampled without it."
            yield _error(asset, code, message, remedy, Severity.WARNING)
