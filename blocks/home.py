"""Where this installation keeps its state: the one place that reads the environment."""

import os
from pathlib import Path

__all__ = ["home"]


def home() -> Path:
    """Return the folder for runs, the default archive and the default catalog.

    It is `$EARTHCODE_HOME`, or `.earthcode` in the current folder.
    """
    return Path(os.environ.get("EARTHCODE_HOME", ".earthcode")).absolute()
