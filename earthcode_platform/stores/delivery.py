"""Archiving as a transaction: staged, read back, then visible in one step, and never overwritten."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import ValidationError

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, IntegrityError
from earthcode_platform.experiments.read import FILE_NAME as DECLARATION
from earthcode_platform.experiments.write import experiment_yaml
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product, PublishedExperiment, StoredFile
from earthcode_platform.models.run import AttachedFile, ProducedFile, RunResult
from earthcode_platform.provenance.package import write_package
from earthcode_platform.provenance.record import record
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.directory import STAGING
from earthcode_platform.stores.manifest import Manifest
from earthcode_platform.stores.stac import write_stac

__all__ = ["archive", "fetch"]

_PACKAGE: Final = "experiment"
"""Folder of a delivery that holds the experiment as it ran."""


def archive(pinned: PinnedExperiment, run: RunResult, store: Store, workspace: Path) -> Product:
    """Keep the outcome of a run as a version of its product, with everything needed to run it again.

    The same content under the same version is found, not written again; its `created` stays.

    Args:
        pinned: What ran.
        run: What it produced.
        store: Where it goes.
        workspace: A folder for the delivery while it is built; it is removed again.

    Raises:
        ConflictError: Other content is archived under this version.
        IntegrityError: What the run produced, or what the store gives back, is not what it was.
        UnavailableError: The store failed.
    """
    prefix = f"{pinned.experiment.product.id}/{pinned.experiment.version}"
    with _scratch(workspace) as folder:
        manifest = _build(pinned, run, folder)
        if not store.exists(f"{prefix}/{manifests.NAME}"):
            try:
                checksum = _deliver(manifest, folder, store, prefix)
            except ConflictError:
                # Somebody archived this version in the meantime: theirs counts, and ours is compared with it below.
                if not store.exists(f"{prefix}/{manifests.NAME}"):
                    raise
            else:
                return manifest.as_product(store, prefix, checksum, Novelty.NEW)
        kept, checksum = _read(store, prefix, folder / manifests.NAME)
    if kept.content != manifest.content:
        raise ConflictError(
            f"version {manifest.version} of {manifest.product!r} is archived with other content.",
            where=store.href(prefix),
            remedy="Raise `version:` in experiment.yaml; an archived version is never overwritten.",
        )
    for file in kept.files:
        store.verify(f"{prefix}/{file.key}", file.checksum)
    return kept.as_product(store, prefix, checksum, Novelty.UNCHANGED)


def fetch(published: PublishedExperiment, store: Store, folder: Path) -> Path:
    """Write the package of a published experiment below `folder` and return its own folder.

    Raises:
        InputError: The experiment was archived in another store, or its files are gone.
        IntegrityError: The manifest, or a file it names, is not what was published.
    """
    declaration = store.key(published.experiment_href)
    prefix = declaration.removesuffix(f"/{_PACKAGE}/{DECLARATION}")
    shutil.rmtree(folder, ignore_errors=True)
    manifest, checksum = _read(store, prefix, folder / manifests.NAME)
    if checksum != published.manifest_checksum:
        raise IntegrityError(
            f"the archived manifest has the checksum {checksum}, but {published.manifest_checksum} was published.",
            where=store.href(prefix),
        )
    for file in manifest.files:
        if file.key.startswith(f"{_PACKAGE}/"):
            store.get(f"{prefix}/{file.key}", folder / file.key)
            checksums.require(folder / file.key, file.checksum)
    return folder / _PACKAGE


def _build(pinned: PinnedExperiment, run: RunResult, folder: Path) -> Manifest:
    experiment, created = pinned.experiment, datetime.now(UTC).replace(microsecond=0)
    declared = write_package(pinned, folder / _PACKAGE)
    (folder / _PACKAGE / DECLARATION).write_text(experiment_yaml(declared), encoding="utf-8")
    (folder / "provenance.json").write_text(record(pinned, run), encoding="utf-8")
    made: tuple[ProducedFile | AttachedFile, ...] = (*run.files, *run.attached)
    for produced in made:
        checksums.require(Path(produced.path), produced.checksum)
    for path in [Path(run.quicklook), *(Path(produced.path) for produced in made)]:
        _place(path, folder / experiment.product.id / path.name)
    others = {
        "experiment": f"{_PACKAGE}/{DECLARATION}",
        "workflow": f"{_PACKAGE}/{experiment.workflow.entry}",
        "provenance": "provenance.json",
    }
    collection, item = write_stac(pinned, run, folder, others, created)
    return Manifest(
        product=experiment.product.id,
        version=experiment.version,
        experiment=experiment.id,
        title=experiment.product.title,
        created=created,
        collection=collection,
        item=item,
        quicklook=f"{experiment.product.id}/{Path(run.quicklook).name}",
        declaration=others["experiment"],
        workflow=others["workflow"],
        data_checksums={key: produced.data_checksum for key, produced in run.assets.items()},
        bbox=run.files[0].bbox,
        start=min(produced.start for produced in run.files),
        end=max(produced.end for produced in run.files),
        files=tuple(_described(folder)),
    )


def _deliver(manifest: Manifest, folder: Path, store: Store, prefix: str) -> str:
    staged = f"{STAGING}/{uuid4().hex}"
    path = folder / manifests.NAME
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    checksum = checksums.of_file(path)
    try:
        for file in manifest.files:
            store.put(folder / file.key, f"{staged}/{file.key}")
            store.verify(f"{staged}/{file.key}", file.checksum)
        store.put(path, f"{staged}/{manifests.NAME}")
        store.verify(f"{staged}/{manifests.NAME}", checksum)
        store.promote(staged, prefix)
    finally:
        store.discard(staged)
    return checksum


def _read(store: Store, prefix: str, scratch: Path) -> tuple[Manifest, str]:
    store.get(f"{prefix}/{manifests.NAME}", scratch)
    try:
        return Manifest.model_validate_json(scratch.read_bytes()), checksums.of_file(scratch)
    except ValidationError as error:
        raise IntegrityError(
            "the archived manifest cannot be read.", where=store.href(f"{prefix}/{manifests.NAME}")
        ) from error


def _described(folder: Path) -> Iterator[StoredFile]:
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        yield StoredFile(
            key=path.relative_to(folder).as_posix(), size=path.stat().st_size, checksum=checksums.of_file(path)
        )


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


@contextmanager
def _scratch(workspace: Path) -> Iterator[Path]:
    """Make a folder that no other run builds its delivery in, and remove it again."""
    workspace.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=workspace, prefix="delivery-") as folder:
        yield Path(folder)
