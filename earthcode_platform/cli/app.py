"""The `earthcode-platform` command.

It exits with 0 if all went well, with 1 if an experiment was refused or a stage failed, and with 2 if it was called in
a way it does not understand.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

from cyclopts import App, CycloptsError, Parameter
from rich.text import Text

from earthcode_platform import __version__
from earthcode_platform.cli.archive import app as archive_app
from earthcode_platform.cli.catalog import app as catalog_app
from earthcode_platform.cli.check import check
from earthcode_platform.cli.data_search import app as data_app
from earthcode_platform.cli.delivery import deliver, explained, write_report
from earthcode_platform.cli.develop import develop
from earthcode_platform.cli.fair import fair
from earthcode_platform.cli.findings import explain, findings
from earthcode_platform.cli.new import new
from earthcode_platform.cli.openeo import app as openeo_app
from earthcode_platform.cli.options import Options
from earthcode_platform.cli.preview import preview
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from earthcode_platform.cli.checking import Asked

__all__ = ["app", "main"]


def _usage(error: CycloptsError) -> Text:
    """Return what to print about a call that is not understood; it repeats what was typed, but for credentials."""
    return Text(f"{public(error)}\nTry: earthcode-platform --help")


app = App(
    name="earthcode-platform",
    help="Check Earth science experiments, and run them from a folder to a published product, without a server.",
    version=__version__,
    error_formatter=_usage,
)
"""The command with its sub-commands."""

app.command(archive_app)
app.command(catalog_app)
app.command(openeo_app)
app.command(check)
app.command(explain)
app.command(fair)
app.command(findings)
app.command(new)
app.command(develop)
app.command(preview)
app.command(data_app)

_NO_OPTIONS = Options()


def main() -> NoReturn:
    """Run the command with the arguments of this process, and end it with its exit code."""
    sys.exit(deliver(app))


@app.command
def run(
    folder: Path,
    /,
    *,
    workspace: Path,
    isolation: Literal["namespaces", "process"] = "namespaces",
    options: Options = _NO_OPTIONS,
) -> int:
    """Run an experiment: check it, compute its product, archive and publish it.

    Args:
        folder: Folder with an experiment.yaml.
        workspace: Folder for the archive, the runs and, unless --catalog names another, the catalog.
        isolation: How programs of the workflow are kept from everything else; 'process' accepts a plain limited
            process where this machine can do no more.
        options: Changes for this run.
    """
    from earthcode_platform.cli.checking import read_policy
    from earthcode_platform.cli.lifecycle import Lifecycle
    from earthcode_platform.cubes.access import Access, using
    from earthcode_platform.isolation.limits import Isolation

    screen = Screen(as_json=options.as_json)
    try:
        policy = read_policy(options.policy)
        lifecycle = Lifecycle(workspace, options.catalog, screen.progress, Isolation(isolation), policy)
        with using(Access.of(os.environ)):
            outcome = lifecycle.run(_asked(folder, options))
    except (EarthCodeError, OSError) as error:
        screen.error(explained(error))
        return 1
    facts = outcome.model_dump(mode="json")
    if options.as_json:
        screen.data({**facts, "seconds": dict(lifecycle.seconds)})
    else:
        screen.outcome("The product is archived and published.", facts)
    return 0


@app.command
def schema(*, output: Annotated[Path | None, Parameter(name="--output")] = None) -> int:
    """Print the JSON Schema of experiment.yaml, by which editors complete it.

    Args:
        output: File to write it to instead.
    """
    from earthcode_platform.experiments.schema import experiment_schema

    text = json.dumps(experiment_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        sys.stdout.write(text)
        return 0
    try:
        write_report(output, text)
    except EarthCodeError as error:
        Screen().error(error)
        return 1
    return 0


def _asked(folder: Path, options: Options) -> "Asked":
    from earthcode_platform.cli.checking import Asked

    return Asked(folder, options.hrefs(), options.configuration())
