"""What the person at the terminal sees."""

import sys

__all__ = ["say"]


def say(text: str = "", *, end: str = "\n") -> None:
    """Write `text` to standard output at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()
