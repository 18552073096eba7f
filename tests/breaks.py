"""How the folder of a good experiment is broken: small steps, each a function of the folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import factories

__all__ = [
    "ITEM",
    "RASTER",
    "REMOVED",
    "Break",
    "asset_named_outside",
    "asset_outside",
    "declared",
    "graph",
    "in_json",
    "linked_outside",
    "together",
    "undeclared",
    "with_bytes",
    "without",
    "written",
]

ITEM: Final = "data/scene-2023-08-01/scene-2023-08-01.json"
RASTER: Final = "data/scene-2023-08-01/B01.tif"
REMOVED: Final = object()

Break = Callable[[Path], object]
"""What breaks the folder of a good experiment."""


def written(content: str | bytes) -> Break:
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / "experiment.yaml").write_bytes(data)


def in_json(path: str, keys: str, value: object) -> Break:
    """Set what stands at `keys`, separated by blanks, in the JSON document `path`; or take it out."""

    def breaks(folder: Path) -> None:
        document = json.loads((folder / path).read_bytes())
        *parents, last = (int(key) if key.isdigit() else key for key in keys.split())
        target: Any = document
        for key in parents:
            target = target[key]
        if value is REMOVED:
            del target[last]
        else:
            target[last] = value
        factories.write_json(folder / path, document)

    return breaks


def declared(keys: str, value: object) -> Break:
    return in_json("experiment.yaml", keys, value)


def graph(keys: str, value: object) -> Break:
    return in_json("workflow.json", f"process_graph {keys}", value)


def with_bytes(path: str, content: bytes) -> Break:
    return lambda folder: (folder / path).write_bytes(content)


def together(*steps: Break) -> Break:
    return lambda folder: [step(folder) for step in steps]


def undeclared(path: str, content: bytes) -> Break:
    """Replace an asset whose item declares neither size nor checksum, so that only opening it can tell."""
    keys = [in_json(ITEM, f"assets B01 {key}", REMOVED) for key in ("file:size", "file:checksum")]
    return together(*keys, with_bytes(path, content))


def without(name: str) -> Break:
    return lambda folder: (folder / name).unlink()


def linked_outside(folder: Path) -> None:
    outside = folder.parent / "outside.json"
    outside.write_text(json.dumps(factories.GRAPH))
    (folder / "workflow.json").unlink()
    (folder / "workflow.json").symlink_to(outside)


def asset_outside(folder: Path) -> None:
    outside = (folder / RASTER).rename(folder.parent / "outside.tif")
    (folder / RASTER).symlink_to(outside)


def asset_named_outside(folder: Path) -> None:
    (folder / RASTER).rename(folder.parent / "outside.tif")
    in_json(ITEM, "assets B01 href", "../../../outside.tif")(folder)
