"""The STAC documents of a delivery before there is one: what a gate looks at."""

import json
import tempfile
from pathlib import Path
from typing import Any

from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult
from earthcode_platform.stores.stac import write_stac

__all__ = ["stac_documents"]


def stac_documents(pinned: PinnedExperiment, run: RunResult) -> dict[str, dict[str, Any]]:
    """Return the collection and the item that `write_stac` would write, by path; sizes and checksums are left out.

    Args:
        pinned: What ran.
        run: What it produced.
    """
    entry = pinned.experiment.workflow.entry
    others = {
        "experiment": "experiment/experiment.yaml",
        "workflow": f"experiment/{entry}",
        "provenance": "provenance.json",
    }
    with tempfile.TemporaryDirectory(prefix="earthcode-stac-") as scratch:
        folder = Path(scratch)
        paths = write_stac(pinned, run, folder, others)
        return {path: json.loads((folder / path).read_bytes()) for path in paths}
