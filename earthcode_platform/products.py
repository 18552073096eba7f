"""Archived products as cubes: from an id to a lazy array, in one call."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from earthcode_platform.cubes.access import Access, using
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.models.experiment import InputReference
from earthcode_platform.stores.delivery import download, newest, read_manifest
from earthcode_platform.stores.opening import open_store
from earthcode_platform.web.signing import ObjectStorage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from earthcode_platform.stores.contract import Store

__all__ = ["open_product"]


def open_product(
    store: Store | str,
    product: str,
    version: str | None = None,
    *,
    bands: Sequence[str] | None = None,
    cache: Path | None = None,
) -> xr.DataArray:
    """Return an archived product as a lazy cube (t, bands, y, x) on Dask, with its CRS, no-data as NaN.

    GeoTIFF and Zarr are read where they lie, block by block, when the cube is computed; in object storage by addresses
    that are signed for twelve hours. NetCDF in object storage is copied to `cache` first, checked byte by byte.

    Example:
        ```python
        from earthcode_platform.products import open_product

        cube = open_product(".earthcode/archive", "sst-anomaly")
        cube.mean("t").compute()
        ```

    Args:
        store: The results repository: a store, a folder, or `s3://bucket/prefix` if anybody may read there.
        product: Id of the product.
        version: The version; the newest if None.
        bands: Names of bands, in the order wanted; all bands if None.
        cache: Folder for copies; one of this machine's temporary ones if None.

    Raises:
        UnknownNameError: There is no such product, or no such band.
        InputError: There is no such version, or the store refuses us.
        IntegrityError: The manifest cannot be read, or a copied file is not what was archived.
        UnavailableError: The store does not answer.
    """
    held = open_store(store, ObjectStorage()) if isinstance(store, str) else store
    prefix = f"{product}/{version}" if version else newest(held, product)
    manifest, checksum = read_manifest(held, prefix)
    with using(Access(held.storage)):
        found = pin_input(
            product, InputReference(href=held.place_of(f"{manifest.base(prefix)}/{manifest.item}")), Path()
        )
        forms = {container(asset.href, asset.media_type) for asset in found.assets}
        if found.local or Container.NETCDF not in forms:
            return load(found, bands)
    copy = (cache or Path(tempfile.gettempdir()) / "earthcode-products") / checksum
    if not copy.exists():
        download(held, prefix, copy)
    return load(pin_input(product, InputReference(href=str(copy / manifest.item)), Path()), bands)
