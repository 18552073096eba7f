"""Programs of the machine that the platform asks, such as those that run containers."""

import subprocess
from collections.abc import Mapping
from typing import Final

from earthcode_platform.errors import UnavailableError

__all__ = ["SECONDS", "asked"]

SECONDS: Final = 60.0
"""How long an answer may take where nothing else is said."""


def asked(
    command: tuple[str, ...], name: str, environment: Mapping[str, str], seconds: float = SECONDS
) -> subprocess.CompletedProcess[str]:
    """Return how a program ended and what it printed; it gets no input.

    Args:
        command: Its path and its words.
        name: What errors call it.
        environment: All of its environment.
        seconds: How long it may take.

    Raises:
        UnavailableError: It did not end in time.
        OSError: It cannot be started.
    """
    try:
        return subprocess.run(
            command,
            capture_output=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(
            f"{name} {command[1]} did not end in {seconds:g} s.", remedy="Look after it, then try again."
        ) from error
