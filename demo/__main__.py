"""`python -m demo [serve]`: start over with an environment in which no setting of the user's can interfere."""

import os
import sys
from pathlib import Path

from demo.environment import CHECKOUT, Site, variables
from demo.port import free_port


def launch() -> None:
    """Replace this process by `demo.main` in the demo's own environment."""
    home = Path(os.environ.get("EARTHCODE_HOME") or CHECKOUT / ".earthcode").absolute()
    site = Site(checkout=CHECKOUT, home=home, port=0)
    site = site.model_copy(update={"port": free_port(site.port_note)})
    site.server_home.mkdir(parents=True, exist_ok=True)  # Prefect warns at import if its home is missing
    os.chdir(CHECKOUT)
    command = [sys.executable, "-m", "demo.main", *sys.argv[1:]]
    os.execve(sys.executable, command, variables(site, os.environ))  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    launch()
