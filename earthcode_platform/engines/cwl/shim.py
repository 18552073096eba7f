"""The container command of a conductor: hands its order and its streams to the platform, and waits for the exit code.

Standard library only, and no package of ours: it is started for each tool, as `python -I -S shim.py SOCKET ORDER IMAGE
COMMAND…`. When it is ended, its connection closes, and the platform ends the container.
"""

import json
import socket
import sys

__all__ = ["REFUSED", "TOO_LONG", "TOO_MUCH", "main"]

TOO_LONG = 124
"""Exit code for a container that took longer than it may; that of `timeout` (GNU coreutils)."""
TOO_MUCH = 137
"""Exit code for one that the kernel ended for its memory: 128 and SIGKILL."""
REFUSED = 125
"""Exit code for one that was not started; that of `docker run`."""


def main() -> int:
    """Ask for the container of the command line and return its exit code."""
    _, path, order, image, *command = sys.argv
    request = json.dumps({**json.loads(order), "image": image, "command": command}).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as platform:
        platform.connect(path)
        # The length goes with the streams; the order itself may be larger than what one message takes.
        socket.send_fds(platform, [len(request).to_bytes(8, "big")], [0, 1, 2])
        platform.sendall(request)
        answer = platform.recv(8)
    return int(answer) if answer else REFUSED


if __name__ == "__main__":
    sys.exit(main())
