"""`earthcode-platform new`: a folder that passes every gate and runs as it is.

At a terminal it asks for what was not given, with choices from the catalog; anywhere else it never asks. It exits with
0 once the folder is there, with 1 if it cannot be made, and with 2 if it was called in a way it does not understand.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from pydantic import JsonValue

from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError

if TYPE_CHECKING:
    from earthcode_platform.catalog.snapshot import Catalog

__all__ = ["NewOptions", "new"]


@Parameter(name="*")
@dataclass(frozen=True)
class NewOptions:
    """What the experiment is about. What is left out is asked for at a terminal, and has a default elsewhere."""

    title: Annotated[str | None, Parameter(name="--title")] = None
    """Its title in the catalog."""
    description: Annotated[str | None, Parameter(name="--description")] = None
    """What question it answers, and how."""
    project: Annotated[str | None, Parameter(name="--project")] = None
    """Id of the project that pays for it."""
    themes: Annotated[tuple[str, ...], Parameter(name="--theme", negative="", show_default=False)] = ()
    """Id of a theme that it serves. May be given several times."""
    variables: Annotated[tuple[str, ...], Parameter(name="--variable", negative="", show_default=False)] = ()
    """Id of a variable that its product holds. May be given several times."""
    missions: Annotated[tuple[str, ...], Parameter(name="--mission", negative="", show_default=False)] = ()
    """Id of an EO mission that its inputs come from. May be given several times."""
    authors: Annotated[tuple[str, ...], Parameter(name="--author", negative="", show_default=False)] = ()
    """`Name <e-mail>` of somebody who answers for it, published. May be given several times; whom git names if left
    out."""
    organization: Annotated[str | None, Parameter(name="--organization")] = None
    """Where the authors work."""
    license: Annotated[str, Parameter(name="--license")] = "CC-BY-4.0"
    """SPDX identifier of the product's licence."""
    region: Annotated[str | None, Parameter(name="--region")] = None
    """Name of the region, in words."""
    catalog: Annotated[str | None, Parameter(name="--catalog")] = None
    """Path or URL of the git repository of the catalog whose ids count; the one that comes with the platform if left
    out."""
    ask: Annotated[bool, Parameter(name="--ask")] = True
    """Ask for what was not given, at a terminal."""
    git: Annotated[bool, Parameter(name="--git")] = True
    """Make the folder a git repository with a first commit."""
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Print one JSON object, for machines, and ask nothing."""


_NO_OPTIONS = NewOptions()


def new(folder: Path, /, *, kind: str = "", options: NewOptions = _NO_OPTIONS) -> int:
    """Make the folder of a new experiment, which passes every gate and runs as it is.

    It holds experiment.yaml with comments, a workflow, tests and invented data; change them one by one. With git, it
    is a repository with a first commit, by whom git is configured to name or else by the first author.

    Args:
        folder: The folder to make; its name becomes the id of the experiment.
        kind: Language of the workflow: openeo, cwl, notebook or mlflow; openeo if left out.
        options: What it is about.
    """
    screen = Screen(as_json=options.as_json)
    try:
        told = _made(folder.expanduser().absolute(), kind, options)
    except (EarthCodeError, OSError) as error:
        from earthcode_platform.cli.delivery import explained

        screen.error(explained(error))
        return 1
    except (KeyboardInterrupt, EOFError):
        screen.error(InputError("nothing was made: the questions were left unanswered."))
        return 1
    if options.as_json:
        screen.data(told)
        return 0
    screen.line(f"{told['folder']}", style="bold")
    for path in sorted(path for path in Path(str(told["folder"])).iterdir() if path.name != ".git"):
        screen.line(f"  {path.name}{'/' * path.is_dir()}")
    screen.line(_HISTORY[str(told["git"])])
    screen.line(f"\nNext:\n  earthcode-platform check {folder}\n  earthcode-platform develop {folder}")
    return 0


_HISTORY: Final = {
    "committed": "A git repository with a first commit.",
    "inside": "It lies inside a git repository: commit it there, so that the product can name its code.",
    "no-git": "There is no git here: without a commit the product cannot name its code.",
    "failed": "git could not make a repository of it: without a commit the product cannot name its code.",
    "left-out": "No git repository was made: without a commit the product cannot name its code.",
}


def _made(folder: Path, kind: str, options: NewOptions) -> dict[str, JsonValue]:
    from earthcode_platform.catalog.vocabulary import vocabulary
    from earthcode_platform.cli.answers import completed, given
    from earthcode_platform.development.blueprint import blueprint
    from earthcode_platform.development.repository import begin_repository
    from earthcode_platform.development.scaffold import require_place, scaffold
    from earthcode_platform.engines.registry import find_engine

    require_place(folder)
    catalog = _catalog(options.catalog)
    answers = given(folder.name, kind, options)
    if options.ask and not options.as_json and sys.stdin.isatty() and sys.stdout.isatty():
        from earthcode_platform.cli.asking import Dialogue

        answers = Dialogue(catalog).complete(answers)
    made = blueprint(completed(answers), vocabulary(catalog))
    # Without what its engine needs it would not run as it is.
    find_engine(made.kind)
    scaffold(made, folder)
    begun = "left-out"
    if options.git:
        begun = begin_repository(folder, made.contacts[0], f"{made.id}: begun with earthcode-platform new").value
    return {"folder": str(folder), "kind": made.kind.value, "id": made.id, "git": begun}


def _catalog(named: str | None) -> "Catalog":
    from earthcode_platform.catalog.repository import CatalogRepository
    from earthcode_platform.catalog.seed import seed_files
    from earthcode_platform.catalog.snapshot import Catalog

    if named is None:
        return Catalog(seed_files())
    with tempfile.TemporaryDirectory(prefix="earthcode-") as scratch:
        return CatalogRepository(named, Path(scratch)).read()
