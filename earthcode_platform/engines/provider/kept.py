"""What an engine notes of its job elsewhere in the folder of a run, so that another try of the run goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import ValidationError

from earthcode_platform.models.frozen import Frozen

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

__all__ = ["Kept"]


class Kept(Frozen):
    """The base of such notes; a kind says under which name it is kept."""

    file_name: ClassVar[str]
    """Name of the file in the folder of a run."""

    def save(self, workspace: Path) -> None:
        """Write it into the folder of a run, in one step."""
        workspace.mkdir(parents=True, exist_ok=True)
        part = workspace / f"{self.file_name}.part"
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(workspace / self.file_name)

    @classmethod
    def load(cls, workspace: Path) -> Self | None:
        """Return what the folder of a run holds; None if that is nothing, or cannot be read."""
        try:
            return cls.model_validate_json((workspace / cls.file_name).read_bytes())
        except (OSError, ValidationError):
            return None
