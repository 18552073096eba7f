"""What a notebook left behind, as the files of a product."""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from earthcode_platform import checksums
from earthcode_platform.engines.notebook.declared import Output
from earthcode_platform.errors import ExecutionError, nearest
from earthcode_platform.models.run import AttachedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from earthcode_platform.engines.notebook.declared import Declared
    from earthcode_platform.engines.notebook.job import Scrap
    from earthcode_platform.models.experiment import ProductWanted

__all__ = ["Collected", "attach", "attach_scraps", "collect", "figure_of"]

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OURS: Final = frozenset({"quicklook.png", "executed.ipynb", "executed.html", "scraps.json"})
"""Names of files that the platform itself puts beside those of the notebook."""
_DIRECTORIES: Final = (".zarr",)
_PACKED: Final = ".zarr.zip"


class Collected(NamedTuple):
    """One output of a notebook, in the folder of the product."""

    output: Output
    """What was declared of it, or what its file name tells."""
    path: Path
    """Its file, or Zarr store."""


def collect(declared: Declared, product: ProductWanted, source: Path, target: Path) -> list[Collected]:
    """Move what the notebook wrote into `source` to `target`, and return it: the product's own file first.

    Of a notebook that declares its outputs these are wanted, and nothing else may be there; of another one, everything
    there is an output. A file named like the product goes first.

    Raises:
        ExecutionError: There is nothing; a declared file is missing, or another one there; or something is no file.
    """
    found = _found(source)
    outputs = list(declared.outputs)
    if outputs:
        _require_declared(outputs, found, source)
    else:
        first = [name for name in found if _stem(name) == product.id]
        outputs = [
            Output(name=_stem(name), file=name) for name in (*first, *(each for each in found if each not in first))
        ]
    if not outputs:
        raise ExecutionError(
            "the notebook wrote nothing into its output folder.",
            where="output_folder",
            remedy=f"Write the product there, such as output_folder + '/{product.id}.tif'.",
        )
    _require_names(outputs)
    target.mkdir(parents=True, exist_ok=True)
    return [Collected(output, _moved(source / output.file, target / Path(output.file).name)) for output in outputs]


def _stem(name: str) -> str:
    """Return the name of an output: that of its file, without what tells its format."""
    return Path(name.removesuffix(".zip") if name.endswith(_PACKED) else name).stem


def _found(folder: Path) -> list[str]:
    """Return the files and Zarr stores below a folder; whatever is no plain file is refused, links above all."""
    if folder.is_symlink() or not folder.is_dir():
        raise ExecutionError(
            "the notebook took its output folder away, or put a link in its place.",
            where="output_folder",
            remedy="Write files into it, and leave it where it is.",
        )
    names = []
    for root, folders, files in os.walk(folder):
        place = Path(root)
        for name in (*folders, *files):
            mode = (place / name).lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise ExecutionError(
                    f"{name!r} is a link, or no file at all.",
                    where="output_folder",
                    remedy="Write files into the output folder, no links.",
                )
        inside = any(part.endswith(_DIRECTORIES) for part in place.relative_to(folder).parts)
        stores = [name for name in folders if name.endswith(_DIRECTORIES)]
        names += [] if inside else [(place / name).relative_to(folder).as_posix() for name in (*files, *stores)]
    return sorted(names)


def _require_declared(outputs: Sequence[Output], found: Sequence[str], folder: Path) -> None:
    wanted = {output.file for output in outputs}
    for output in outputs:
        if not (folder / output.file).exists():
            close = nearest(output.file, found)
            hint = f"Did you mean {close!r}?" if close else f"There are: {', '.join(found) or 'none'}."
            raise ExecutionError(
                f"the notebook did not write {output.file!r}, its output {output.name!r}.",
                where="output_folder",
                remedy=hint,
            )
    for name in found:
        if name not in wanted and not any(name.startswith(f"{each}/") for each in wanted):
            raise ExecutionError(
                f"the notebook wrote {name!r}, which it does not declare.",
                where="output_folder",
                remedy="Add it to metadata.earthcode.outputs, or write it elsewhere.",
            )


def _require_names(outputs: Sequence[Output]) -> None:
    names = [Path(output.file).name for output in outputs]
    for name in names:
        if names.count(name) > 1 or name in _OURS:
            reason = "is the name of two outputs" if names.count(name) > 1 else "is a name that the platform uses"
            raise ExecutionError(f"{name!r} {reason}.", where="output_folder", remedy="Take another file name.")


def _moved(source: Path, target: Path) -> Path:
    return source.replace(target)


def attach(path: Path, key: str, title: str, roles: tuple[str, ...] = ("metadata",)) -> AttachedFile:
    """Return the description of a file that goes with the product."""
    media_type = _MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return AttachedFile(
        key=key, path=str(path.absolute()), title=title, media_type=media_type, roles=roles,
        checksum=checksums.of_path(path),
    )  # fmt: skip


_MEDIA_TYPES: Final = {
    ".ipynb": "application/x-ipynb+json",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
}


def attach_scraps(scraps: Iterable[Scrap], taken: Iterable[str], folder: Path) -> list[AttachedFile]:
    """Write named figures as PNG, and all named values as one `scraps.json`, into `folder`.

    Args:
        scraps: What the notebook displayed under a name.
        taken: Names of scraps and keys of assets that are not to be used; figures of that name are left out.
        folder: Where to write.
    """
    attached, values, used = [], {}, set(taken)
    for scrap in scraps:
        if not scrap.figure:
            values[scrap.name] = scrap.value
        elif scrap.name not in used:
            stem = re.sub(r"[^A-Za-z0-9._-]+", "-", scrap.name).strip("-.") or "figure"
            path = folder / f"figure-{stem}.png"
            path.write_bytes(figure_of(scrap))
            attached.append(attach(path, f"figure-{stem}", f"Figure: {scrap.name}", ("overview",)))
    if values:
        path = folder / "scraps.json"
        path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        attached.append(attach(path, "scraps", "Values that the notebook displayed by name"))
    return attached


def figure_of(scrap: Scrap) -> bytes:
    """Return the PNG of a figure.

    Raises:
        ExecutionError: It is none.
    """
    try:
        content = base64.b64decode(scrap.figure)
    except binascii.Error:
        content = b""
    if not content.startswith(_PNG):
        raise ExecutionError(
            f"the figure {scrap.name!r} is no PNG.", where="the executed notebook", remedy="Display it with matplotlib."
        )
    return content
