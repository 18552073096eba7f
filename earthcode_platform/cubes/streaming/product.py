"""The result of a workflow as a product that is written while it is computed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from earthcode_platform.cubes.dimensions import ordered
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.outcome import described_result
from earthcode_platform.cubes.reopen import reopened
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.cubes.streaming.computing import computing
from earthcode_platform.cubes.streaming.source import source_of
from earthcode_platform.cubes.streaming.stream import Streamed, stream
from earthcode_platform.cubes.write import require_writable, suffix_of
from earthcode_platform.errors import ExecutionError, InputError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.file_options import CogOptions, ZarrOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from earthcode_platform.cubes.saved import SavedResult
    from earthcode_platform.cubes.streaming.source import BlockSource
    from earthcode_platform.models.pinned import PinnedExperiment
    from earthcode_platform.models.run import ProducedFile

__all__ = ["FOLDER", "shown", "streamed_result", "write_streamed"]

FOLDER: Final = "blocks"
"""Folder of a run in which half-made products lie."""
_PROCESS: Final = f"{datetime.now(UTC).isoformat()} {uuid4().hex}"
"""Stands for the content of files of which only the address is known: it is taken for the same as long as we run."""


def streamed_result(saved: SavedResult, pinned: PinnedExperiment, workspace: Path) -> Streamed | None:
    """Return how a result is streamed; None if its blocks cannot be computed each by itself, or for NetCDF.

    Args:
        saved: The only result of a workflow.
        pinned: What runs.
        workspace: The folder of the run.

    Raises:
        InputError: The format cannot hold the cube.
    """
    form = saved.format or pinned.experiment.product.format
    source = source_of(saved.cube)
    options = read_options(saved.options, form)
    if source is None or not isinstance(options, CogOptions | ZarrOptions):
        return None
    product = pinned.experiment.product
    path = workspace / "result" / f"{product.id}{suffix_of(form, options)}"
    require_writable(saved.cube, form, path.name, options)
    identity = _identity(source, pinned)
    return Streamed(saved.cube, source, path, product.title, options, identity, workspace / FOLDER)


def shown(wanted: Streamed) -> xr.DataArray:
    """Return the cube of a product that was written, lazy, with values that are read from the file by rows."""
    laid_out = ordered(wanted.cube)
    back = reopened(wanted.path)
    return laid_out.copy(data=back.data.reshape(laid_out.shape))


def _identity(source: BlockSource, pinned: PinnedExperiment) -> str:
    """Return what decides the values: code, workflow, configuration, and the content of every file that is read."""
    known = {
        asset.href: asset.checksum or asset.declared for entry in pinned.inputs for asset in entry.assets
    }  # fmt: skip
    files = [[href, *_content(href, known.get(href))] for href in sorted(set(source.hrefs))]
    decides = [computing(), pinned.fingerprint, files]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def _content(href: str, checksum: str | None) -> list[str]:
    """Return what tells the content of a file from another: for local ones also when it was written."""
    if is_remote(href):
        return [checksum or _PROCESS]
    found = Path(href).stat()
    return [checksum or "", str(found.st_size), str(found.st_mtime_ns)]


def write_streamed(wanted: Streamed, pinned: PinnedExperiment, progress: Callable[[float], None]) -> ProducedFile:
    """Compute and write a result block by block, and return its description, read from the file itself.

    Args:
        wanted: What `streamed_result` gave.
        pinned: What runs.
        progress: Takes the fraction of blocks that are computed.

    Raises:
        ExecutionError: It does not fit its format, or holds no valid pixel.
        IntegrityError: The file does not hold what was computed.
        OSError: Data cannot be read.
    """
    try:
        stream(wanted, progress)
    except InputError as error:
        raise ExecutionError(error.message, where="the result of the workflow", remedy=error.remedy) from None
    form = ProductFormat.COG if isinstance(wanted.options, CogOptions) else ProductFormat.ZARR
    return described_result(wanted.cube, wanted.path, wanted.title, form, pinned)
