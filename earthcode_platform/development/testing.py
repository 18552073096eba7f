"""The tests in an experiment's own folder, run where they see that folder and nothing else of the machine."""

import re
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from earthcode_platform.development.finding import found
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import EndedBy, Isolation, Limits
from earthcode_platform.models.development import TestsRun
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["FOLDER", "LIMITS", "run_tests"]

FOLDER: Final = "tests"
"""Where the tests lie, below the experiment's folder."""

LIMITS: Final = Limits(seconds=600)
"""What they may use, if nobody says otherwise."""

_TOLD: Final = 1200
"""Characters of what they printed last that a finding shows."""
_COUNTS: Final = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")
_OF_UNITTEST: Final = re.compile(r"^Ran (\d+) tests?", re.MULTILINE)
_WORDS: Final = re.compile(r"(failures|errors|skipped)=(\d+)")
_WHY_ENDED: Final = {
    EndedBy.TIME: "they took longer than {limits.seconds:g} s",
    EndedBy.MEMORY: "they used more than {limits.memory_bytes:,} bytes of memory",
    EndedBy.PROCESSES: "they had more than {limits.processes} processes",
}


def run_tests(
    folder: Path, *, limits: Limits = LIMITS, least: Isolation = Isolation.NAMESPACES
) -> tuple[TestsRun | None, list[Finding]]:
    """Run the tests below `folder / "tests"` and return how that went, with what is wrong.

    They run by pytest where it is installed, by unittest otherwise, without a network, without the platform's
    environment, and with the folder read-only. Codes: `develop-tests-missing` (note), `develop-tests-failed` and
    `develop-tests-ended` (errors).

    Args:
        folder: The experiment's folder.
        limits: What they may use together.
        least: How little isolation is accepted where this machine can do no more.

    Raises:
        NotIsolatedError: This machine can do less than that.
    """
    tests = folder / FOLDER
    if not any(tests.glob("test*.py")):
        message = "the folder has no tests of its own."
        remedy = "Write some as tests/test_<what>.py: they say what must stay true while you change the rest."
        return None, [found("tests-missing", Severity.NOTE, FOLDER, message, remedy)]
    runner = "pytest" if find_spec("pytest") else "unittest"
    with tempfile.TemporaryDirectory(prefix="earthcode-tests-") as scratch:
        isolated = Isolated(Path(scratch), readable=(folder.resolve(),), limits=limits, least=least)
        ended = isolated.run([sys.executable, "-B", "-m", *_words(runner, folder.resolve())])
    passed, failed, skipped = _counted(runner, ended.output_tail)
    outcome = TestsRun(
        runner=runner, passed=passed, failed=failed, skipped=skipped, seconds=round(ended.seconds, 2),
        isolation=ended.isolation.value,
    )  # fmt: skip
    if ended.ended_by in _WHY_ENDED:
        message = f"the tests were ended: {_WHY_ENDED[ended.ended_by].format(limits=limits)}."
        return outcome, [found("tests-ended", Severity.ERROR, FOLDER, message, "Let them do less.")]
    if not ended.well:
        told = ended.output_tail.strip().replace(str(folder.resolve()), ".")[-_TOLD:]
        message = f"{failed or 'some'} of the folder's own tests failed (exit code {ended.code}):\n{told}"
        return outcome, [found("tests-failed", Severity.ERROR, FOLDER, message, "Mend the workflow, or the tests.")]
    return outcome, []


def _words(runner: str, folder: Path) -> list[str]:
    tests = str(folder / FOLDER)
    if runner == "pytest":
        # Its settings are those of the folder, not of a checkout that the folder may lie in.
        return ["pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "-c", "/dev/null", tests]
    return ["unittest", "discover", "--start-directory", tests, "--top-level-directory", tests]


def _counted(runner: str, text: str) -> tuple[int, int, int]:
    """Return how many tests passed, failed and were skipped, as the runner's last lines say."""
    if runner == "pytest":
        counts = {word.removesuffix("s"): int(number) for number, word in _COUNTS.findall(text.strip()[-300:])}
        return counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0), counts.get("skipped", 0)
    ran = [int(number) for number in _OF_UNITTEST.findall(text)]
    words = {word: int(number) for word, number in _WORDS.findall(text.strip()[-300:])}
    failed = words.get("failures", 0) + words.get("errors", 0)
    return max(0, sum(ran) - failed - words.get("skipped", 0)), failed, words.get("skipped", 0)
