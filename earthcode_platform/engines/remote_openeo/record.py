"""The job of a run, noted in the run's folder: another try of the same run goes on with it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from earthcode_platform.models.frozen import Frozen

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["JobRecord", "digest"]

_NAME: Final = "remote-job.json"


class JobRecord(Frozen):
    """Which job at which back-end computes what."""

    backend: str
    """Address of the back-end, without userinfo."""
    process: str
    """SHA-256 of the process graph that was sent, in hexadecimal."""
    job: str
    """The job's id there."""

    def save(self, workspace: Path) -> None:
        """Write it into the folder of a run, in one step."""
        workspace.mkdir(parents=True, exist_ok=True)
        part = workspace / f"{_NAME}.part"
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(workspace / _NAME)

    @classmethod
    def load(cls, workspace: Path) -> JobRecord | None:
        """Return what the folder of a run holds; None if that is nothing, or cannot be read."""
        try:
            return cls.model_validate_json((workspace / _NAME).read_bytes())
        except (OSError, ValidationError):
            return None


def digest(process: dict[str, Any]) -> str:
    """Return the SHA-256 of a document, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(process, sort_keys=True).encode()).hexdigest()
