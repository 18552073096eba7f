"""`python -m demo.early MODULE… -- COMMAND…`: a command of Prefect's that gets ready while the server starts.

To import what it needs takes a command seconds, and the server as many to start; on two cores it is the same time.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Final

from demo.processes import BEGIN

__all__ = ["command"]

_SEPARATOR: Final = "--"


def command(modules: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return the arguments of Python that import `modules`, wait for `Child.begin`, and run `prefect <words>`."""
    return ["-m", "demo.early", *modules, _SEPARATOR, *words]


def _main(arguments: Sequence[str]) -> None:
    at = arguments.index(_SEPARATOR)
    for name in arguments[:at]:
        importlib.import_module(name)
    # The end of the input without that word means that who started this is gone.
    if sys.stdin.buffer.readline() == BEGIN:
        from prefect.cli import app

        sys.argv = ["prefect", *arguments[at + 1 :]]
        app()


if __name__ == "__main__":
    _main(sys.argv[1:])
