"""Small real models, written by hand in MLflow's format: a folder with an MLmodel file and code of its own."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cube_factories
import numpy as np
import yaml

from earthcode_platform import checksums
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.models.experiment import Experiment, InputReference
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["ModelFolder", "pinned", "scenes"]

Json = dict[str, Any]

INDEX = """
import numpy as np

class Model:
    def predict(self, table, params=None):
        times = (params or {}).get("times", 1.0)
        nir, red = table["nir"].to_numpy("float64"), table["red"].to_numpy("float64")
        return (nir - red) / (nir + red) * times

def _load_pyfunc(path):
    return Model()
"""
"""A model that computes the normalised difference of nir and red."""


def column(name: str, kind: str = "float") -> Json:
    return {"name": name, "type": kind, "required": True}


def tensor(shape: Sequence[int], dtype: str = "float32", name: str = "") -> Json:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}} | ({"name": name} if name else {})


@dataclass
class ModelFolder:
    """What a model's folder holds, to be changed and then written."""

    pyfunc: Json = field(
        default_factory=lambda: {
            "loader_module": "index_model",
            "code": "code",
            "env": {"virtualenv": "python_env.yaml"},
            "python_version": "{}.{}.{}".format(*sys.version_info),
        }
    )
    inputs: list[Json] = field(default_factory=lambda: [column("red"), column("nir")])
    outputs: list[Json] = field(default_factory=lambda: [column("index", "double")])
    params: list[Json] = field(
        default_factory=lambda: [{"name": "times", "type": "double", "default": 1.0, "shape": None}]
    )
    flavors: Json = field(default_factory=dict)
    signature: Json | None = None
    """The signature as the file has it, if not made of the parts."""
    files: dict[str, str] = field(
        default_factory=lambda: {
            "code/index_model.py": INDEX,
            "python_env.yaml": "python: 3\n",
            "requirements.txt": f"numpy=={version('numpy')}\n",
        }
    )
    raw: str | None = None
    """The text of MLmodel, if it is not to be made of the rest."""
    declared: list[str] = field(default_factory=lambda: ["model"])
    entry: str = "model/MLmodel"

    def content(self) -> Json:
        parts = {"inputs": self.inputs, "outputs": self.outputs, "params": self.params}
        made = {name: json.dumps(value) if value else None for name, value in parts.items()}
        return {
            "flavors": {"python_function": self.pyfunc, **self.flavors},
            "mlflow_version": version("mlflow-skinny"),
            "signature": made if self.signature is None else self.signature,
        }

    def write(self, folder: Path) -> None:
        for name, text in self.files.items():
            path = folder / "model" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "model").mkdir(exist_ok=True)
        text = yaml.safe_dump(self.content()) if self.raw is None else self.raw
        (folder / self.entry).write_text(text, encoding="utf-8")


def scenes(folder: Path, days: int = 2, size: int = 6) -> Path:
    """Write a STAC collection with red and nir (uint16, scaled), SCL (uint8) and temp (float32) for each day."""
    items = []
    red = np.arange(size * size, dtype="uint16").reshape(size, size) * 10 + 100
    for day in range(1, days + 1):
        layers = {
            "red": red + day,
            "nir": red * 2 + day,
            "SCL": (np.arange(size * size, dtype="uint8").reshape(size, size) % 5) + 4,
            "temp": red.astype("float32") / 7,
        }
        layers["nir"][0, 0] = 0
        assets: Json = {}
        for name, values in layers.items():
            cube_factories.raster(folder / f"{name}{day}.tif", values)
            kind = {"data_type": str(values.dtype), "scale": 0.0001 if values.dtype == "uint16" else 1, "offset": 0}
            assets[name] = {
                "href": f"./{name}{day}.tif",
                "type": "image/tiff; application=geotiff",
                "raster:bands": [kind | ({"nodata": 0} if values.dtype != "float32" else {})],
            }
        items.append(cube_factories.item(f"day{day}", f"2020-01-0{day}T10:00:00Z", assets))
    return cube_factories.collection(folder, items)


def pinned(
    folder: Path,
    model: ModelFolder,
    configuration: Mapping[str, Any] | None = None,
    form: str = "NetCDF",
    days: int = 2,
) -> PinnedExperiment:
    """Write an experiment with a model, and pin it as `develop` does."""
    scenes(folder / "data", days)
    model.write(folder)
    experiment = Experiment.model_validate(
        {
            "id": "applied", "version": "1.0.0", "title": "A model applied", "description": "Two small scenes.",
            "license": "CC-BY-4.0", "contacts": [{"name": "Ada Example"}],
            "osc": {"project": "earthcode-examples", "themes": ["land"], "variables": ["vegetation-index"]},
            "workflow": {"kind": "mlflow", "entry": model.entry, "files": model.declared, "title": "An index"},
            "inputs": {"data": {"href": "./data/collection.json"}},
            "configuration": dict(configuration or {}),
            "product": {"id": "applied-index", "title": "An index of two scenes", "format": form},
        }
    )  # fmt: skip
    return PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=(pin_input("data", InputReference(href="./data/collection.json"), folder),),
    )


def changed(path: Path) -> str:
    """Change a file, and return its new checksum."""
    path.write_bytes(path.read_bytes() + b"\n# changed\n")
    return checksums.of_file(path)
