"""A newcomer's way, step by step and timed: `new`, one line changed, `check`, and what comes after."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earthcode_platform.cli.app import app

__all__ = ["Newcomer"]

ADA = "Ada Example <ada@example.org>"


class Newcomer:
    """Somebody who has just installed the platform.

    Args:
        folder: Where the new experiment shall lie.
        kind: Its language.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        self.kind = kind
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of a step."""
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 1)

    def command(self, *words: str | Path) -> None:
        """Run the command, which must accept what it is given."""
        with self.step(str(words[0])):
            code = app([str(word) for word in words], result_action="return_value")
        assert code == 0, words

    def begin(self) -> None:
        """Make the folder and change one line."""
        self.command("new", self.folder, "--kind", self.kind, "--author", ADA)
        declared = self.folder / "experiment.yaml"
        before = declared.read_text(encoding="utf-8").splitlines()
        after = [f"title: Green valleys, by {self.kind}" if line.startswith("title: ") else line for line in before]
        declared.write_text("\n".join(after) + "\n", encoding="utf-8")
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
