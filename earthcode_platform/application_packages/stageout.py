"""What a package hands back, as files of the product: the items of its STAC catalogs, checked, with stable names."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from earthcode_platform.cubes.assets import data_assets
from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.input_extent import input_span
from earthcode_platform.cubes.produced import describe_produced, format_of
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from earthcode_platform.models.pinned import PinnedExperiment
    from earthcode_platform.models.run import ProducedFile

__all__ = ["stage_out"]

_CATALOGS: Final = ("catalog.json", "collection.json")


@dataclass(frozen=True)
class _Result:
    """A data file that was handed back."""

    path: Path
    output: str
    start: datetime | None = None
    end: datetime | None = None
    item: str = ""
    key: str = ""
    title: str = ""

    @property
    def where(self) -> str:
        parts = (f"output {self.output!r}", self.item and f"item {self.item!r}", self.key and f"asset {self.key!r}")
        return ", ".join(part for part in parts if part)


def stage_out(
    outputs: Mapping[str, Any],
    folder: Path,
    pinned: PinnedExperiment,
    target: Path,
) -> tuple[ProducedFile, ...]:
    """Move the data files that a package handed back below `target` and return their descriptions.

    A Directory with a `catalog.json` gives the data assets of its items; a File, or a Directory without one, the data
    files in it. The only file is named by the product's id; of several each has its item's id, and if need be its
    asset's key, behind it. What neither an item nor its content dates has the span of time of the inputs.

    Args:
        outputs: The outputs of the workflow, as cwltool tells them.
        folder: What they lie below; nothing outside it is read.
        pinned: The experiment.
        target: Where they go.

    Raises:
        ExecutionError: There is none, a catalog is broken, a file is of another format than the product, or cannot be
            read; the message names output, item and asset.
    """
    found = [result for name in sorted(outputs) for result in _results(name, outputs[name], folder)]
    results = list({result.path: result for result in reversed(found)}.values())[::-1]
    if not results:
        raise ExecutionError(
            "the workflow handed back no data file.",
            where=", ".join(map(repr, outputs)) or "the workflow",
            remedy="Hand back a Directory with a catalog.json, or a GeoTIFF, NetCDF or Zarr.",
        )
    names, dates = _names(results, pinned.experiment.product.id), input_span(pinned)
    return tuple(
        _produced(
            result, name if len(results) > 1 else "", pinned, target / f"{name}{result.path.suffix.lower()}", dates
        )
        for result, name in zip(results, names, strict=True)
    )


def _produced(
    result: _Result, part: str, pinned: PinnedExperiment, target: Path, dates: tuple[datetime, datetime]
) -> ProducedFile:
    """Move one file to its place and describe it; `part` is its name where it is one of several."""
    wanted, form = pinned.experiment.product, format_of(result.path)
    if form is not wanted.format:
        raise ExecutionError(
            f"{result.path.name!r} is {form.value if form else 'no data'}, and the product is {wanted.format.value}.",
            where=result.where,
            remedy="Write it so, or change `product: format:` in experiment.yaml.",
        )
    with replacing(target) as temporary:
        shutil.move(result.path, temporary)
    title = f"{wanted.title}: {result.title or part}" if part else wanted.title
    try:
        return describe_produced(target, title, result.start or dates[0], result.end or dates[1])
    except InputError as error:
        raise ExecutionError(error.message, where=result.where, remedy=error.remedy) from None


def _names(results: list[_Result], product: str) -> list[str]:
    if len(results) == 1:
        return [product]
    several = len({result.key for result in results if result.item}) > 1
    names: list[str] = []
    for result in results:
        parts = [result.item, result.key if several else ""] if result.item else [result.output, result.path.stem]
        name = "-".join(
            [product, *("".join(c if c.isalnum() or c in "._-" else "_" for c in part) for part in parts if part)]
        )
        free = (f"{name}-{number}" for number in count(2))
        names.append(name if name not in names else next(one for one in free if one not in names))
    return names


def _results(name: str, output: Any, folder: Path) -> Iterator[_Result]:  # noqa: ANN401 - a CWL value
    if isinstance(output, list):
        for one in output:
            yield from _results(name, one, folder)
    if not isinstance(output, dict) or output.get("class") not in ("File", "Directory"):
        return
    path = _inside(str(output.get("location") or output.get("path")), folder, f"output {name!r}")
    catalog = next((path / one for one in _CATALOGS if (path / one).is_file()), None)
    if catalog is not None:
        yield from sorted(_items(name, catalog, path, set()), key=_order)
    elif path.is_file() or format_of(path) is not None:
        if format_of(path) is not None:
            yield _Result(path, name)
    else:
        yield from (_Result(one, name) for one in sorted(path.rglob("*")) if format_of(one) is not None)


def _order(result: _Result) -> tuple[str, str, str]:
    return str(result.start), result.item, result.key


def _inside(href: str, folder: Path, where: str, base: Path | None = None) -> Path:
    parts = urlsplit(href)
    if parts.scheme not in ("", "file"):
        raise ExecutionError(f"it points at {href!r}, which is no file.", where=where, remedy="Hand files back.")
    path = Path(unquote(parts.path)) if parts.scheme else Path(href)
    path = ((base or folder) / path).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.exists():
        raise ExecutionError(
            f"it points at {href!r}, which is not among what was handed back.", where=where,
            remedy="Put the file beside the catalog, and name it by a relative path.",
        )  # fmt: skip
    return path


def _items(output: str, document: Path, folder: Path, seen: set[Path]) -> Iterator[_Result]:
    """Yield the data files of the items below a catalog."""
    where = f"output {output!r}, {document.name!r}"
    if document in seen:
        return
    seen.add(document)
    content = _json(document, where)
    if content.get("type") == "Feature":
        yield from _assets(output, content, document, folder)
        return
    if content.get("type") not in ("Catalog", "Collection"):
        raise ExecutionError("it is no STAC catalog, collection or item.", where=where, remedy="Write it with pystac.")
    for link in content.get("links", []):
        if isinstance(link, dict) and link.get("rel") in ("item", "child"):
            yield from _items(output, _inside(str(link.get("href")), folder, where, document.parent), folder, seen)


def _json(document: Path, where: str) -> dict[str, Any]:
    try:
        content = json.loads(document.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExecutionError(f"it cannot be read: {error}.", where=where, remedy="Write it with pystac.") from None
    if not isinstance(content, dict):
        raise ExecutionError("it is no STAC document.", where=where, remedy="Write it with pystac.")
    return content


def _assets(output: str, content: dict[str, Any], document: Path, folder: Path) -> Iterator[_Result]:
    name = str(content.get("id", ""))
    where = f"output {output!r}, item {name!r}"
    start, end = _dates(content, where)
    for key, asset in sorted(data_assets(content).items()):
        path = _inside(str(asset["href"]), folder, f"{where}, asset {key!r}", document.parent)
        yield _Result(path, output, start, end, name, key, str(content["properties"].get("title") or name))


def _dates(content: dict[str, Any], where: str) -> tuple[datetime, datetime]:
    """Check an item and return its first and last moment.

    Raises:
        ExecutionError: It is no valid STAC item.
    """
    import pystac
    from pystac.validation import validate_dict

    try:
        # The core schema of STAC 1.1 comes with pystac and takes items of 1.0; others would have to be fetched.
        core = {**content, "stac_version": "1.1.0", "stac_extensions": []}
        validate_dict(core, stac_object_type=pystac.STACObjectType.ITEM)
        item = pystac.Item.from_dict(content, migrate=False)
    except (pystac.STACError, pystac.STACValidationError, KeyError, ValueError, TypeError, AttributeError) as error:
        told = " ".join(str(error).split())[:300]
        raise ExecutionError(
            f"it is no valid STAC item: {told}.", where=where, remedy="Write it with pystac."
        ) from None
    start, end = (
        item.common_metadata.start_datetime or item.datetime,
        item.common_metadata.end_datetime or item.datetime,
    )
    if start is None or end is None:
        raise ExecutionError("the item has no date.", where=where, remedy="Give it a datetime.")
    return start, end
