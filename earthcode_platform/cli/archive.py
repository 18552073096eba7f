"""`earthcode-platform archive`: what a results repository holds, whether it is intact, and how to get at it.

A store is a folder, or `s3://bucket/prefix`; endpoint and keys of the latter come from the variables that tools for S3
read: `AWS_ENDPOINT_URL_S3`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from earthcode_platform.cli.delivery import explained
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError

if TYPE_CHECKING:
    from earthcode_platform.stores.contract import Store

__all__ = ["app", "list_versions"]

app = App(name="archive", help="Look after a results repository: a folder, or s3://bucket/prefix.")
"""The sub-command with its own sub-commands."""

_Json = Annotated[bool, Parameter(name="--json", negative="", show_default=False)]


def list_versions(store: str, /, *, as_json: _Json = False) -> int:
    """List the versions of products that are archived.

    Args:
        store: A folder, or s3://bucket/prefix.
        as_json: Print one JSON object, for machines.
    """
    from earthcode_platform.stores.delivery import read_manifest

    def told(screen: Screen, held: "Store") -> int:
        kept = [read_manifest(held, prefix)[0] for prefix in held.versions()]
        sizes = [sum(file.size for file in one.files) for one in kept]
        if as_json:
            told = [
                {**one.model_dump(mode="json", include=_SHOWN), "files": len(one.files), "size": size}
                for one, size in zip(kept, sizes, strict=True)
            ]
            screen.data({"versions": list(told)})
            return 0
        rows = [
            ((one.title, str(len(one.files)), f"{size / 1e6:.1f}", f"{one.product}/{one.version}"), "")
            for one, size in zip(kept, sizes, strict=True)
        ]
        screen.table(("title", "files", "MB", "product/version"), rows)
        return 0

    return _answered(store, told, as_json=as_json)


app.command(list_versions, name="list")

_SHOWN = {"product", "version", "experiment", "title", "created"}


@app.command
def verify(store: str, /, *, parts: int = 1, part: int | None = None, as_json: _Json = False) -> int:
    """Hold what is archived against its manifests; with an error the exit code is 1.

    Args:
        store: A folder, or s3://bucket/prefix.
        parts: In how many parts the files are read back; names and sizes are compared all of them each time.
        part: Which part, from 0; that of today if left out.
        as_json: Print one JSON object, for machines.
    """
    from earthcode_platform.stores.verification import Turn
    from earthcode_platform.stores.verification import verify as verified

    def told(screen: Screen, held: "Store") -> int:
        moment = datetime.now(UTC)
        turn = Turn.of_day(moment, parts) if part is None else Turn(part, parts)
        report = verified(held, moment, turn, lambda done, of: screen.progress(f"version {done + 1} of {of}"))
        if as_json:
            screen.data(report.model_dump(mode="json"))
            return int(report.errors > 0)
        for found in report.findings:
            screen.marked(found.severity, found.where, found.code, f"{found.message} {found.remedy}".rstrip())
        screen.line(str(report), style="bold red" if report.errors else "bold green")
        return int(report.errors > 0)

    return _answered(store, told, as_json=as_json)


@app.command
def gc(store: str, /, *, hours: float = 24.0, dry_run: bool = False, as_json: _Json = False) -> int:
    """Remove what broken runs left behind and nobody touched for long; never what a version consists of.

    Args:
        store: A folder, or s3://bucket/prefix.
        hours: How long nobody must have touched it.
        dry_run: Only say what would be removed.
        as_json: Print one JSON object, for machines.
    """

    def told(screen: Screen, held: "Store") -> int:
        found = held.leftovers(timedelta(hours=hours))
        gone = [one for one in found if not dry_run and held.clean(one)]
        if as_json:
            screen.data({"found": [one.place for one in found], "removed": [one.place for one in gone]})
            return 0
        rows = [((one.place, str(one.objects), f"{one.size / 1e6:.1f}", f"{one.age}"), "") for one in found]
        screen.table(("leftover", "files", "MB", "untouched for"), rows)
        screen.line(f"{len(gone)} of {len(found)} removed")
        return 0

    return _answered(store, told, as_json=as_json)


@app.command
def get(store: str, product: str, /, *, to: Path, version: str | None = None) -> int:
    """Copy a version of a product to a folder, checked byte by byte; it appears there complete or not at all.

    Args:
        store: A folder, or s3://bucket/prefix.
        product: Id of the product.
        to: A folder that is not there yet.
        version: The version; the newest if left out.
    """
    from earthcode_platform.stores.delivery import download, newest

    def told(screen: Screen, held: "Store") -> int:
        prefix = f"{product}/{version}" if version else newest(held, product)
        kept = download(held, prefix, to)
        screen.line(f"{prefix}: {len(kept.files)} files in {to}")
        return 0

    return _answered(store, told)


@app.command
def link(store: str, product: str, /, *, version: str | None = None, hours: float = 24.0) -> int:
    """Print addresses by which the files of a version can be read for a while, without an account.

    Whoever gets them can read the files until then: hand them to nobody else, and write them into no document.

    Args:
        store: s3://bucket/prefix; those of a folder do not run out.
        product: Id of the product.
        version: The version; the newest if left out.
        hours: How long they hold; at most seven days.
    """
    from earthcode_platform.stores.delivery import links, newest

    def told(screen: Screen, held: "Store") -> int:
        prefix = f"{product}/{version}" if version else newest(held, product)
        for address in links(held, prefix, hours):
            screen.line(address)
        return 0

    return _answered(store, told)


@app.command
def package(  # noqa: PLR0913 - each is a line of the hand-over
    store: str,
    product: str,
    /,
    *,
    to: Path,
    project: str = "",
    officer: str = "",
    restrictions: str = "none",
    version: str | None = None,
) -> int:
    """Write a version as ESA's Project Results Repository takes it: collection, manifest and hand-over document.

    Nothing is sent. Above 600 items the collection becomes one zip file.

    Args:
        store: A folder, or s3://bucket/prefix.
        product: Id of the product.
        to: A folder that is not there yet.
        project: Id of the project in the Open Science Catalog; the experiment's if left out.
        officer: Name and address of ESA's technical officer; the experiment's contact of that role if left out.
        restrictions: Who may have the data.
        version: The version; the newest if left out.
    """
    from earthcode_platform.stores.delivery import newest
    from earthcode_platform.stores.prr import Terms
    from earthcode_platform.stores.prr import package as packed

    def told(screen: Screen, held: "Store") -> int:
        prefix = f"{product}/{version}" if version else newest(held, product)
        handover = packed(held, prefix, to, Terms(project, officer, restrictions))
        screen.line(f"{prefix}: {len(handover.files)} files, {handover.size} bytes in {to}; nothing was sent")
        return 0

    return _answered(store, told)


def _answered(where: str, told: "Callable[[Screen, Store], int]", *, as_json: bool = False) -> int:
    from earthcode_platform.cubes.access import Access
    from earthcode_platform.stores.opening import open_store

    screen = Screen(as_json=as_json)
    try:
        return told(screen, open_store(where, Access.of(os.environ).storage))
    except (EarthCodeError, OSError) as error:
        screen.error(explained(error))
        return 1
