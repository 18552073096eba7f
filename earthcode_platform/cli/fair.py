"""`earthcode-platform fair`: how findable, accessible, interoperable and reusable something is."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from pydantic import JsonValue

from earthcode_platform.cli.delivery import explained
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError, RefusedError, UnknownNameError

if TYPE_CHECKING:
    from earthcode_platform.models.fair import FairReport

__all__ = ["fair"]

_STYLES: Final = {"met": "green", "not met": "bold red", "not applicable": "dim"}


def fair(
    subject: str,
    /,
    *,
    catalog: Annotated[Path | None, Parameter(name="--catalog")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> int:
    """Say how FAIR an experiment, or an entry of a catalog, is: each principle with its evidence.

    Args:
        subject: Folder with an experiment.yaml; with --catalog, the id of a product, workflow or experiment.
        catalog: Folder of a catalog, or its bare git repository.
        as_json: Print one JSON object, for machines.
    """
    screen = Screen(as_json=as_json)
    try:
        reports = [_declared(Path(subject))] if catalog is None else _published(subject, catalog)
    except (EarthCodeError, OSError) as error:
        screen.error(explained(error))
        return 1
    if as_json:
        told: list[JsonValue] = [
            {**one.model_dump(mode="json"), "met": one.met, "counted": one.counted} for one in reports
        ]
        screen.data({"reports": told})
        return 0
    for report in reports:
        _show(screen, report)
    return 0


def _declared(folder: Path) -> "FairReport":
    from earthcode_platform.cli.checking import Asked, develop
    from earthcode_platform.cubes.access import Access, using
    from earthcode_platform.gates.fair import fair as fairness

    if not folder.exists():
        remedy = "To look an id up, name the catalog: --catalog PATH."
        raise InputError(f"there is no folder {str(folder)!r}.", remedy=remedy)
    with using(Access.of(os.environ)):
        developed = develop(Asked(folder, {}, {}))
    if developed.pinned is None:
        raise RefusedError(developed.refused, where=str(folder))
    return fairness(developed.pinned)


def _published(identifier: str, path: Path) -> "list[FairReport]":
    from earthcode_platform.catalog.checkout import read_catalog
    from earthcode_platform.catalog.kinds import Kind
    from earthcode_platform.gates.fair_published import published

    catalog = read_catalog(path)
    kinds = (Kind.PRODUCT, Kind.WORKFLOW, Kind.EXPERIMENT)
    found = [
        published(kind.label.lower(), catalog.document(kind.path(identifier)))
        for kind in kinds
        if catalog.exists(kind, identifier)
    ]
    if not found:
        known = [entry for kind in kinds for entry in catalog.ids(kind)]
        raise UnknownNameError.among("product, workflow or experiment", identifier, known, where=str(path))
    return found


def _show(screen: Screen, report: "FairReport") -> None:
    screen.line(f"{report.kind} {report.id}: {report.score}", style="bold")
    for one in report.principles:
        screen.line(f"  {one.name:<5}{one.state.value:<15}{one.asks}", style=_STYLES[one.state.value])
        screen.line(f"       {f'{one.evidence} {one.mend}'.rstrip()}")
