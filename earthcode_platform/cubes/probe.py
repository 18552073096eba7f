"""The header of a file, opened to see whether it is what its item says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.access import readable
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

    from earthcode_platform.models.pinned import PinnedAsset

__all__ = ["Seen", "probe", "probe_head"]

_HEAD: Final = 512
_TRANSIENT: Final = (
    "HTTP response code: 5",
    "HTTP response code: 429",
    "HTTP response code: 408",
    "imed out",
    "resolve",
)
"""What GDAL says when a server should be asked again."""
_MAGIC: Final = (
    (b"II*\x00", "a TIFF that is cut short or damaged"),
    (b"MM\x00*", "a TIFF that is cut short or damaged"),
    (b"II+\x00", "a BigTIFF that is cut short or damaged"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file that is cut short or damaged"),
    (b"CDF", "a NetCDF file that is cut short or damaged"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
)
_TEXTS: Final = (
    (b"<!doctype html", "an HTML page, as servers send when a file is not there or a login is needed"),
    (b"<html", "an HTML page, as servers send when a file is not there or a login is needed"),
    (b"<", "XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the header of a raster says."""

    driver: str
    """GDAL's name of the format."""
    crs: bool
    """Whether it names its coordinate reference system, for its grid or for ground control points."""
    grid: bool
    """Whether it says where its pixels lie: by a transform, ground control points or rational polynomials."""


def probe(asset: PinnedAsset) -> Seen | None:
    """Open the header of an asset as the raster, NetCDF or GRIB file or Zarr store that it is said to be.

    Return what the header of a raster says.

    Of a local raster one block is read too, the last: a file that was cut short breaks there. Remote rasters are opened
    over HTTP, and so are GRIB and Zarr; remote NetCDF is refused, as the loader refuses it.

    Raises:
        InputError: It is missing, or something else; the message says what it looks like.
        UnavailableError: Its server did not answer.
    """
    form = container(asset.href, asset.media_type)
    if form is None:
        raise InputError(
            f"asset {asset.key!r} of item {asset.item!r} is {asset.media_type or 'of unknown type'}.",
            where=asset.href,
            remedy="GeoTIFF, JPEG 2000, NetCDF, Zarr and GRIB can be read; give the asset its media type.",
        )
    if not is_remote(asset.href) and not Path(asset.href).exists():
        raise InputError(f"the file of asset {asset.key!r} is missing.", where=asset.href, remedy="Restore it.")
    if form is Container.RASTER:
        return _probe_raster(asset)
    _probe_gridded(asset, form)
    return None


def probe_head(asset: PinnedAsset, content: bytes) -> Seen | None:
    """Return what the first bytes of a remote raster say; None if its header does not lie in them, or is no raster's.

    GDAL waits for servers with Python's lock in its hand, so that many files would be asked one after the other.

    Raises:
        InputError: They are no raster's; the message says what they look like.
    """
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.io import MemoryFile

    if container(asset.href, asset.media_type) is not Container.RASTER:
        return None
    if (known := _known(content)) and not known.endswith("damaged"):
        raise _refused(asset, "raster", f"it is {known}")
    try:
        with MemoryFile(content) as held, rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"), held.open() as opened:
            return _seen(opened)
    except RasterioError:
        return None


def _seen(opened: DatasetReader) -> Seen:
    points, system = opened.gcps
    placed = bool(points) or opened.rpcs is not None
    return Seen(opened.driver, bool(opened.crs or system or opened.rpcs), placed or not opened.transform.is_identity)


def _probe_raster(asset: PinnedAsset) -> Seen:
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(readable(asset.href)) as opened:
            if not opened.count:
                raise _refused(asset, "raster", "it has no bands")
            if not is_remote(asset.href):
                opened.read(1, window=list(opened.block_windows(1))[-1][1])
            return _seen(opened)
    except RasterioError as error:
        if is_remote(asset.href) and any(mark in str(error) for mark in _TRANSIENT):
            raise UnavailableError(f"no answer: {error}.", where=asset.href, remedy="Try again later.") from None
        raise _refused(asset, "raster", str(error)) from None


def _probe_gridded(asset: PinnedAsset, form: Container) -> None:
    try:
        with open_gridded(asset.href, form) as opened:
            if not opened.data_vars:
                raise _refused(asset, form.value, "it has no variables")
    except InputError as error:
        raise _refused(asset, form.value, error.message) from None


def _refused(asset: PinnedAsset, form: str, reason: str) -> InputError:
    found = "" if is_remote(asset.href) else _looks_like(Path(asset.href))
    return InputError(
        f"asset {asset.key!r} of item {asset.item!r} cannot be opened as {form}: {found or reason}.",
        where=asset.href,
        remedy="Fetch the file again, or mend the item's href or media type.",
    )


def _looks_like(path: Path) -> str:
    if path.is_dir():
        return "it is a folder without Zarr metadata"
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head:
        return "it is empty (0 bytes)"
    known = _known(head)
    return f"it is {known}" if known else ""


def _known(head: bytes) -> str:
    start = head[:_HEAD].lstrip().lower()
    known = [name for magic, name in _MAGIC if head.startswith(magic)]
    known += [name for opening, name in _TEXTS if start.startswith(opening)]
    if not known and head[:_HEAD].isascii() and b"\0" not in head[:_HEAD]:
        known = ["plain text"]
    return known[0] if known else ""
