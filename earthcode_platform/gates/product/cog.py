"""Is a GeoTIFF cloud-optimised? What its directories say is held against the standard and against GDAL's script.

Sources: OGC 21-026 (Cloud Optimized GeoTIFF standard 1.0), sections 7 and 8; the rules of GDAL's
`validate_cloud_optimized_geotiff.py`.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from earthcode_platform.cubes.tiff_structure import TiffStructure, read_structure
from earthcode_platform.errors import InputError
from earthcode_platform.gates.product.finding import finding
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["check_tiff"]

_SMALL: Final = 512
"""Rows and columns up to which an image needs neither tiles nor overviews (GDAL's script)."""
_MEND: Final = "Write it as cloud-optimised: GDAL's COG driver, `gdal_translate -of COG`, does."


def check_tiff(path: Path, where: str, *, optimised: bool) -> Iterator[Finding]:
    """Yield what is wrong with the structure of a TIFF file.

    Args:
        path: The file.
        where: What findings name.
        optimised: Whether it is said to be cloud-optimised; others are only looked at for pixels that are missing.
    """
    try:
        structure = read_structure(path)
    except InputError as error:
        yield finding("not-readable", where, f"it is no whole TIFF: {error.message}", "Write it again.")
        return
    end = max(one.end for one in structure.directories)
    if end > structure.size:
        message = f"it has {structure.size:,} bytes, and its last pixels would end at byte {end:,}."
        yield finding("cut-short", where, message, "Look whether the disk was full, and run again.")
    if optimised:
        yield from _layout(structure, where)


def _layout(structure: TiffStructure, where: str) -> Iterator[Finding]:
    full, overviews = structure.full, structure.overviews
    large = max(full.width, full.height) > _SMALL
    size = f"{full.height} by {full.width} pixels"
    if not full.geographic:
        yield _wrong(where, "its first directory has no GeoTIFF keys.")
    if large and not full.tiled:
        yield _wrong(where, f"its {size} lie in strips and not in tiles.")
    if any(not one.tiled for one in overviews if max(one.width, one.height) > _SMALL):
        yield _wrong(where, "an overview lies in strips and not in tiles.")
    if large and not overviews:
        message = f"its {size} have no overview, so that whoever zooms out reads all of them."
        yield finding("no-overviews", where, message, _MEND, Severity.WARNING)
    for larger, smaller in pairwise((full, *overviews)):
        if smaller.width >= larger.width and smaller.height >= larger.height:
            told = f"{smaller.height} by {smaller.width} after {larger.height} by {larger.width}"
            yield _wrong(where, f"its overviews do not grow smaller: {told}.")
    yield from _order(structure, where)


def _order(structure: TiffStructure, where: str) -> Iterator[Finding]:
    """Yield what makes a reader seek: directories behind pixels, or pixels of large images before those of small."""
    offsets = [one.offset for one in structure.directories]
    pixels = min((one.first for one in structure.directories if one.blocks), default=structure.size)
    if offsets != sorted(offsets):
        yield _wrong(where, "its directories are not in the order of their resolution.")
    if max(offsets) > pixels:
        yield _wrong(where, f"a directory lies at byte {max(offsets):,}, behind the first pixels at byte {pixels:,}.")
    images = [one for one in (structure.full, *structure.overviews) if one.blocks]
    for larger, smaller in pairwise(images):
        if smaller.first > larger.first:
            told = f"those of {larger.height} rows at byte {larger.first:,}, of {smaller.height} at {smaller.first:,}"
            yield _wrong(where, f"pixels of a larger image lie before those of a smaller one: {told}.")


def _wrong(where: str, message: str) -> Finding:
    return finding("cog-layout", where, message, _MEND)
