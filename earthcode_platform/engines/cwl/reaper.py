"""The end of containers whose platform died: waits beside a broker, and takes away what it left running.

Standard library only: it is started once a run, as `python -I -S reaper.py PROGRAM`, and reads names of containers that
began (`+NAME`) and ended (`-NAME`) until its input ends, which it does however the platform ends.
"""

import signal
import subprocess
import sys

__all__ = ["main"]

_SECONDS = 60


def main() -> int:
    """Read to the end of the input, then end every container that is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    left: set[str] = set()
    for line in sys.stdin:
        (left.add if line[0] == "+" else left.discard)(line[1:].strip())
    for name in left:
        subprocess.run([sys.argv[1], "rm", "--force", "--volumes", name], check=False, timeout=_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
