"""The header of a file, opened to see whether it is what its item says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.access import readable
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from earthcode_platform.models.pinned import PinnedAsset

__all__ = ["probe"]

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


def probe(asset: PinnedAsset) -> None:
    """Open the header of an asset as the raster, NetCDF file or Zarr store that it is said to be.

    Of a local raster one block is read too, the last: a file that was cut short breaks there. Remote rasters are opened
    over HTTP; remote NetCDF and Zarr are refused, as the loader refuses them.

    Raises:
        InputError: It is missing, or something else; the message says what it looks like.
        UnavailableError: Its server did not answer.
    """
    form = container(asset.href, asset.media_type)
    if form is None:
        raise InputError(
            f"asset {asset.key!r} of item {asset.item!r} is {asset.media_type or 'of unknown type'}.",
            where=asset.href,
            remedy="GeoTIFF, JPEG 2000, NetCDF and Zarr can be read; give the asset its media type.",
        )
    if not is_remote(asset.href) and not Path(asset.href).exists():
        raise InputError(f"the file of asset {asset.key!r} is missing.", where=asset.href, remedy="Restore it.")
    if form is Container.RASTER:
        _probe_raster(asset)
    else:
        _probe_gridded(asset, form)


def _probe_raster(asset: PinnedAsset) -> None:
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(readable(asset.href)) as opened:
            if not opened.count:
                raise _refused(asset, "raster", "it has no bands")
            if not is_remote(asset.href):
                opened.read(1, window=list(opened.block_windows(1))[-1][1])
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
    start = head.lstrip().lower()
    known = [name for magic, name in _MAGIC if head.startswith(magic)]
    known += [name for opening, name in _TEXTS if start.startswith(opening)]
    if not known and head.isascii() and b"\0" not in head:
        known = ["plain text"]
    return f"it is {known[0]}" if known else ""
