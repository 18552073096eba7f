"""The server's port: free, and the same as last time if that is possible, so that addresses of old runs stay valid."""

import socket
from contextlib import closing
from pathlib import Path

__all__ = ["free_port", "remember"]


def free_port(remembered: Path) -> int:
    """Return the port that the file `remembered` names if it is free, else any free one."""
    return _bindable(_noted(remembered)) or _bindable(0)


def remember(port: int, remembered: Path) -> None:
    """Note `port` in the file `remembered`."""
    draft = remembered.with_suffix(".new")
    draft.write_text(f"{port}\n", encoding="utf-8")
    draft.replace(remembered)


def _noted(remembered: Path) -> int:
    try:
        port = int(remembered.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 1 << 16 else 0


def _bindable(port: int) -> int:
    with closing(socket.socket()) as probe:
        # Connections of a server that has just stopped linger in TIME_WAIT; they do not stand in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        found: int = probe.getsockname()[1]
        return found
