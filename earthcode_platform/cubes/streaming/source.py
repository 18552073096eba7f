"""What a product is streamed from: an array of which each block can be computed by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["BlockSource", "source_of"]

NAME = "blocks-"
"""How the arrays of Dask are called that show a source."""


@runtime_checkable
class BlockSource(Protocol):
    """An array (..., rows, columns) that computes the window that is asked for, reading what that needs and no more."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def side(self) -> int:
        """Rows and columns of the block that is best computed at once."""

    @property
    def block_bytes(self) -> int:
        """Memory that computing such a block takes."""

    @property
    def hrefs(self) -> Sequence[str]:
        """Paths and addresses of what is read."""

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[Any]:
        """Return the values of a window."""


def source_of(cube: xr.DataArray) -> BlockSource | None:
    """Return the source that a lazy cube shows as it is; None if there is none, or something was done to it since."""
    if not cube.chunks:
        return None
    layers = cube.data.dask.layers
    if set(layers) != {cube.data.name, f"original-{cube.data.name}"} or not cube.data.name.startswith(NAME):
        return None
    found = next((one for one in layers[f"original-{cube.data.name}"].values() if isinstance(one, BlockSource)), None)
    return found if found is not None and found.shape == cube.shape else None
