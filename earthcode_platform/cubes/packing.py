"""Values as a file stores them: rounded to the stored type, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from earthcode_platform.models.file_options import FileOptions

__all__ = ["read_back", "stored_numbers"]

_ALL_EXACT: Final = 2**24
"""Every whole number up to here is exact in float32; the next one becomes this."""


def read_back(values: NDArray[Any], options: FileOptions, where: str) -> NDArray[Any]:
    """Return the values as they come back from a file, no-data as NaN.

    Without a type asked for they are float32, which rounds to 7 digits; if that would change a whole number
    (identifiers, counts and sums above 2^24), all are float64. Whole types round to the next step of their scale.

    Raises:
        InputError: A value does not fit into the type, or is the number that stands for no data.
    """
    if options.bounds is not None:
        return _whole(values, options, where)
    if values.dtype == np.float32 and options.dtype in (None, "float32") and options.nodata is None:
        return values
    exact = values.astype("float64", copy=False)
    _require_free(exact, options, where)
    if options.dtype == "float64":
        return exact
    with np.errstate(over="ignore"):
        narrow = values.astype("float32")
    if bool((np.isinf(narrow) & np.isfinite(values)).any()):
        largest = float(np.nanmax(np.abs(values)))
        raise InputError(
            f"values up to {largest:.3g} do not fit into float32, whose largest is 3.4e38.",
            where=where,
            remedy="Scale them in the workflow (linear_scale_range, or log), or save with dtype float64.",
        )
    return exact if options.dtype is None and _changes_whole(values, narrow) else narrow


def stored_numbers(values: NDArray[Any], options: FileOptions) -> NDArray[Any]:
    """Return what `read_back` gave as the numbers that the file holds; whole numbers of that type are those already."""
    if values.dtype.name == options.dtype and values.dtype.kind in "iu" and (options.scale, options.offset) == (1, 0):
        return values
    if options.bounds is None:
        kept = values if options.nodata is None else np.where(np.isnan(values), options.nodata, values)
        return kept.astype(values.dtype, copy=False)
    steps = np.rint((values - options.offset) / options.scale)
    return np.where(np.isnan(steps), options.stored_nodata, steps).astype(options.dtype)


def _whole(values: NDArray[Any], options: FileOptions, where: str) -> NDArray[np.float64]:
    steps = np.rint((values.astype("float64") - options.offset) / options.scale)
    low, high = options.bounds or (0, 0)
    valid = steps[~np.isnan(steps)]
    if valid.size and (valid.min() < low or valid.max() > high):
        worst = float(np.nanmin(values) if valid.min() < low else np.nanmax(values))
        raise InputError(
            f"the value {worst:g} does not fit into {options.dtype} with scale {options.scale:g} and offset "
            f"{options.offset:g}.",
            where=where,
            remedy="Choose a larger scale or type, or clip the values in the workflow.",
        )
    if bool((valid == options.stored_nodata).any()):
        value = options.stored_nodata * options.scale + options.offset
        raise InputError(
            f"the value {value:g} would be stored as {options.stored_nodata:g}, which stands for no data.",
            where=where,
            remedy="Choose another nodata, or a larger type.",
        )
    return steps * options.scale + options.offset


def _require_free(values: NDArray[np.float64], options: FileOptions, where: str) -> None:
    """Check that no value is the number that stands for no data, which would be lost."""
    if options.nodata is not None and bool((values.astype(options.dtype or "float32") == options.nodata).any()):
        raise InputError(
            f"the value {options.nodata:g} is in the data, and stands for no data.",
            where=where,
            remedy="Choose another nodata.",
        )


def _changes_whole(exact: NDArray[Any], narrow: NDArray[Any]) -> bool:
    """Tell whether a whole number became another one as float32."""
    if max(np.fmax.reduce(narrow, axis=None, initial=0), -np.fmin.reduce(narrow, axis=None, initial=0)) < _ALL_EXACT:
        return False
    changed = np.isfinite(exact) & (narrow != exact)
    whole = exact[changed]
    return bool((whole == np.rint(whole)).any())
