"""What the demo made, and where it is: on the screen and in `demo.json`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from demo.environment import Site
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.product import Novelty
from earthcode_platform.provenance.outcome import Outcome

__all__ = ["Facts", "lines", "read", "write"]


class Facts(Outcome):
    """Where a run of the main job left its results, its page, and the time of each stage."""

    run_url: str
    """Address of the run's page while the server runs."""
    seconds: dict[str, float]
    """Wall seconds of each stage, in their order."""


def read(site: Site, flow_run: UUID, seconds: Mapping[str, float]) -> Facts:
    """Return the facts of a finished run, from the file that the lifecycle flow leaves for each of its runs.

    Raises:
        ExecutionError: There is no such file, or a fact is missing in it.
    """
    source = site.home / "runs" / "by-flow-run" / f"{flow_run}.json"
    try:
        outcome = Outcome.model_validate_json(source.read_bytes())
    except (OSError, ValidationError) as problem:
        raise ExecutionError(f"the run left no usable account of its results: {problem}", where=str(source)) from None
    return Facts(**outcome.model_dump(), run_url=site.run_url(flow_run), seconds=dict(seconds))


def write(facts: Facts, target: Path) -> None:
    """Write the facts as JSON; a reader sees the old file or the new one, never half of it."""
    draft = target.with_suffix(".new")
    draft.write_text(facts.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(target)


def lines(facts: Facts, site: Site) -> Iterator[str]:
    """Yield what the demo says at its end, line by line."""
    if facts.published is Novelty.NEW:
        yield "published, new"
    else:
        yield "already published, unchanged"
    yield f"  product    {facts.product}"
    yield f"  item       {facts.item}"
    yield f"  quicklook  {facts.quicklook}"
    yield f"  catalog    {facts.catalog}"
    yield f"  branch     {facts.branch}"
    yield f"  commit     {facts.commit}"
    yield f"  run        {facts.run_url}"
    yield f"  facts      {site.facts}"
