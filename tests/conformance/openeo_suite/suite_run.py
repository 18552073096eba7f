"""The process tests of the public openEO test suite, run against our engine: see docs/conformance.md.

    python tests/conformance/openeo_suite/suite_run.py CHECKOUT [--report DOCUMENT] [options of the suite]

It ends with 0 if every case passes or has its reason in suite_reasons.py, with 1 if not, and with 2 if the checkout
cannot be used. What it does not know it hands on to the suite: `--processes mean,add`, `--experimental`.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

import pytest
from suite_report import Case, last_line, section, table, unexplained, write

_TESTS = Path("src", "openeo_test_suite", "tests", "processes", "processing", "test_example.py")
_PROCESSES = Path("assets", "processes", "tests")
_GET_IT = (
    "Check it out beside this project: git clone https://github.com/Open-EO/openeo-test-suite, then in it git "
    "submodule update --init assets/processes, and there git checkout add-tests. Another place is named with "
    "OPENEO_TEST_SUITE=…"
)


def main(arguments: list[str]) -> int:
    """Run the suite, print the figures, and return the exit code."""
    parser = argparse.ArgumentParser(description="Runs the process tests of the openEO test suite on our engine.")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--report", type=Path, help="the document that the figures are written into")
    options, handed_on = parser.parse_known_args(arguments)
    checkout: Path = options.checkout.resolve()
    for needed in (_TESTS, _PROCESSES):
        if not (checkout / needed).exists():
            sys.stderr.write(f"The openEO test suite is not at {options.checkout}: no {needed}. {_GET_IT}\n")
            return 2
    cases, version = _run(checkout, handed_on)
    if not cases:
        sys.stderr.write("The suite ran no case; what it printed says why.\n")
        return 2
    if options.report is not None:
        write(options.report, section(cases, version))
    return _tell(cases)


def _run(checkout: Path, handed_on: list[str]) -> tuple[list[Case], str]:
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(checkout / "src"))
    plugin = import_module("suite_plugin").SuitePlugin()
    own = ["-q", "--tb=no", "--no-summary", "-p", "no:cacheprovider"]
    place = ["-c", str(checkout / "pyproject.toml"), "--rootdir", str(checkout)]
    pytest.main([*own, *place, str(checkout / _TESTS), *handed_on], plugins=[plugin])
    return list(plugin.cases.values()), str(import_module("openeo_test_suite").__version__)


def _tell(cases: list[Case]) -> int:
    left = unexplained(cases)
    lines = [
        f"{level:8}{count:>7}{passed:>9}{failed:>9}{skipped:>9}"
        for level, count, passed, failed, skipped in table(cases)
    ]
    lines = [f"{'level':8}{'cases':>7}{'passed':>9}{'failed':>9}{'skipped':>9}", *lines]
    sys.stdout.write("\n".join(["", *left, *([""] if left else []), *lines, last_line(cases), ""]))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
