"""The header of a raster file: its grid, and what its stored numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.access import readable
from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.cubes.opened import opened_raster
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earthcode_platform.models.pinned import PinnedAsset

__all__ = ["Header", "read_header", "require_agreement"]

_TOLERANCE: Final = 0.01
"""Part of a pixel by which corners may differ: items round their numbers."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a raster file says of itself; one entry for each band."""

    crs: str
    """`EPSG:<code>` or WKT2; empty if the file has none."""
    shape: tuple[int, int]
    """Rows and columns."""
    transform: tuple[float, ...]
    """Affine transform from column and row to the CRS, row-major, six numbers."""
    dtypes: tuple[str, ...]
    """NumPy names of the stored types."""
    nodata: tuple[float | None, ...]
    """Stored numbers that mean no data."""
    scales: tuple[float, ...]
    """Factors from stored numbers to values."""
    offsets: tuple[float, ...]
    """What is added after scaling."""
    units: tuple[str, ...]
    """Units of the values; empty if not given."""

    def projection(self) -> dict[str, Any]:
        """Return the grid in the fields of STAC's projection extension."""
        name = "proj:code" if self.crs.startswith("EPSG:") else "proj:wkt2"
        return {name: self.crs, "proj:shape": list(self.shape), "proj:transform": list(self.transform)}


def read_header(asset: PinnedAsset) -> Header:
    """Return the header of a raster asset; no pixel is read.

    Raises:
        InputError: The file is missing or no raster.
        UnavailableError: A remote file did not answer.
    """
    from rasterio.errors import RasterioError

    try:
        with opened_raster(readable(asset.href)) as opened:
            return Header(
                crs=crs_name(opened.crs) if opened.crs else "",
                shape=opened.shape,
                transform=tuple(opened.transform)[:6],
                dtypes=tuple(opened.dtypes),
                nodata=tuple(opened.nodatavals),
                scales=tuple(opened.scales),
                offsets=tuple(opened.offsets),
                units=tuple(unit or "" for unit in opened.units),
            )
    except RasterioError as error:
        if is_remote(asset.href):
            raise UnavailableError(f"it cannot be opened: {error}.", where=asset.href, remedy="Try again.") from None
        raise InputError(
            f"asset {asset.key!r} of item {asset.item!r} cannot be opened as a raster: {error}.", where=asset.href
        ) from None


def require_agreement(projection: Mapping[str, Any], header: Header, asset: PinnedAsset) -> None:
    """Check that a raster has a CRS, and that it lies where its item says (STAC projection extension).

    Pixels are placed by the file; an item that says otherwise would move or lose them in silence.

    Args:
        projection: What the item says, by field.
        header: What the file says.
        asset: The file.

    Raises:
        InputError: The file has no CRS, or the two differ; the message names both.
    """
    if not header.crs:
        raise InputError(
            f"the file of asset {asset.key!r} of item {asset.item!r} has no coordinate reference system.",
            where=asset.href,
            remedy="Write it into the file (gdal_edit.py -a_srs EPSG:…).",
        )
    for field, declared, found in _differences(projection, header):
        raise InputError(
            f"item {asset.item!r} says {field} {declared} of asset {asset.key!r}, but the file says {found}.",
            where=asset.href,
            remedy="Mend the item (an asset on a grid of its own needs proj:* fields of its own), or the file.",
        )


def _differences(projection: Mapping[str, Any], header: Header) -> Iterator[tuple[str, object, object]]:
    field = next((name for name in ("proj:code", "proj:epsg") if projection.get(name) is not None), "")
    declared = str(projection.get(field, "")).upper().removeprefix("EPSG:")
    if declared.isdigit() and header.crs.startswith("EPSG:") and header.crs != f"EPSG:{declared}":
        yield field, projection[field], header.crs
    shape = projection.get("proj:shape")
    if isinstance(shape, list) and tuple(shape) != header.shape:
        yield "proj:shape", shape, list(header.shape)
    transform = projection.get("proj:transform")
    if isinstance(transform, list) and not _same_corners(transform, header):
        yield "proj:transform", transform, list(header.transform)


def _same_corners(declared: list[Any], header: Header) -> bool:
    """Tell whether two affine transforms put the corners of the raster at the same places, within a part of a pixel."""
    if len(declared) < len(header.transform) or not all(isinstance(number, int | float) for number in declared):
        return False
    rows, columns = header.shape
    a, b, _, d, e, _ = header.transform
    steps = (abs(a) + abs(b), abs(d) + abs(e))
    for column, row in ((0, 0), (columns, 0), (0, rows), (columns, rows)):
        for axis in (0, 1):
            at = 3 * axis
            one, other = (
                numbers[at] * column + numbers[at + 1] * row + numbers[at + 2]
                for numbers in (declared, header.transform)
            )
            if abs(one - other) > _TOLERANCE * steps[axis]:
                return False
    return True
