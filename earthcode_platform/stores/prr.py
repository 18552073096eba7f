"""A delivery as ESA's Project Results Repository (PRR) takes it: the package, its manifest, and the hand-over document.

The PRR takes one self-contained STAC collection with its items and assets; above 600 items, a zip file of it. It is
handed over with a message that names the project, the size, the package, the link to the data, the restrictions and
the technical officer. This module writes all that to a folder. It sends nothing.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from earthcode_platform import checksums
from earthcode_platform.errors import InputError, IntegrityError
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.handover import Handover
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores.building import PACKAGE
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.delivery import download, read_manifest
from earthcode_platform.stores.manifest import Manifest

__all__ = ["CHECKING", "MOST_ITEMS", "Terms", "package", "zipped"]

MOST_ITEMS: Final = 600
"""Items of a collection that is delivered file by file."""
CHECKING: Final = Path(__file__).with_name("prr_delivery.cwl")
"""An application package that takes a delivery, compares every file with the manifest, and sends nothing."""
_OFFICER: Final = "technical_officer"
_COLLECTION: Final = "collection"
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every member of a zip file: the same collection always makes the same bytes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the hand-over has to say besides what is archived; what is empty, the archived experiment may tell."""

    project: str = ""
    """Id of the project in the Open Science Catalog."""
    technical_officer: str = ""
    """Name and address of ESA's technical officer."""
    restrictions: str = "none"
    """Who may have the data."""

    def completed(self, experiment: Experiment) -> "Terms":
        """Return the terms with what the archived experiment says of project and technical officer.

        Raises:
            InputError: Nobody names the technical officer.
        """
        officers = [one for one in experiment.contacts if _OFFICER in one.roles]
        named = [f"{one.name} <{one.email}>" if one.email else one.name for one in officers]
        officer = self.technical_officer.strip() or "; ".join(named)
        if not officer:
            raise InputError(
                "nobody is named as ESA's technical officer, who gets a copy.",
                where="PRR delivery",
                remedy=f"Name one, or give a contact in experiment.yaml the role {_OFFICER!r}.",
            )
        return Terms(self.project.strip() or experiment.osc.project, officer, self.restrictions)


def package(store: Store, prefix: str, folder: Path, terms: Terms, most: int = MOST_ITEMS) -> Handover:
    """Write the package of an archived version to `folder`: it appears complete, or not at all.

    It holds `handover.json` and `handover.md`, `manifest.json` with size and checksum of every other file, and the
    collection, in the folder `collection/` or in one zip file.

    Args:
        store: Where the version is archived.
        prefix: `<product>/<version>`.
        folder: Is not there yet.
        terms: What the archive does not know.
        most: Items above which the collection becomes a zip file.

    Raises:
        InputError: There is no such version, `folder` is there, or nobody names a technical officer.
        IntegrityError: A file is not what was archived, or the collection leads to a file that is not in it.
    """
    if folder.exists():
        raise InputError("it is there already.", where=str(folder), remedy="Name a folder that is not there yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.part")
    try:
        kept = download(store, prefix, part / _COLLECTION)
        terms = terms.completed(read_experiment(part / _COLLECTION / PACKAGE))
        items = _items(part / _COLLECTION / kept.collection)
        if len(items) > most:
            zipped(part / _COLLECTION, part / f"{kept.product}-{kept.version}.zip")
            shutil.rmtree(part / _COLLECTION)
        handover = _handover(store, prefix, kept, terms, (part, items, most))
        _write(part, handover)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return handover


def zipped(folder: Path, target: Path) -> None:
    """Write a folder as one zip file, uncompressed: data are compressed already. The same files make the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in _files(folder):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MOMENT)
            member.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(member, "w", force_zip64=True) as written:
                shutil.copyfileobj(source, written, 1 << 20)


def _items(collection: Path) -> list[Path]:
    """Return the documents of the items, having seen that they and their assets are there."""
    folder = collection.parent
    items = [folder / href for href in _hrefs(_read(collection)["links"], "item")]
    for item in items:
        document = _read(item)
        for name, asset in document["assets"].items():
            if not (item.parent / asset["href"]).exists():
                raise IntegrityError(
                    f"asset {name!r} leads to {asset['href']!r}, which is not in the collection.",
                    where=item.relative_to(folder).as_posix(),
                    remedy="Only a self-contained collection can be delivered; archive the product anew.",
                )
    return items


def _handover(store: Store, prefix: str, kept: Manifest, terms: Terms, built: tuple[Path, list[Path], int]) -> Handover:
    folder, items, most = built
    files = tuple(
        StoredFile(key=path.relative_to(folder).as_posix(), size=path.stat().st_size, checksum=checksums.of_file(path))
        for path in _files(folder)
    )
    collection = json.loads(store.read(f"{kept.base(prefix)}/{kept.collection}"))
    compressed = len(items) > most
    return Handover(
        product=kept.product,
        version=kept.version,
        title=kept.title,
        project=terms.project,
        collection=kept.collection if compressed else f"{_COLLECTION}/{kept.collection}",
        items=len(items),
        zipped=compressed,
        size=sum(file.size for file in files),
        link=store.href(f"{kept.base(prefix)}/{kept.collection}"),
        manifest_checksum=read_manifest(store, prefix)[1],
        license=collection["license"],
        restrictions=terms.restrictions,
        technical_officer=terms.technical_officer,
        contacts=tuple(provider["name"] for provider in collection.get("providers", ())),
        files=files,
    )


def _write(folder: Path, handover: Handover) -> None:
    manifest = [file.model_dump(mode="json") for file in handover.files]
    (folder / "manifest.json").write_text(json.dumps({"files": manifest}, indent=2) + "\n", encoding="utf-8")
    (folder / "handover.json").write_text(handover.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / "handover.md").write_text(_message(handover), encoding="utf-8")


def _message(handover: Handover) -> str:
    where = f"{handover.product}-{handover.version}.zip, in it " if handover.zipped else ""
    rows = {
        "Project": handover.project,
        "Product": f"{handover.product}, version {handover.version}",
        "Size": f"{handover.size / 1e9:.3f} GB in {len(handover.files)} files",
        "STAC collection": f"{where}{handover.collection}, {handover.items} item(s)",
        "Data": handover.link,
        "Licence": handover.license,
        "Access restrictions": handover.restrictions,
        "Technical officer, in copy": handover.technical_officer,
        "Made by": "; ".join(handover.contacts),
        "Checksum of the archived manifest": handover.manifest_checksum,
    }
    cells = {name: " ".join(text.split()).replace("|", "\\|") for name, text in rows.items()}
    lines = "".join(f"| {name} | {text} |\n" for name, text in cells.items())
    return (
        f"# {handover.title}\n\nDelivery to the ESA Project Results Repository.\n\n|  |  |\n|---|---|\n{lines}\n"
        "Every file is in `manifest.json`, with its size and its SHA-256 checksum as a multihash.\n"
    )


def _hrefs(links: list[Mapping[str, str]], relation: str) -> list[str]:
    return [link["href"] for link in links if link["rel"] == relation]


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise IntegrityError("it is missing or no JSON.", where=str(path), remedy="Archive the product anew.") from None
    return content


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
