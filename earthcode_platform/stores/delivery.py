"""Archiving as a transaction: everything is stored and read back, then visible in one step, and never overwritten."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from packaging.version import InvalidVersion, Version

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, InputError, IntegrityError, UnknownNameError
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product, PublishedExperiment
from earthcode_platform.models.run import RunResult
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.building import PACKAGE, build
from earthcode_platform.stores.contract import Fault, Store
from earthcode_platform.stores.disk import explained
from earthcode_platform.stores.keys import parts_of
from earthcode_platform.stores.manifest import Manifest

__all__ = ["archive", "download", "fetch", "links", "newest", "read_manifest"]

_NAMED: Final = 2
"""Parts of a key that name a version: product and version."""
_OURS: Final = "the folder of the run"
_LONGEST: Final = 168
"""Hours for which a signature may hold."""


def archive(pinned: PinnedExperiment, run: RunResult, store: Store, workspace: Path) -> Product:
    """Keep the outcome of a run as a version of its product, with everything needed to run it again.

    The same content under the same version is found, not written again; its `created` stays. A run that was broken off
    goes on where it was: what the store has already, with the right bytes, is not sent again.

    Args:
        pinned: What ran.
        run: What it produced.
        store: Where it goes.
        workspace: A folder for the documents of the delivery while they are built; it is removed again.

    Raises:
        ConflictError: Other content is archived under this version.
        IntegrityError: What the run produced, or what the store gives back, is not what it was.
        InputError: The store refuses us.
        UnavailableError: The store failed.
    """
    with _scratch(workspace) as folder:
        with explained(workspace, folder.name, _OURS):
            manifest, delivery = build(pinned, run, folder)
        if not store.exists(f"{delivery.prefix}/{manifests.NAME}"):
            try:
                checksum = store.deliver(delivery)
            except ConflictError:
                # Somebody archived this version in the meantime: theirs counts, and ours is compared with it below.
                if not store.exists(f"{delivery.prefix}/{manifests.NAME}"):
                    raise
            else:
                kept, _ = read_manifest(store, delivery.prefix)
                return kept.as_product(store, delivery.prefix, checksum, Novelty.NEW)
        kept, checksum = read_manifest(store, delivery.prefix)
        if kept.content != manifest.content:
            raise ConflictError(
                f"version {manifest.version} of {manifest.product!r} is archived with other content.",
                where=store.href(delivery.prefix),
                remedy="Raise `version:` in experiment.yaml; an archived version is never overwritten.",
            )
    _require_whole(store, kept.base(delivery.prefix), kept)
    return kept.as_product(store, delivery.prefix, checksum, Novelty.UNCHANGED)


def fetch(published: PublishedExperiment, store: Store, folder: Path) -> Path:
    """Write the package of a published experiment below `folder` and return its own folder.

    Raises:
        InputError: The experiment was archived in another store, or its files are gone.
        IntegrityError: The manifest, or a file it names, is not what was published.
    """
    prefix = "/".join(parts_of(store.key(published.experiment_href))[:_NAMED])
    manifest, checksum = read_manifest(store, prefix)
    if checksum != published.manifest_checksum:
        raise IntegrityError(
            f"the archived manifest has the checksum {checksum}, but {published.manifest_checksum} was published.",
            where=store.href(prefix),
        )
    shutil.rmtree(folder, ignore_errors=True)
    _get(store, manifest, prefix, folder, lambda key: key.startswith(f"{PACKAGE}/"))
    return folder / PACKAGE


def download(store: Store, prefix: str, folder: Path) -> Manifest:
    """Write a whole version to `folder`, which must not be there yet: it appears complete and checked, or not at all.

    Args:
        store: Where it lies.
        prefix: `<product>/<version>`.
        folder: Gets the STAC collection with everything that belongs to it.

    Raises:
        InputError: There is no such version, or `folder` is there.
        IntegrityError: A file is not what was archived.
    """
    if folder.exists():
        raise InputError("it is there already.", where=str(folder), remedy="Name a folder that is not there yet.")
    manifest, _ = read_manifest(store, prefix)
    _get(store, manifest, prefix, folder, lambda _key: True)
    return manifest


def links(store: Store, prefix: str, hours: float) -> Iterator[str]:
    """Yield addresses by which the files of a version can be read for a while, without an account.

    Args:
        store: Where it lies.
        prefix: `<product>/<version>`.
        hours: How long they hold; at most seven days (AWS Signature Version 4).

    Raises:
        InputError: There is no such version, or `hours` is out of bounds.
    """
    if not 0 < hours <= _LONGEST:
        raise InputError(f"{hours} hours are out of bounds.", where="link", remedy=f"Take at most {_LONGEST}.")
    kept, _ = read_manifest(store, prefix)
    yield from (store.link(f"{kept.base(prefix)}/{file.key}", round(hours * 3600)) for file in kept.files)


def newest(store: Store, product: str) -> str:
    """Return `<product>/<version>` of the newest version of a product.

    Raises:
        UnknownNameError: There is no version of it; the message suggests the nearest id.
    """
    known = [prefix.split("/") for prefix in store.versions()]
    versions = {number: version for name, version in known if name == product and (number := _number(version))}
    if not versions:
        raise UnknownNameError.among("archived product", product, {name for name, _ in known})
    return f"{product}/{versions[max(versions)]}"


def _number(version: str) -> Version | None:
    """Return what a version is ordered by; none for a folder that somebody else put there."""
    try:
        return Version(version)
    except InvalidVersion:
        return None


def read_manifest(store: Store, prefix: str) -> tuple[Manifest, str]:
    """Return the manifest of a version and its multihash.

    Raises:
        InputError: There is no such version.
        IntegrityError: It cannot be read.
    """
    content = store.read(f"{prefix}/{manifests.NAME}")
    return Manifest.parsed(content, store.href(f"{prefix}/{manifests.NAME}")), checksums.of_bytes(content)


def _get(store: Store, manifest: Manifest, prefix: str, folder: Path, wanted: Callable[[str], bool]) -> None:
    """Write files of a version below `folder`, which appears when all are there and checked."""
    base = manifest.base(prefix)
    part = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.part")
    copying = "copying from the results store"
    try:
        for file in manifest.files:
            if wanted(file.key):
                with explained(part, file.key, copying):
                    part.mkdir(parents=True, exist_ok=True)
                    found = store.get(f"{base}/{file.key}", part / file.key)
                if found != file.checksum:
                    raise IntegrityError(
                        f"the SHA-256 multihash is {found}, but {file.checksum} was recorded.",
                        where=store.href(f"{base}/{file.key}"),
                        remedy="The file changed in the archive; restore it from a copy.",
                    )
        with explained(folder.parent, folder.name, copying):
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _require_whole(store: Store, base: str, kept: Manifest) -> None:
    for amiss in store.verify(base, kept.files):
        found = f", and {amiss.found} is there" if amiss.found else ""
        state = {Fault.MISSING: "is missing", Fault.DIFFERS: "differs"}[amiss.fault]
        raise IntegrityError(
            f"the archived file {state}: {amiss.file.checksum} was recorded{found}.",
            where=store.href(f"{base}/{amiss.file.key}"),
            remedy="Restore it from a copy, or archive the product as a new version.",
        )


@contextmanager
def _scratch(workspace: Path) -> Iterator[Path]:
    """Make a folder that no other run builds its delivery in, and remove it again."""
    with explained(workspace, "", _OURS):
        workspace.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(dir=workspace, prefix="delivery-")
    with made as folder:
        yield Path(folder)
