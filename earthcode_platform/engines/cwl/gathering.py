"""cwltool's executor within a budget, and its results each in a folder of their own.

cwltool puts all results into one folder and renames what meets there, inside folders too: of two scenes, each handed
back as a folder `masks` with a `catalog.json`, it makes one folder with a `catalog.json` and a `catalog.json_2`.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from cwltool.errors import WorkflowException
from cwltool.executors import MultithreadedJobExecutor
from cwltool.process import relocateOutputs

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

    from cwltool.context import RuntimeContext
    from cwltool.process import Process

    from earthcode_platform.engines.cwl.orders import Order

__all__ = ["Executor"]


class Executor(MultithreadedJobExecutor):
    """Runs the jobs of an order side by side, as far as its cores and its memory reach."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.cores)
        self.max_ram = order.memory_mib
        self._outputs = Path(order.outputs)
        self._allowed = [Path(one).resolve() for one in (order.scratch, order.outputs, order.folder, *order.readable)]

    def run_jobs(
        self,
        process: Process,
        job_order_object: Any,  # noqa: ANN401 - cwltool's own
        logger: logging.Logger,
        runtime_context: RuntimeContext,
    ) -> None:
        """Run all jobs, and move what came out of them to where it stays."""
        super().run_jobs(process, job_order_object, logger, runtime_context)
        results = self.final_output[0] if self.final_output else None
        if isinstance(results, dict):
            self._gather(results, runtime_context)

    def _gather(self, results: dict[str, Any], context: RuntimeContext) -> None:
        places = [_path(place) for one in _files(results) for place in _places(one)]
        for place in places:
            self._require_inside(place)
        way: Any = "copy" if _overlap(places) else "move"
        number = 0

        def moved(value: Any) -> Any:  # noqa: ANN401 - a CWL value
            nonlocal number
            if isinstance(value, list):
                return [moved(one) for one in value]
            if not _is_file(value):
                return {key: moved(one) for key, one in value.items()} if isinstance(value, dict) else value
            number += 1
            own = self._outputs / f"{number}"
            own.mkdir(parents=True)
            gathered = relocateOutputs(
                {"value": value},
                str(own),
                self.output_dirs,
                way,
                context.make_fs_access(""),
                compute_checksum=True,
                path_mapper=context.path_mapper,
            )
            return gathered["value"] if gathered else value

        for name, value in results.items():
            results[name] = moved(value)

    def _require_inside(self, place: Path | None) -> None:
        """Check that a result lies, links followed, where tools write or inputs are.

        Raises:
            WorkflowException: It does not.
        """
        if (
            place is not None
            and place.exists()
            and not any(place.resolve().is_relative_to(one) for one in self._allowed)
        ):
            raise WorkflowException(f"{place.name!r} is a link that leads out of the folders of the run")


def _path(location: str) -> Path | None:
    parts = urlsplit(location)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _overlap(places: list[Path | None]) -> bool:
    """Tell whether one result is, or lies in, another: then they cannot be moved one by one."""
    known = sorted(place.resolve() for place in places if place is not None)
    return any(second.is_relative_to(first) for first, second in pairwise(known))


def _is_file(value: Any) -> bool:  # noqa: ANN401 - any CWL value
    return isinstance(value, dict) and value.get("class") in ("File", "Directory")


def _files(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any CWL value
    if isinstance(value, list):
        for one in value:
            yield from _files(one)
    elif _is_file(value):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _files(one)


def _places(value: dict[str, Any]) -> Iterator[str]:
    """Yield where a result and everything that belongs to it lies."""
    yield str(value.get("location"))
    for key in ("secondaryFiles", "listing"):
        for one in value.get(key) or ():
            if _is_file(one):
                yield from _places(one)
