"""A worker that takes the runs of the pool `local` and executes each in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from demo.environment import Site
from demo.processes import Child, running

__all__ = ["worker"]


@contextmanager
def worker(site: Site) -> Iterator[Child]:
    """Run the worker while the block runs. It may take a few seconds until it asks for work."""
    arguments = ["-m", "prefect", "worker", "start", "--pool", "local", "--type", "process"]
    policy = ["--install-policy", "never", "--name", "local"]
    with running("worker", [*arguments, *policy], site.logs / "worker.log") as child:
        yield child
