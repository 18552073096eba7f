"""`earthcode-platform check`: everything that is wrong with an experiment, without running it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter

from earthcode_platform.cli.delivery import explained
from earthcode_platform.cli.options import Options
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, RefusedError

__all__ = ["check"]

Format: TypeAlias = Literal["text", "json", "markdown", "sarif"]

_NO_OPTIONS = Options()


@dataclass(frozen=True)
class _Form:
    """How a report is told."""

    name: Format
    output: Path | None


def check(
    folder: Path,
    /,
    *,
    watch: Annotated[bool, Parameter(negative="")] = False,
    form: Annotated[Format, Parameter(name="--format")] = "text",
    output: Annotated[Path | None, Parameter(name="--output")] = None,
    options: Options = _NO_OPTIONS,
) -> int:
    """Say everything that is wrong with an experiment, without running it.

    Args:
        folder: Folder with an experiment.yaml.
        watch: Check again whenever a file of the folder is saved, until Ctrl-C.
        form: How to tell it: as text, or as JSON, a page in Markdown, or SARIF, by which GitHub annotates files.
        output: File for the report; the terminal then shows text.
        options: Changes for this run.
    """
    told = _Form("json" if options.as_json else form, output)
    screen = Screen(as_json=told.name != "text" and output is None)
    if not watch:
        return _checked(folder, options, screen, told)
    from earthcode_platform.cli.watching import again_on_change

    return again_on_change(folder, lambda: _checked(folder, options, screen, told), screen.progress)


def _checked(folder: Path, options: Options, screen: Screen, told: _Form) -> int:
    from earthcode_platform.cli.check_report import refusal, tell
    from earthcode_platform.cli.checking import Asked, read_policy
    from earthcode_platform.cli.lifecycle import check as checked
    from earthcode_platform.cubes.access import Access, using

    try:
        with using(Access.of(os.environ)):
            asked = Asked(folder, options.hrefs(), options.configuration())
            report = checked(asked, options.catalog, read_policy(options.policy))
        tell(screen, report, folder, told.name, told.output)
    except RefusedError as error:
        if told.name in ("text", "json") and told.output is None:
            screen.error(error)
        else:
            tell(screen, refusal(error, folder), folder, told.name, told.output)
        return 1
    except (EarthCodeError, OSError) as error:
        screen.error(explained(error))
        return 1
    return int(report.refused)
