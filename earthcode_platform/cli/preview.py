"""`earthcode-platform preview`: how the entries of an experiment will read in the catalog.

It exits with 0 once they are shown, with 1 if the experiment or the catalog refuses them, and with 2 if it was called
in a way it does not understand.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from earthcode_platform.cli.options import Options
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, RefusedError

__all__ = ["preview"]

_NO_OPTIONS = Options()


def preview(
    folder: Path,
    /,
    *,
    output: Annotated[Path | None, Parameter(name="--output")] = None,
    options: Options = _NO_OPTIONS,
) -> int:
    """Show how the product, the workflow and the experiment will read in the catalog; nothing runs.

    Args:
        folder: Folder with an experiment.yaml.
        output: File for a page (.html) or for Markdown (.md), instead of printing Markdown.
        options: Changes for this preview. Without a catalog it is the one that comes with the platform.
    """
    from earthcode_platform.catalog.repository import CatalogRepository
    from earthcode_platform.catalog.seed import seed_files
    from earthcode_platform.catalog.snapshot import Catalog
    from earthcode_platform.cli.checking import Asked, develop
    from earthcode_platform.cli.delivery import explained, write_report
    from earthcode_platform.cubes.access import Access, using
    from earthcode_platform.development.preview_page import preview_markdown, preview_page
    from earthcode_platform.development.previewing import previewed

    screen = Screen(as_json=options.as_json)
    try:
        with using(Access.of(os.environ)), tempfile.TemporaryDirectory(prefix="earthcode-") as scratch:
            developed = develop(Asked(folder, options.hrefs(), options.configuration()))
            if developed.pinned is None:
                raise RefusedError(developed.refused, where=str(folder))
            named = options.catalog
            catalog = Catalog(seed_files()) if named is None else CatalogRepository(named, Path(scratch)).read()
            found = previewed(catalog, developed.pinned)
        page = preview_page if output is not None and output.suffix in (".html", ".htm") else preview_markdown
        if output is not None:
            write_report(output, page(found))
            screen.progress(str(output))
        elif options.as_json:
            screen.data(found.model_dump(mode="json"))
        else:
            screen.line(page(found))
    except (EarthCodeError, OSError) as error:
        screen.error(explained(error))
        return 1
    return 0
