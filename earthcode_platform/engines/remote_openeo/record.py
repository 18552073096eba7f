"""The job of a run, noted in the run's folder: another try of the same run goes on with it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from earthcode_platform.engines.provider.kept import Kept

__all__ = ["JobRecord", "digest"]


class JobRecord(Kept):
    """Which job at which back-end computes what."""

    file_name: ClassVar[str] = "remote-job.json"
    backend: str
    """Address of the back-end, without userinfo."""
    process: str
    """SHA-256 of the process graph that was sent, in hexadecimal."""
    job: str
    """The job's id there."""


def digest(process: dict[str, Any]) -> str:
    """Return the SHA-256 of a document, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(process, sort_keys=True).encode()).hexdigest()
