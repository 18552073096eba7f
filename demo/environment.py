"""Where the demo keeps its things, and the environment in which its processes run."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from earthcode_platform.models.frozen import Frozen

__all__ = ["CHECKOUT", "Site", "here", "variables"]

CHECKOUT: Final = Path(__file__).resolve().parent.parent
"""The root of the checkout that this demo belongs to."""

_LOOPBACK: Final = "127.0.0.1"


class Site(Frozen):
    """The places of one server with its worker: folders on this machine and an address on loopback."""

    checkout: Path
    """Folder that holds `flows/`, `prefect.yaml` and the examples."""
    home: Path
    """Folder of everything that runs leave behind."""
    port: int
    """TCP port of the server on the loopback interface."""

    @property
    def server_home(self) -> Path:
        """The server's own folder: its database and its settings."""
        return self.home / "prefect"

    @property
    def port_note(self) -> Path:
        """File that names the port of the last time."""
        return self.server_home / "port"

    @property
    def logs(self) -> Path:
        """Folder of the log files, one for each process."""
        return self.home / "logs"

    @property
    def facts(self) -> Path:
        """File that takes the facts of the last demo."""
        return self.home / "demo.json"

    @property
    def ui(self) -> str:
        """Address of the user interface."""
        return f"http://{_LOOPBACK}:{self.port}"

    @property
    def api(self) -> str:
        """Address of the API."""
        return f"{self.ui}/api"

    def run_url(self, flow_run: object) -> str:
        """Return the address of the page of the flow run with the id `flow_run`."""
        return f"{self.ui}/runs/flow-run/{flow_run}"


def here() -> Site:
    """Return the site that this process was started for, as `variables` describes it.

    Raises:
        KeyError: It was started by hand; `python -m demo` is the way in.
    """
    return Site(
        checkout=Path(os.environ["EARTHCODE_CHECKOUT"]),
        home=Path(os.environ["EARTHCODE_HOME"]),
        port=int(os.environ["PREFECT_SERVER_API_PORT"]),
    )


def variables(site: Site, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the server, the worker and every run, made from the `inherited` one.

    No Prefect setting of the user's is kept: a profile that points to another server would send the runs there. The
    loopback address is taken out of any proxy's reach.
    """
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith("PREFECT")}
    # Every run is a process of its own: without bytecode each would compile 350 modules first.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    ours = {
        "EARTHCODE_CHECKOUT": str(site.checkout),
        "EARTHCODE_HOME": str(site.home),
        "PYTHONPATH": str(site.checkout),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
        "NO_PROXY": _without_proxy(kept),
        "no_proxy": _without_proxy(kept),
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(site.server_home),
        "PREFECT_API_URL": site.api,
        "PREFECT_UI_URL": site.ui,
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_HOST": _LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(site.port),
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_UI_API_URL": site.api,
        # A worker asks for work every 10 s by default; a person is waiting here.
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    return kept | ours


def _without_proxy(environ: Mapping[str, str]) -> str:
    known = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    return ",".join(name for name in (known, _LOOPBACK, "localhost") if name)
