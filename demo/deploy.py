"""The work pool and the deployments, as `deployments/local/` and `prefect.yaml` describe them."""

import json
import shlex
import sys
from typing import Any, Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound

from demo.environment import Site
from demo.processes import run

__all__ = ["POOL", "deploy", "make_pool"]

POOL: Final = "local"
"""Name of the work pool."""

_DEPLOYS_WITHIN: Final = 180.0
"""Seconds; it imports every flow, which takes about 10 on two cores."""


def make_pool(site: Site) -> None:
    """Make the work pool, or give the existing one the template of this checkout; its other settings stay."""
    template: dict[str, Any] = json.loads(
        (site.checkout / "deployments" / POOL / "work-pool.json").read_text(encoding="utf-8")
    )
    # Without a command, a helper process would first import Prefect to find out how to start the run: 1.3 to 2 s a run.
    template["variables"]["properties"]["command"]["default"] = shlex.join([sys.executable, "-m", "prefect.engine"])
    with get_client(sync_client=True) as client:
        try:
            known = client.read_work_pool(POOL)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
            return
        if known.base_job_template != template:
            client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def deploy(site: Site) -> None:
    """Deploy everything in `prefect.yaml`; a deployment that is there already is brought up to date.

    Raises:
        ExecutionError: One of them could not be deployed.
        UnavailableError: It took too long.
    """
    arguments = ["-m", "prefect", "--no-prompt", "deploy", "--all"]
    run("deploying", arguments, site.logs / "deploy.log", _DEPLOYS_WITHIN)
