"""A UDF, run in a process that sees the workflow's files and nothing else of the platform."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.openeo.udf.exchange import read_value, write_value
from earthcode_platform.errors import ExecutionError, MissingExtraError
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import EndedBy, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.isolation.limits import Ended
    from earthcode_platform.models.pinned import PinnedFile

__all__ = ["run_code"]

_LOG: Final = logging.getLogger(__name__)
_LIMITS: Final = Limits(seconds=3600, memory_bytes=8 * 1024**3)
_INSIDE: Final = (
    "from earthcode_platform.engines.openeo.udf.inside import main; import pathlib; main(pathlib.Path('.udf'))"
)


def run_code(code: str, value: object, context: object, files: Sequence[PinnedFile]) -> Any:  # noqa: ANN401 - whatever the code returns
    """Return what the code of a UDF makes of a value: a cube in memory, or what JSON holds.

    It runs in a folder of its own that holds the further files of the workflow at their places, without network and
    without anything of the platform's environment (docs/decisions/0030).

    Raises:
        MissingExtraError: The package `openeo`, whose interface UDFs are written for, is not installed.
        ExecutionError: The code fails, takes too much, or returns nothing that can be read.
        NotIsolatedError: This machine cannot isolate a process.
        IntegrityError: A file of the workflow changed since it was pinned.
    """
    from earthcode_platform import checksums

    if find_spec("openeo") is None:
        raise MissingExtraError.of("run_udf", "udf")
    with tempfile.TemporaryDirectory(prefix="udf-") as scratch:
        folder = Path(scratch)
        for file in files:
            checksums.require(Path(file.path), file.checksum)
            target = folder / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.path, target)
        exchanged = folder / ".udf"
        exchanged.mkdir()
        (exchanged / "code.py").write_text(code, encoding="utf-8")
        (exchanged / "context.json").write_text(json.dumps(context), encoding="utf-8")
        write_value(exchanged / "given", value)
        ended = Isolated(folder, limits=_LIMITS).run([sys.executable, "-c", _INSIDE], on_line=_logged)
        _require_well(ended)
        try:
            return read_value(exchanged / "made")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ExecutionError(f"what the code of the UDF returned cannot be read: {error}.") from None


def _logged(line: str) -> None:
    _LOG.info("udf: %s", line)


def _require_well(ended: Ended) -> None:
    if ended.well:
        return
    if ended.ended_by is not EndedBy.EXIT:
        raise ExecutionError(
            f"the code of the UDF was ended for {ended.ended_by.value} after {ended.seconds:.0f} s and"
            f" {ended.peak_memory_bytes / 1024**2:,.0f} MiB.",
            remedy="Hand it smaller pieces, for example with apply_neighborhood.",
        )
    lines = [line for line in ended.output_tail.splitlines() if line.strip()]
    last = lines[-1] if lines else "it said nothing"
    remedy = "Mend the code; the log of the run has all that it wrote."
    if last.startswith("ModuleNotFoundError"):
        remedy = "Install the package beside the platform, or keep it among workflow.files if the code looks there."
    raise ExecutionError(f"the code of the UDF failed: {last}.", remedy=remedy)
