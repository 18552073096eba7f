"""Good experiments of every kind, and changes that break each of them in one way, by a seed.

A change takes the folder and a generator of random numbers, and returns the code of the finding that must refuse it.
"""

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

import cwl_pieces
import factories
import notebook_pieces
import yaml

__all__ = ["GOOD", "MUTATIONS", "Mutation"]

Mutation: TypeAlias = Callable[[Path, Random], str]

_MODEL: Final = """
class Model:
    def predict(self, table, params=None):
        return table["B01"].to_numpy("float64") * 2

def _load_pyfunc(path):
    return Model()
"""
_REQUIRED: Final = (
    *("id", "version", "title", "description", "license", "contacts", "osc", "workflow", "inputs", "product"),
)
_DOCUMENTS: Final = ("data/collection.json", *(f"data/scene-{day}/scene-{day}.json" for day in factories.DAYS))
_RASTERS: Final = tuple(f"data/scene-{day}/B01.tif" for day in factories.DAYS)


def _graph(folder: Path) -> Path:
    return factories.experiment_folder(folder)


def _package(folder: Path) -> Path:
    return cwl_pieces.folder(folder, inputs={"scenes": {"href": "./data/collection.json"}})


def _notebook(folder: Path) -> Path:
    return notebook_pieces.experiment(folder, notebook_pieces.notebook())


def _model(folder: Path) -> Path:
    declared = {"kind": "mlflow", "entry": "model/MLmodel", "files": ["model"], "title": "Twice"}
    factories.experiment_folder(
        folder,
        workflow=declared,
        inputs={"data": {"href": "./data/collection.json"}},
        configuration={"composite": "mean"},
    )
    signature = {
        "inputs": json.dumps([{"name": "B01", "type": "float", "required": True}]),
        "outputs": json.dumps([{"name": "twice", "type": "double", "required": True}]),
        "params": None,
    }
    python = "{}.{}.{}".format(*sys.version_info)
    flavour = {"loader_module": "twice", "code": "code", "env": {}, "python_version": python}
    content = {
        "flavors": {"python_function": flavour}, "mlflow_version": version("mlflow-skinny"), "signature": signature
    }  # fmt: skip
    (folder / "model" / "code").mkdir(parents=True)
    (folder / "model" / "code" / "twice.py").write_text(_MODEL, encoding="utf-8")
    (folder / "model" / "MLmodel").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


GOOD: Final[dict[str, Callable[[Path], Path]]] = {
    "openeo": _graph, "cwl": _package, "notebook": _notebook, "mlflow": _model
}  # fmt: skip
"""By kind: what writes a folder that every gate lets pass."""


def _declared(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "experiment.yaml").read_text(encoding="utf-8"))
    return content


def _declare(folder: Path, content: dict[str, Any]) -> None:
    factories.write_json(folder / "experiment.yaml", content)


def _entry(folder: Path) -> Path:
    return folder / _declared(folder)["workflow"]["entry"]


def key_lost(folder: Path, rng: Random) -> str:
    content = _declared(folder)
    del content[rng.choice(_REQUIRED)]
    _declare(folder, content)
    return "metadata-missing-key"


def key_misspelt(folder: Path, rng: Random) -> str:
    content, key = _declared(folder), rng.choice(_REQUIRED)
    _declare(folder, {(key[::-1] if name == key else name): value for name, value in content.items()})
    return "metadata-unknown-key"


def number_for_text(folder: Path, rng: Random) -> str:
    _declare(folder, _declared(folder) | {rng.choice(("id", "version", "title", "license")): rng.randint(0, 99)})
    return "metadata-wrong-type"


def bad_id(folder: Path, rng: Random) -> str:
    _declare(folder, _declared(folder) | {"id": "".join(rng.choices(' /\\:*?"<>|A\u00e9', k=8))})
    return "metadata-bad-value"


def unknown_in_catalog(folder: Path, rng: Random) -> str:
    content = _declared(folder)
    key, word = rng.choice((("themes", "theme"), ("variables", "variable"), ("missions", "mission")))
    content["osc"][key] = [*content["osc"].get(key, []), f"no-such-{word}"]
    _declare(folder, content)
    return f"metadata-unknown-{word}"


def workflow_lost(folder: Path, rng: Random) -> str:
    del rng
    _entry(folder).unlink()
    return "workflow-no-file"


def workflow_empty(folder: Path, rng: Random) -> str:
    del rng
    _entry(folder).write_bytes(b"")
    return "workflow-empty"


def workflow_cut(folder: Path, rng: Random) -> str:
    path = _entry(folder)
    kind = _declared(folder)["workflow"]["kind"]
    path.write_text(path.read_text(encoding="utf-8")[: rng.randint(1, 40)] + "\n{[", encoding="utf-8")
    return {"openeo": "not-json", "cwl": "syntax", "notebook": "not-json", "mlflow": "not-yaml"}[kind].join(
        ("workflow-", "")
    )


def asset_lost(folder: Path, rng: Random) -> str:
    (folder / rng.choice(_RASTERS)).unlink()
    return "inputs-file-missing"


def asset_empty(folder: Path, rng: Random) -> str:
    (folder / rng.choice(_RASTERS)).write_bytes(b"")
    return "inputs-file-empty"


def asset_cut(folder: Path, rng: Random) -> str:
    path = folder / rng.choice(_RASTERS)
    content = path.read_bytes()
    path.write_bytes(content[: rng.randint(1, len(content) - 1)])
    return "inputs-size-differs"


def byte_flipped(folder: Path, rng: Random) -> str:
    path = folder / rng.choice(_RASTERS)
    content = bytearray(path.read_bytes())
    # Behind the header, so that only the checksum can tell.
    content[-rng.randint(1, 8)] ^= 1 << rng.randint(0, 7)
    path.write_bytes(bytes(content))
    return "inputs-checksum-differs"


def document_cut(folder: Path, rng: Random) -> str:
    path = folder / rng.choice(_DOCUMENTS)
    text = path.read_text(encoding="utf-8").rstrip()
    path.write_text(text[: rng.randint(1, len(text) - 1)], encoding="utf-8")
    return "inputs-not-json"


def document_lost(folder: Path, rng: Random) -> str:
    (folder / rng.choice(_DOCUMENTS)).unlink()
    return "inputs-not-found"


def href_of_nothing(folder: Path, rng: Random) -> str:
    path = folder / rng.choice(_DOCUMENTS[1:])
    item = json.loads(path.read_text(encoding="utf-8"))
    item["assets"]["B01"]["href"] = rng.choice(("a\0b.tif", "\ud800.tif", "x" * 5000 + ".tif", "http://[::1/x.tif"))
    path.write_text(json.dumps(item), encoding="utf-8")
    return "inputs-bad-href"


def window_elsewhere(folder: Path, rng: Random) -> str:
    content = _declared(folder)
    (reference,) = content["inputs"].values()
    west, south = rng.randint(-60, -20), rng.randint(-40, -10)
    reference["bbox"] = [west, south, west + 1, south + 1]
    _declare(folder, content)
    return "inputs-empty-window"


def value_unknown(folder: Path, rng: Random) -> str:
    content = _declared(folder)
    content["configuration"] = {**content.get("configuration", {}), f"zz-{rng.randint(0, 99)}": 1}
    _declare(folder, content)
    return "configuration-unknown-value"


def input_unknown(folder: Path, rng: Random) -> str:
    content = _declared(folder)
    content["inputs"][f"zz-{rng.randint(0, 99)}"] = {"href": "./data/collection.json"}
    _declare(folder, content)
    return "configuration-unknown-input"


def waiver_of_nobody(folder: Path, rng: Random) -> str:
    code, told = rng.choice((("inputs-file-empty", "not-permitted"), ("inputs-file-emtpy", "unknown")))
    waiver = {"code": code, "reason": "Nobody would notice it.", "by": "Nobody"}
    _declare(folder, _declared(folder) | {"waivers": [waiver]})
    return f"policy-waiver-{told}"


MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(key_lost, key_misspelt, number_for_text, bad_id, unknown_in_catalog, workflow_lost, workflow_empty, workflow_cut),
    *(asset_lost, asset_empty, asset_cut, byte_flipped, document_cut, document_lost, href_of_nothing, window_elsewhere),
    *(value_unknown, input_unknown, waiver_of_nobody),
)
"""Every change."""
