"""The work pool and the deployments, as `deployments/local/` and `prefect.yaml` describe them."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound

from demo.early import command
from demo.environment import Site
from demo.processes import Child, require_success, running

__all__ = ["POOL", "deploying", "finish_deploying", "make_pool"]

POOL: Final = "local"
"""Name of the work pool."""

_DEPLOYS_WITHIN: Final = 180.0
"""Seconds from the time that the work pool is there."""


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


@contextmanager
def deploying(site: Site) -> Iterator[Child]:
    """Deploy everything in `prefect.yaml` when the process is let begin; until then it imports the flows.

    A deployment that is there already is brought up to date.
    """
    declared = yaml.safe_load((site.checkout / "prefect.yaml").read_text(encoding="utf-8"))
    flows = [str(one["entrypoint"]).rpartition(".")[0] for one in declared["deployments"]]
    arguments = command(["prefect.cli.deploy", *flows], ["--no-prompt", "deploy", "--all"])
    with running("deploying", arguments, site.logs / "deploy.log", waits=True) as child:
        yield child


def finish_deploying(child: Child) -> None:
    """Let it begin, and wait until everything is deployed.

    Raises:
        ExecutionError: One of them could not be deployed.
        UnavailableError: It ended too early, or took too long.
    """
    child.begin()
    require_success(child, _DEPLOYS_WITHIN)
