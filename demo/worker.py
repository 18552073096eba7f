"""A worker that takes the runs of the pool `local` and executes each in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from demo.deploy import POOL
from demo.early import command
from demo.environment import Site
from demo.processes import Child, running

__all__ = ["worker"]


@contextmanager
def worker(site: Site) -> Iterator[Child]:
    """Run the worker while the block runs. It asks for work when it is let begin; until then it imports."""
    words = ["worker", "start", "--pool", POOL, "--type", "process", "--install-policy", "never", "--name", "local"]
    arguments = command(["prefect.cli.worker", "prefect.workers.process"], words)
    with running("worker", arguments, site.logs / "worker.log", waits=True) as child:
        yield child
