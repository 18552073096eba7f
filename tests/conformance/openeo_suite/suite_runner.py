"""The engine, as the openEO test suite calls it: one process at a time, in this process, on lazy cubes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import dask
from openeo_test_suite.lib.process_runner.base import ProcessTestRunner
from suite_values import cube_of, labelled_of, plain

from earthcode_platform.engines.openeo.executor import Executor, called
from earthcode_platform.engines.openeo.registry import processes, unfit
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import EarthCodeError, ExecutionError, UnknownNameError
from earthcode_platform.models.finding import Severity
from earthcode_platform.process_graphs.document import document_of

if TYPE_CHECKING:
    from earthcode_platform.engines.openeo.along import Along
    from earthcode_platform.engines.openeo.callbacks import Callback

__all__ = ["EngineRunner", "is_dated"]

_CODE: Final = re.compile(r"\b([A-Z][a-z]+(?:[A-Z][a-z]+)+): ")
"""How messages carry an error code of openEO."""


class EngineRunner(ProcessTestRunner):
    """Runs single processes on Dask, after the checks that the engine makes of their arguments."""

    def list_processes(self) -> list[dict[str, Any]]:
        """Return what the engine has, as far as the suite looks at it."""
        return [{"id": name} for name in processes()]

    def execute(self, id: str, arguments: dict[str, Any]) -> object:  # noqa: A002 - the suite's name
        """Return what a process gives, still lazy.

        Raises:
            Exception: Named by the error code of openEO, if the engine's message carries one.
        """
        try:
            return _executed(id, arguments)
        except EarthCodeError as error:
            named = _CODE.search(error.message)
            if named:
                raise type(named.group(1), (Exception,), {})(error.message) from error
            raise

    def encode_process_graph(
        self,
        process: dict[str, Any],
        parent_process_id: str | None = None,
        parent_parameter: str | None = None,
    ) -> Callback:
        """Return a process graph as the function that the engine hands to processes."""
        document = document_of(process, f"{parent_parameter} of {parent_process_id}")
        wrong = [finding.message for finding in document.findings if finding.severity is Severity.ERROR]
        if document.graph is None or wrong:
            raise ExecutionError("; ".join(wrong))
        return Executor(Session({}, None)).callback(document.graph, {})

    def encode_datacube(self, data: dict[str, Any]) -> object:
        """Return a lazy cube."""
        return cube_of(data)

    def encode_labeled_array(self, data: dict[str, Any]) -> Along:
        """Return an array along a lazy cube of one dimension."""
        return labelled_of(data)

    def decode_data(self, data: object, expected: object) -> object:
        """Return computed values as the suite writes them."""
        with dask.config.set(scheduler="threads"):
            return plain(data, expected)

    def get_nodata_value(self) -> None:
        """Return null, which is no-data outside cubes."""


def is_dated(value: object) -> bool:
    """Tell whether a process graph refers to parameters by `from_argument`, the notation of openEO API 0.4."""
    if isinstance(value, dict):
        return "from_argument" in value or any(map(is_dated, value.values()))
    return isinstance(value, list) and any(map(is_dated, value))


def _executed(name: str, arguments: dict[str, Any]) -> object:
    process = processes()[name]
    for key, value in arguments.items():
        if key not in process.arguments:
            raise UnknownNameError.among("argument", key, process.arguments)
        found = unfit(process.arguments[key], value)
        if found is not None:
            raise ExecutionError(f"the argument {key!r} of {name}{found.message}", remedy=found.remedy)
    missing = [key for key, argument in process.arguments.items() if argument.required and key not in arguments]
    if missing:
        raise ExecutionError(f"{name} needs the argument {missing[0]!r}.")
    return called(process, arguments, Session({}, None))
