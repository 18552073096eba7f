"""The folder of one run, and what each stage left in it for the next."""

from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from earthcode_platform.errors import InputError
from earthcode_platform.models.development import Development
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product, Publication
from earthcode_platform.models.run import RunResult

__all__ = ["Workspace"]

_Outcome = TypeVar("_Outcome", bound=Frozen)

_NAMES: Final[dict[type[Frozen], str]] = {
    PinnedExperiment: "pinned.json",
    RunResult: "run.json",
    Product: "product.json",
    Publication: "publication.json",
    Development: "development.json",
}


class Workspace:
    """A folder that holds the outcome of each stage as JSON, and the files that the engine wrote.

    Args:
        path: The folder; it is made on the first `save`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def save(self, outcome: Frozen) -> None:
        """Write the outcome of a stage, in one step."""
        self.path.mkdir(parents=True, exist_ok=True)
        target = self.path / _NAMES[type(outcome)]
        part = target.with_suffix(".part")
        part.write_text(outcome.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(target)

    def load(self, kind: type[_Outcome]) -> _Outcome:
        """Read what a stage left here.

        Raises:
            InputError: The stage has not run in this folder, or its file cannot be read.
        """
        path = self.path / _NAMES[kind]
        try:
            return kind.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            reason = "is missing" if isinstance(error, OSError) else "cannot be read"
            raise InputError(
                f"{path.name} {reason} in the run's folder.",
                where=str(self.path),
                remedy="Pass the folder of a run, as the stage before printed it.",
            ) from error
