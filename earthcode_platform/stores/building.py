"""A delivery, built from what ran and what it produced; the same run always makes the same bytes."""

import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from earthcode_platform import checksums
from earthcode_platform.errors import IntegrityError
from earthcode_platform.experiments.read import FILE_NAME as DECLARATION
from earthcode_platform.experiments.write import experiment_yaml
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import StoredFile
from earthcode_platform.models.run import AttachedFile, ProducedFile, RunResult
from earthcode_platform.provenance.package import write_package
from earthcode_platform.provenance.record import record
from earthcode_platform.stores.contract import Delivery, Source
from earthcode_platform.stores.manifest import Manifest
from earthcode_platform.stores.stac import write_stac

__all__ = ["PACKAGE", "build"]

PACKAGE: Final = "experiment"
"""Folder of a delivery that holds the experiment as it ran."""


def build(pinned: PinnedExperiment, run: RunResult, folder: Path) -> tuple[Manifest, Delivery]:
    """Write the documents of a delivery to `folder`, and return them with the files that the run produced.

    What the run produced stays where it is: nothing large is copied, and it is hashed when it is stored, once.

    Returns:
        The manifest as far as it is known before anything is stored (without `folder`, and without the files inside
        produced folders), and the delivery.

    Raises:
        IntegrityError: What the run produced is gone, or the experiment is not what was pinned.
    """
    experiment, created = pinned.experiment, run.finished.replace(microsecond=0)
    declared = write_package(pinned, folder / PACKAGE)
    (folder / PACKAGE / DECLARATION).write_text(experiment_yaml(declared), encoding="utf-8")
    (folder / "provenance.json").write_text(record(pinned, run), encoding="utf-8")
    made: tuple[ProducedFile | AttachedFile, ...] = (*run.files, *run.attached)
    recorded = {f"{experiment.product.id}/{Path(one.path).name}": one.checksum for one in made}
    for path in [Path(run.quicklook), *(Path(one.path) for one in made)]:
        _place(path, folder / experiment.product.id / path.name)
    others = {
        "experiment": f"{PACKAGE}/{DECLARATION}",
        "workflow": f"{PACKAGE}/{experiment.workflow.entry}",
        "provenance": "provenance.json",
    }
    collection, item = write_stac(pinned, run, folder, others)
    manifest = Manifest(
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
        files=(),
    )
    sources = sorted(_sources(folder, recorded), key=lambda source: source.key)
    known = (
        StoredFile(key=one.key, size=one.path.stat().st_size, checksum=one.checksum) for one in sources if one.checksum
    )
    manifest = manifest.model_copy(update={"files": tuple(known)})
    return manifest, _delivery(manifest, sources, folder, recorded)


def _delivery(manifest: Manifest, sources: Sequence[Source], folder: Path, recorded: Mapping[str, str]) -> Delivery:
    documents = [manifest.item, manifest.collection]
    by_key = {source.key: source for source in sources}
    groups = (
        tuple(source for source in sources if source.key not in documents),
        *((by_key[key],) for key in documents),
    )
    known = {**{source.key: source.checksum for source in sources if source.checksum}, **recorded}
    stated = "".join(f"{checksum}  {key}\n" for key, checksum in sorted(known.items()))

    def seal(below: str, files: Sequence[StoredFile]) -> bytes:
        _require_recorded(files, recorded, folder)
        ordered = tuple(sorted(files, key=lambda file: file.key))
        sealed = manifest.model_copy(update={"folder": below, "files": ordered})
        return (sealed.model_dump_json(indent=2) + "\n").encode()

    identity = sha256(stated.encode()).hexdigest()[:32]
    return Delivery(f"{manifest.product}/{manifest.version}", identity, groups, seal)


def _sources(folder: Path, recorded: Mapping[str, str]) -> Iterator[Source]:
    """Yield every file of the delivery; members of a folder such as a Zarr store have no checksum before they go."""
    for found, _, names in sorted(os.walk(folder, followlinks=True)):
        for name in sorted(names):
            path = Path(found) / name
            key = path.relative_to(folder).as_posix()
            member = any(key.startswith(f"{known}/") for known in recorded)
            yield Source(key, path, None if member else recorded.get(key) or checksums.of_file(path))


def _require_recorded(files: Sequence[StoredFile], recorded: Mapping[str, str], folder: Path) -> None:
    """Hold the folders among the produced files to what was recorded, by the checksums that storing them gave."""
    for key, expected in recorded.items():
        members = sorted((file.key[len(key) + 1 :], file.checksum) for file in files if file.key.startswith(f"{key}/"))
        if members and checksums.of_members(members) != expected:
            raise IntegrityError(
                f"the files of the folder are not those whose checksum {expected} was recorded.",
                where=str((folder / key).readlink()),
                remedy="The folder changed after it was recorded; make it anew.",
            )


def _place(source: Path, target: Path) -> None:
    """Let the delivery name a file or folder where it is."""
    if not source.exists():
        raise IntegrityError(
            "it was recorded, but cannot be read now: No such file or directory.",
            where=str(source),
            remedy="Restore it, or make it anew.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink() and target.readlink() == source.absolute():
        return
    if target.exists():
        raise IntegrityError("two files of the product have one name.", where=str(source), remedy="Rename one of them.")
    target.symlink_to(source.absolute())
