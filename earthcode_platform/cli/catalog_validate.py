"""`earthcode-platform catalog validate`: the verdict on a whole catalog.

It exits with 0 if the catalog is valid, with 1 if it is not, and with 2 if it was called in a way it does not
understand: there is no such catalog or no such mirror, neither can be read, or an option is unknown.
"""

import gc
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError

__all__ = ["ValidateOptions", "validate"]

_USAGE = 2


@Parameter(name="*")
@dataclass(frozen=True)
class ValidateOptions:
    """How a catalog is validated, and how the outcome is told."""

    schemas: Annotated[Path | None, Parameter(name="--schemas")] = None
    """Folder with the official JSON Schemas, laid out by host and path of their address; else they are skipped."""
    strict: Annotated[bool, Parameter(name="--strict", negative="", show_default=False)] = False
    """Look also for what the official validator does not see, such as missing back links."""
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Print one JSON object, for machines."""


_NO_OPTIONS = ValidateOptions()


def validate(path: Path, /, *, options: ValidateOptions = _NO_OPTIONS) -> int:
    """Say everything that is wrong with a catalog.

    Args:
        path: Folder of the catalog, or its bare git repository.
        options: What to look for, and how to tell it.
    """
    from earthcode_platform.catalog.checkout import read_catalog
    from earthcode_platform.catalog.validate.schemas import Schemas
    from earthcode_platform.catalog.validate.whole import validate as validated
    from earthcode_platform.cli.catalog_screen import show

    screen = Screen(as_json=options.as_json)
    collects = gc.isenabled()
    # Everything that is read stays until the end: looking for garbage in between would take a fifth of the time.
    gc.disable()
    try:
        report = validated(read_catalog(path), strict=options.strict, schemas=Schemas(options.schemas))
    except EarthCodeError as error:
        screen.error(error)
        return _USAGE
    finally:
        if collects:
            gc.enable()
    show(screen, str(path), report)
    return 0 if report.valid else 1
