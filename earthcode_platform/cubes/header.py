"""The header of a raster file: its grid, and what its stored numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from earthcode_platform.models.pinned import PinnedAsset

__all__ = ["Header", "read_header"]


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
        """Return the grid in the fields of STAC's projection extension.

        Raises:
            InputError: The file has no CRS.
        """
        if not self.crs:
            raise InputError("the file has no coordinate reference system.", remedy="Give the item proj:code.")
        name = "proj:code" if self.crs.startswith("EPSG:") else "proj:wkt2"
        return {name: self.crs, "proj:shape": list(self.shape), "proj:transform": list(self.transform)}


def read_header(asset: PinnedAsset) -> Header:
    """Return the header of a raster asset; no pixel is read.

    Raises:
        InputError: The file is missing or no raster.
        UnavailableError: A remote file did not answer.
    """
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(asset.href) as opened:
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
