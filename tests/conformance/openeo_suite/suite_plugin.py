"""What is plugged into the openEO test suite, whose checkout stays as it is: our runner, and a tally of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from suite_report import Case
from suite_runner import EngineRunner, is_dated

if TYPE_CHECKING:
    from pathlib import Path
    from warnings import WarningMessage

    from _pytest.fixtures import FixtureDef, SubRequest

__all__ = ["SuitePlugin"]


class SuitePlugin:
    """A plugin of pytest for one run."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: FixtureDef[Any], request: SubRequest) -> object:
        """Give our runner for the suite's connection: it knows the runners of others by name only."""
        if fixturedef.argname != "connection":
            return None
        runner = EngineRunner()
        fixturedef.cached_result = (runner, fixturedef.cache_key(request), None)
        return runner

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Note the cases, and let references to cubes lead to where the branch with the tests keeps them.

        A reference in the value expected is followed here already, so that results can be written the same way.
        """
        counted: dict[str, int] = {}
        for item in items:
            given = item.callspec.params
            process, example = given["process_id"], given["example"]
            counted[process] = counted.get(process, 0) + 1
            dated = is_dated(example["arguments"])
            self.cases[item.nodeid] = Case(process, counted[process], given["level"], dated=dated)
            path: Path = given["file"]
            given["file"] = path.parent / "tests" / path.name
            returns = example.get("returns")
            if isinstance(returns, dict) and "$ref" in returns:
                loaded = vars(item.module)["_load_ref"](returns["$ref"], given["file"])
                given["example"] = {**example, "returns": loaded}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a case ended."""
        if report.when != "call" and report.outcome == "passed":
            return
        case = self.cases[report.nodeid]
        case.outcome = report.outcome
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            case.message = report.longrepr[2].removeprefix("Skipped: ")
        elif report.outcome == "failed":
            crash = getattr(report.longrepr, "reprcrash", None)
            case.message = (crash.message if crash else str(report.longrepr)).splitlines()[0]

    def pytest_warning_recorded(self, warning_message: WarningMessage, nodeid: str) -> None:
        """Note an error of another kind than expected, at which the suite only warns."""
        text = str(warning_message.message)
        if nodeid in self.cases and text.startswith("Expected exception"):
            self.cases[nodeid].code = text
