"""Tables of statistics: a row for each band of each input asset, or of each produced file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.access import carried
from earthcode_platform.cubes.assets import BandSource, Container, container
from earthcode_platform.cubes.axes import axis_of
from earthcode_platform.cubes.band_blocks import RasterBand, array_blocks, opened_raster
from earthcode_platform.cubes.dimensions import TIME, X, Y, band_units
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.gridded import load_gridded, open_gridded, variable_names
from earthcode_platform.cubes.resolved import ResolvedItem, resolved_items
from earthcode_platform.cubes.running import RunningStatistics
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.cubes.wanted import wanted_bands
from earthcode_platform.cubes.window import in_box, in_window
from earthcode_platform.errors import InputError
from earthcode_platform.models.quality import BandStatistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from earthcode_platform.cubes.wanted import WantedBand
    from earthcode_platform.models.pinned import PinnedAsset, PinnedInput
    from earthcode_platform.models.run import ProducedFile

__all__ = ["input_statistics", "product_statistics"]

_AT_ONCE: Final = 4
"""Assets that are read at the same time."""
_QUANTILES: Final = {"q02": 0.02, "q25": 0.25, "median": 0.5, "q75": 0.75, "q98": 0.98}


def input_statistics(pinned: PinnedInput) -> Iterator[list[BandStatistics] | InputError]:
    """Yield the rows of each asset of an input, in the order of its items; an error for one that cannot be read.

    Pixels outside the input's window in space and dates outside its window in time are not looked at. Stored numbers
    become values as the loader reads them. Assets are read by block, some at the same time.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A remote file did not answer.
    """
    jobs = [(pinned, found, key) for found in resolved_items(pinned) for key in found.assets]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(carried(_rows_or_error), *zip(*jobs, strict=True)) if jobs else ()


def _rows_or_error(pinned: PinnedInput, found: ResolvedItem, key: str) -> list[BandStatistics] | InputError:
    alone = ResolvedItem(found.item, {key: found.assets[key]})
    try:
        return list(_rows(pinned, alone, found.assets[key]))
    except InputError as error:
        return InputError(error.message, where=f"{pinned.name}: {found.item.id}/{key}", remedy=error.remedy)


def _rows(pinned: PinnedInput, found: ResolvedItem, asset: PinnedAsset) -> Iterator[BandStatistics]:
    known = {
        "source": pinned.name,
        "item": found.item.id,
        "asset": asset.key,
        "datetime": found.item.moment,
        "media_type": asset.media_type,
        "size_bytes": asset.size if is_remote(asset.href) else _size(Path(asset.href)),
    }
    form = container(asset.href, asset.media_type)
    if form is Container.RASTER:
        labels = [band.label for band in found.raster_bands()]
        for band in wanted_bands([found], labels)[0].bands if labels else ():
            if band is not None:
                yield _of_input_band(band, pinned, known)
    elif form is not None:
        for name in variable_names(asset.href, form):
            yield _of_input_variable(found, name, pinned, known)


def _of_input_band(band: WantedBand, pinned: PinnedInput, known: dict[str, Any]) -> BandStatistics:
    with opened_raster(band.asset.href) as opened:
        return _of_raster(RasterBand(opened, band.source, pinned.bbox), band.source.label, known)


def _of_raster(part: RasterBand, name: str, known: dict[str, Any]) -> BandStatistics:
    top, bottom, left, right = part.span
    transform = part.opened.transform
    described = {
        "band": name,
        "dtype": part.source.data_type or part.opened.dtypes[part.source.index - 1],
        "crs": part.crs,
        "dates": 1,
        "rows": bottom - top,
        "columns": right - left,
        "resolution_x": abs(transform.a) + abs(transform.b),
        "resolution_y": abs(transform.e) + abs(transform.d),
        "unit": part.source.unit,
    }
    return BandStatistics.model_validate({**known, **described, **_figures(part.blocks())})


def _of_input_variable(found: ResolvedItem, name: str, pinned: PinnedInput, known: dict[str, Any]) -> BandStatistics:
    cube = load_gridded([found], [name])
    if pinned.datetime is not None and cube.sizes[TIME] > 1:
        cube = in_window(cube, pinned.datetime)
    if pinned.bbox is not None:
        cube = in_box(cube, pinned.bbox)
    grid = grid_of(cube)
    asset = next(iter(found.assets.values()))
    described = {
        "band": name,
        "dtype": _stored_type(asset.href, container(asset.href, asset.media_type) or Container.NETCDF, name),
        "crs": grid.crs,
        "dates": cube.sizes[TIME],
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "resolution_x": abs(grid.transform[0]),
        "resolution_y": abs(grid.transform[4]),
        "unit": band_units(cube)[0],
    }
    return BandStatistics.model_validate({**known, **described, **_figures(array_blocks(cube))})


def _stored_type(href: str, form: Container, name: str) -> str:
    with open_gridded(href, form) as opened:
        return str(opened[name].encoding.get("dtype", opened[name].dtype))


def product_statistics(files: dict[str, ProducedFile], product: str) -> Iterator[BandStatistics]:
    """Yield the rows of a product, read from its files by block, in the order of files and bands; tables have none.

    Args:
        files: The files by the key of their asset (`RunResult.assets`).
        product: The product's id.

    Raises:
        InputError: A file cannot be read.
    """
    for key, produced in files.items():
        path = Path(produced.path)
        known = {
            "source": "product",
            "item": product,
            "asset": key,
            "datetime": produced.start,
            "media_type": produced.media_type,
            "size_bytes": _size(path),
        }
        form = container(produced.path, None)
        if form is Container.RASTER:
            yield from _of_produced_raster(produced, known)
        elif form is not None:
            yield from _of_produced_arrays(produced, known)


def _of_produced_raster(produced: ProducedFile, known: dict[str, Any]) -> Iterator[BandStatistics]:
    with opened_raster(produced.path) as opened:
        for at, name in enumerate(opened.descriptions):
            source = BandSource(
                label=name or f"band{at + 1}",
                asset="",
                index=at + 1,
                unit=opened.units[at] or "",
                nodata=opened.nodatavals[at],
                scale=opened.scales[at],
                offset=opened.offsets[at],
            )
            yield _of_raster(RasterBand(opened, source), source.label, known)


def _of_produced_arrays(produced: ProducedFile, known: dict[str, Any]) -> Iterator[BandStatistics]:
    form = container(produced.path, None)
    with open_gridded(produced.path, form or Container.NETCDF) as opened:
        for name in [band for band in produced.bands if band in opened.data_vars]:
            variable = opened[name]
            parts = {axis_of(str(dim), opened.coords.get(dim)): str(dim) for dim in variable.dims}
            sizes = {part: variable.sizes[dim] for part, dim in parts.items()}
            transform = produced.grid.transform if produced.grid else None
            described = {
                "band": name,
                "dtype": str(variable.encoding.get("dtype", variable.dtype)),
                "crs": produced.grid.crs if produced.grid else None,
                "dates": sizes.get(TIME, 1),
                "rows": sizes.get(Y, 1),
                "columns": sizes.get(X, 1),
                "resolution_x": abs(transform[0]) if transform else None,
                "resolution_y": abs(transform[4]) if transform else None,
                "unit": str(variable.attrs.get("units", "")),
            }
            yield BandStatistics.model_validate({**known, **described, **_figures(array_blocks(variable))})


def _figures(blocks: Iterable[NDArray[np.floating]]) -> dict[str, Any]:
    found = RunningStatistics()
    for block in blocks:
        found.add(block)
    counted = {"count": found.count, "valid": found.valid, "valid_fraction": found.valid / max(1, found.count)}
    values = {
        **{name: found.quantile(part) for name, part in _QUANTILES.items()},
        "minimum": found.minimum,
        "maximum": found.maximum,
        "mean": found.mean,
        "stddev": found.stddev,
    }
    return {**counted, **(values if found.valid else dict.fromkeys(values))}


def _size(path: Path) -> int:
    return (
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else path.stat().st_size
    )
