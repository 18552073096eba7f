"""`earthcode-platform catalog`: what can be asked of a whole catalog, one file per command."""

from cyclopts import App

from earthcode_platform.cli.catalog_report import report
from earthcode_platform.cli.catalog_search import search
from earthcode_platform.cli.catalog_validate import validate

__all__ = ["app"]

app = App(name="catalog", help="Look at a whole catalog laid out like the Open Science Catalog.")
"""The sub-command with its own sub-commands."""

app.command(validate)
app.command(report)
app.command(search)
