"""Are a NetCDF file and a Zarr store laid out so that tools of others understand them?

xrlint's rules look at what the CF conventions ask for; what it cannot see, how a Zarr store is cut up, is read from the
store's own metadata.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.errors import InputError
from earthcode_platform.gates.product.finding import finding
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["check_conventions", "check_zarr"]

_RULES: Final = {
    "conventions": Severity.WARNING,
    "coords-for-dims": Severity.ERROR,
    "grid-mappings": Severity.ERROR,
    "lat-coordinate": Severity.WARNING,
    "lon-coordinate": Severity.WARNING,
    "time-coordinate": Severity.WARNING,
    "var-flags": Severity.WARNING,
    "var-missing-data": Severity.NOTE,
    "var-units": Severity.WARNING,
    "var-desc": Severity.NOTE,
}
"""The rules of xrlint that are asked, and how much each weighs here. `content-desc` is not: it wants the moment of
writing, which would make equal products differ, and what STAC says of the product already."""
_NOT_ASKED: Final = ("Missing timezone",)
"""Said of times in UTC, which the conventions have as the default (CF 1.11, section 4.4)."""
_OBJECTS: Final = 1000
"""Objects of an array that is not sharded: beyond these, listing and copying takes longer than reading."""


def check_conventions(path: Path, form: Container, where: str) -> Iterator[Finding]:
    """Yield what xrlint has against a NetCDF file or Zarr store; a note if it is not installed."""
    if find_spec("xrlint") is None:
        message = "it was not held against the CF conventions: xrlint is not installed."
        remedy = "pip install 'earthcode-platform[quality]'"
        yield finding("cf-not-checked", where, message, remedy, Severity.NOTE)
        return
    from xrlint.linter import Linter
    from xrlint.plugins.core import export_plugin

    rules = dict.fromkeys(_RULES, "error")
    try:
        with open_gridded(str(path), form) as opened:
            linter = Linter(plugins={"__core__": export_plugin()}, rules=rules)
            messages = linter.validate(opened, file_path=path.name).messages
    except InputError as error:
        yield finding("not-readable", where, f"it cannot be opened: {error.message}", "Write it again.")
        return
    for one in messages:
        rule, told = str(one.rule_id), str(one.message)
        if rule in _RULES and not any(word in told for word in _NOT_ASKED):
            place = f"{where}: {str(one.node_path or '').removeprefix('ds.').removeprefix('ds') or 'attributes'}"
            remedy = f"CF conventions; xrlint rule {rule!r}."
            yield finding("cf", place, told, remedy, _RULES[rule])


def check_zarr(path: Path, where: str) -> Iterator[Finding]:
    """Yield what speaks against the layout of a Zarr store, a folder or a zip file (Zarr core specification 3.0)."""
    try:
        documents, compressed = _packed(path) if path.is_file() else (_unpacked(path), False)
        root = json.loads(documents.pop("zarr.json"))
    except zipfile.BadZipFile as error:
        yield finding("not-readable", where, f"it cannot be read as a zip file: {error}.", "Write it again.")
        return
    except KeyError:
        message = "it is no Zarr of version 3: it has no zarr.json."
        yield finding("zarr", where, message, "Write it with zarr_format=3.", Severity.WARNING)
        return
    except ValueError as error:
        yield finding("not-readable", where, f"its zarr.json is no JSON: {error}.", "Write it again.")
        return
    if "consolidated_metadata" in root:
        message = "its metadata are consolidated, which version 3 does not know: other readers see past them."
        yield finding("zarr", where, message, "Write it with consolidated=False.", Severity.NOTE)
    if compressed:
        message = "members of the zip file are compressed once more: no part of one can be read by itself."
        yield finding("zarr", where, message, "Pack it with zip's method 'stored'.", Severity.WARNING)
    for name, content in sorted(documents.items()):
        place = f"{where}: {name.partition('/')[0]}"
        try:
            yield from _array(json.loads(content), place)
        except (ValueError, KeyError) as error:
            yield finding("not-readable", place, f"its zarr.json describes no array: {error}.", "Write it again.")


def _unpacked(path: Path) -> dict[str, bytes]:
    """Return the metadata of the group at the root of a store and of its arrays, by their place in it."""
    found = (*path.glob("zarr.json"), *path.glob("*/zarr.json"))
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}


def _packed(path: Path) -> tuple[dict[str, bytes], bool]:
    """Return the same of a store in a zip file, and whether anything in it is compressed by zip."""
    with zipfile.ZipFile(path) as archive:
        upper = [name for name in archive.namelist() if name.count("/") <= 1]
        places = [name for name in upper if name.rpartition("/")[2] == "zarr.json"]
        compressed = any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist())
        return {place: archive.read(place) for place in places}, compressed


def _array(meta: Mapping[str, Any], where: str) -> Iterator[Finding]:
    if meta.get("node_type") != "array":
        return
    chunks = meta.get("chunk_grid", {}).get("configuration", {}).get("chunk_shape", [])
    sharded = any(codec.get("name") == "sharding_indexed" for codec in meta.get("codecs", []))
    objects = 1
    for size, chunk in zip(meta["shape"], chunks, strict=False):
        objects *= -(-size // max(1, chunk))
    if objects > _OBJECTS and not sharded:
        message = f"it is {objects:,} objects of one chunk each."
        yield finding("zarr", where, message, "Write it in shards of many chunks.", Severity.WARNING)
    if str(meta.get("data_type", "")).startswith("float") and len(meta["shape"]) > 1 and meta["fill_value"] != "NaN":
        message = f"chunks that are missing are read as {meta['fill_value']!r}, which is a value."
        yield finding("nodata", where, message, "Write it with the fill value NaN.", Severity.WARNING)
