"""`earthcode-platform catalog validate`: the verdict on a catalog, and its mend.

It exits with 0 if the catalog is valid (after the mend, with `--fix`), with 1 if it is not, and with 2 if it was called
in a way that cannot be answered: there is no such catalog, mirror or revision, something cannot be read or written, or
options are unknown or contradict each other.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from cyclopts import Parameter

from earthcode_platform.cli.delivery import write_report
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError
from earthcode_platform.uncollected import uncollected

if TYPE_CHECKING:
    from earthcode_platform.catalog.validate.schemas import Schemas
    from earthcode_platform.cli.catalog_outcome import Outcome

__all__ = ["ValidateOptions", "validate"]

Format: TypeAlias = Literal["text", "json", "sarif", "junit"]

_USAGE: Final = 2


@Parameter(name="*")
@dataclass(frozen=True)
class ValidateOptions:
    """How a catalog is validated, and how the outcome is told."""

    schemas: Annotated[Path | None, Parameter(name="--schemas")] = None
    """Folder with the official JSON Schemas, laid out by host and path of their address; else they are fetched."""
    offline: Annotated[bool, Parameter(name="--offline", negative="", show_default=False)] = False
    """Ask no server for schemas: use those that were fetched earlier, and skip the rest."""
    strict: Annotated[bool, Parameter(name="--strict", negative="", show_default=False)] = False
    """Look also for what the official validator does not see, such as missing back links."""
    changed_since: Annotated[str | None, Parameter(name="--changed-since")] = None
    """Look only at what changed since HEAD left this revision, and at what that breaks elsewhere."""
    fix: Annotated[bool, Parameter(name="--fix", negative="", show_default=False)] = False
    """Mend every error whose mend is mechanical, then tell what is left."""
    diff: Annotated[bool, Parameter(name="--diff", negative="", show_default=False)] = False
    """With --fix: print the mend as a unified diff, and write nothing into the catalog."""
    format: Annotated[Format | None, Parameter(name="--format")] = None
    """How to tell it: text (default), json, sarif (GitHub annotates a pull request) or junit."""
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Short for --format json."""
    output: Annotated[Path | None, Parameter(name="--output")] = None
    """File for the report; the terminal then shows text."""

    @property
    def told_as(self) -> Format:
        """The format of the report."""
        return self.format or ("json" if self.as_json else "text")

    def require_sense(self) -> None:
        """Check that no option contradicts another, and that the report has a place to go to.

        Raises:
            InputError: Two do, or it has none.
        """
        if self.as_json and self.format not in (None, "json"):
            raise InputError(f"--json and --format {self.format} contradict each other.", remedy="Leave one out.")
        if self.diff and not self.fix:
            raise InputError("--diff shows what --fix would write, and --fix is missing.", remedy="Add --fix.")
        if self.diff and self.output is None and self.told_as != "text":
            raise InputError(
                f"--diff and --format {self.told_as} would both go to the terminal.",
                remedy="Name a file for the report with --output.",
            )
        if self.output is not None and (self.output.is_dir() or not self.output.parent.is_dir()):
            # Said before anything is mended, not after.
            raise InputError("no file can be written here.", where=str(self.output), remedy="Name another file.")


_NO_OPTIONS = ValidateOptions()


def validate(path: Path, /, *, options: ValidateOptions = _NO_OPTIONS) -> int:
    """Say everything that is wrong with a catalog, and mend what can be mended.

    Exit codes: 0 valid (after --fix), 1 not valid, 2 the call cannot be answered.

    Args:
        path: Folder of the catalog, or its bare git repository.
        options: What to look for, and how to tell it.
    """
    from earthcode_platform.cli.catalog_screen import mend_summary

    screen = Screen(as_json=options.told_as == "json" and options.output is None)
    try:
        with uncollected():
            options.require_sense()
            outcome, diff = _answer(path, options)
            _tell(screen, outcome, options)
    except EarthCodeError as error:
        screen.error(error)
        return _USAGE
    if options.diff:
        _print(diff)
        screen.progress(f"--fix would mend {mend_summary(outcome)}; nothing was written into the catalog.")
    return 0 if outcome.report.valid else 1


def _answer(path: Path, options: ValidateOptions) -> "tuple[Outcome, bytes]":
    """Return what is known of the catalog in the end, and the diff of its mend."""
    from earthcode_platform.cli.catalog_work import Work

    work = Work.read(path, _schemas(options), strict=options.strict, since=options.changed_since)
    diff = b""
    if options.fix and not options.diff:
        work.require_folder()
    if options.fix:
        work = work.mended()
    if options.diff:
        diff = work.diff
    elif options.fix:
        work.write()
    return work.outcome, diff


def _schemas(options: ValidateOptions) -> "Schemas":
    from earthcode_platform.catalog.validate.schemas import Schemas

    if options.schemas is not None:
        return Schemas(options.schemas)
    from earthcode_platform.catalog.validate.schema_cache import cache_folder

    return Schemas.fetched(cache_folder(os.environ), offline=options.offline)


def _tell(screen: Screen, outcome: "Outcome", options: ValidateOptions) -> None:
    from earthcode_platform.cli.catalog_screen import show

    if options.output is not None:
        write_report(options.output, _renderer(options.told_as)(outcome))
    if options.output is None and options.told_as != "text":
        _print(_renderer(options.told_as)(outcome).encode(errors="backslashreplace"))
    elif not options.diff:
        show(screen, outcome)


def _renderer(told_as: Format) -> "Callable[[Outcome], str]":
    if told_as == "json":
        from earthcode_platform.cli.catalog_json import as_json

        return as_json
    if told_as == "sarif":
        from earthcode_platform.cli.catalog_sarif import as_sarif

        return as_sarif
    if told_as == "junit":
        from earthcode_platform.cli.catalog_junit import as_junit

        return as_junit
    from earthcode_platform.cli.catalog_screen import as_text

    return as_text


def _print(content: bytes) -> None:
    """Print bytes as they are: machines read UTF-8, whatever the terminal takes, and a diff its own line ends."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
