"""What `make demo` and `make serve` do. Started by `python -m demo`, which prepares the environment first."""

import fcntl
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final, Never

import httpx
from prefect.client.orchestration import get_client

from demo import report
from demo.data import EXAMPLE, fetch
from demo.deploy import deploying, finish_deploying, make_pool
from demo.environment import Site, here
from demo.follow import DEPLOYMENT, follow, start, steps_of
from demo.processes import Child
from demo.screen import say
from demo.server import server, wait_until_healthy
from demo.stages import seconds_by_stage
from demo.worker import worker
from earthcode_platform.errors import ConflictError, EarthCodeError

__all__ = ["demo", "main", "serve"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that mean: stop, and leave nothing behind."""
_INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells expect it (128 + SIGINT)."""


def main(arguments: Sequence[str]) -> int:
    """Run the demo, or `serve`, and return the exit code: 0, 1 for a failure, 2 for wrong usage, 130 after Ctrl-C."""
    command = {(): demo, ("serve",): serve}.get(tuple(arguments))
    if command is None:
        say("usage: python -m demo [serve]")
        return 2
    site = here()
    for number in _SIGNALS:
        signal.signal(number, _interrupted_once)
    try:
        with _alone(site):
            command(site)
    except EarthCodeError as problem:
        say(f"\nfailed: {problem}\nlogs: {site.logs}; 'make serve' shows the page of a run")
        return 1
    except httpx.HTTPError as problem:
        say(f"\nfailed: the server stopped answering at {site.api}: {problem!r}\nlogs: {site.logs}")
        return 1
    except KeyboardInterrupt:
        say("\nstopped")
        return 0 if command is serve else _INTERRUPTED
    return 0


def demo(site: Site) -> None:
    """Run the main job once, from nothing to a published product, and stop what was started."""
    with _services(site) as (served, works), get_client(sync_client=True) as client:
        say(f"running {DEPLOYMENT} on {EXAMPLE}")
        flow_run = start(client, EXAMPLE)
        say(f"  {site.run_url(flow_run)}")

        def require_alive() -> None:
            served.require_alive()
            works.require_alive()

        follow(client, flow_run, require_alive)
        facts = report.read(site, flow_run, seconds_by_stage(steps_of(client, flow_run, settled=True)))
    report.write(facts, site.facts)
    for line in report.lines(facts, site):
        say(line)
    say("The server is stopped; 'make serve' starts it again, with this run in it.")


def serve(site: Site) -> None:
    """Leave server and worker running until Ctrl-C."""
    with _services(site) as children:
        say(f"\n  {site.ui}    the user interface; Ctrl-C stops it\n")
        say("In another terminal:")
        say(f"  export PREFECT_API_URL={site.api}")
        say(f"  .venv/bin/prefect deployment run '{DEPLOYMENT}' -p experiment={EXAMPLE} --watch")
        say("  .venv/bin/prefect deployment run 'rerun/local' -p experiment_id=sst-anomaly --watch")
        while True:
            for child in children:
                child.require_alive()
            time.sleep(1.0)


@contextmanager
def _services(site: Site) -> Iterator[tuple[Child, Child]]:
    """Start server and worker, deploy, bring the data; stop both at the end, the worker first.

    Worker and deploying import what they need while the server starts.
    """
    with ExitStack() as stack:
        began = time.monotonic()
        served = stack.enter_context(server(site))
        deploys = stack.enter_context(deploying(site))
        works = stack.enter_context(worker(site))
        fetch(site)
        wait_until_healthy(site, served)
        say(f"server    {time.monotonic() - began:6.1f} s  {site.ui}")
        began = time.monotonic()
        make_pool(site)
        finish_deploying(deploys)
        # Not before: what it notes about the pool would wait for what deploying writes, and that for it.
        works.begin()
        say(f"deployed  {time.monotonic() - began:6.1f} s")
        yield served, works


@contextmanager
def _alone(site: Site) -> Iterator[None]:
    """Hold the home for this process: two servers on one database would start every run twice.

    Raises:
        ConflictError: Another demo or `make serve` holds it.
    """
    site.home.mkdir(parents=True, exist_ok=True)
    with (site.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                "another 'make demo' or 'make serve' is using this folder.",
                where=str(site.home),
                remedy="Stop it first, or set EARTHCODE_HOME to another folder.",
            ) from None
        yield


def _interrupted_once(_number: int, _frame: object) -> Never:
    """Begin to stop, and let no second signal cut that short: it takes seconds, and each wait in it has a limit."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
