"""The files of a new experiment, from the templates that come with the platform."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

import yaml
from pydantic import JsonValue

from earthcode_platform.development.blueprint import Blueprint
from earthcode_platform.experiments.scalars import CoreDumper
from earthcode_platform.experiments.schema import experiment_schema
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.frozen import Frozen

__all__ = ["SCHEMA_FILE", "templated"]

SCHEMA_FILE: Final = "experiment.schema.json"
"""The JSON Schema beside `experiment.yaml`, which its first line names: editors complete it without a network."""

_ENDING: Final = ".template"
_EVERY: Final = "every"
"""The folder of templates that every kind has."""
_PLACE: Final = re.compile(r"\{\{ ([a-z_]+) \}\}")


class _Written(str):
    """A text that stands in a file as it is."""

    __slots__ = ()


class _Kind(Frozen):
    """What the templates of one kind have to say of themselves."""

    entry: str
    files: tuple[str, ...] = ()
    input: str = "scenes"
    configuration: dict[str, JsonValue]
    product: str
    workflow_title: str
    product_title: str
    about: str
    change: str
    table: dict[str, str]


_NDVI: Final = "Median NDVI over all dates"
_BANDS: Final[dict[str, JsonValue]] = {"red": "red", "nir": "nir"}

_KINDS: Final = {
    WorkflowKind.OPENEO: _Kind(
        entry="workflow.json",
        configuration=_BANDS,
        product="ndvi",
        workflow_title=_NDVI,
        product_title="Median NDVI",
        about="The workflow is an openEO process graph; `earthcode-platform openeo processes` lists what it may use.",
        change="The graph in `workflow.json`, and its parameters under `configuration`.",
        table={"workflow.json": "the process graph"},
    ),
    WorkflowKind.CWL: _Kind(
        entry="app.cwl",
        files=("tools",),
        configuration=_BANDS,
        product="ndvi",
        workflow_title=_NDVI,
        product_title="Median NDVI",
        about="The workflow is a CWL application package: a workflow, its tools, and the image that they run in.",
        change="The tools in `tools/`, the steps in `app.cwl`, and what the image holds.",
        table={
            "app.cwl": "inputs, steps and outputs",
            "tools/": "each tool, and the script that it runs",
            "image/Containerfile": "the image of the tools",
        },
    ),
    WorkflowKind.NOTEBOOK: _Kind(
        entry="workflow.ipynb",
        files=("ndvi.py",),
        configuration=_BANDS,
        product="ndvi",
        workflow_title=_NDVI,
        product_title="Median NDVI",
        about="The workflow is a Jupyter notebook; its cell with the tag `parameters` says what it takes.",
        change="The notebook, and the module `ndvi.py` that it imports.",
        table={"workflow.ipynb": "the notebook", "ndvi.py": "its science, where tests reach it"},
    ),
    WorkflowKind.MLFLOW: _Kind(
        entry="model/MLmodel",
        files=("model",),
        input="data",
        configuration={"bands": ["red", "nir"], "composite": "median"},
        product="green",
        workflow_title="Green or not, by a decision tree",
        product_title="Green or not",
        about="The workflow is a model that MLflow saved; `python train.py` makes it anew.",
        change="`train.py`, above all its labels, and then the model: `python train.py`.",
        table={"train.py": "how the model is made", "model/": "the model, as MLflow saved it"},
    ),
}

_TABLE: Final = {
    "experiment.yaml": "what is computed, from what, and what the catalog says of it",
    "data/": "the invented scenes, as a STAC collection",
    "tests/": "what must stay true",
    SCHEMA_FILE: "by which editors complete experiment.yaml",
}


def templated(made: Blueprint) -> dict[str, bytes]:
    """Return every file of the new folder but its data and what its own scripts make, by path."""
    kind = _KINDS[made.kind]
    values = _values(made, kind)
    found: dict[str, bytes] = {SCHEMA_FILE: json.dumps(experiment_schema(), indent=2, ensure_ascii=False).encode()}
    for folder in (_EVERY, made.kind.value):
        for name, text in _walk(files("earthcode_platform").joinpath("templates", folder), ""):
            found[name] = _filled(text, values, PurePosixPath(name).suffix).encode()
    return found


def _values(made: Blueprint, kind: _Kind) -> dict[str, JsonValue | _Written]:
    table = {**kind.table, **_TABLE}
    return {
        "id": made.id,
        "kind": made.kind.value,
        "title": made.title,
        "description": made.description,
        "license": made.license,
        "project": made.project,
        "themes": list(made.themes),
        "variables": list(made.variables),
        "missions": list(made.missions),
        "region": _Written(f"  region: {_scalar(made.region)}\n" if made.region else ""),
        "contacts": _Written(
            "\n".join(_contact(one.model_dump(mode="json", exclude_none=True)) for one in made.contacts)
        ),
        "entry": kind.entry,
        "files": _Written(
            f"  files: {_scalar(list(kind.files))} # pinned and archived with it\n" if kind.files else ""
        ),
        "workflow_title": kind.workflow_title,
        "input": kind.input,
        "configuration": _Written(
            "\n".join(f"  {name}: {_scalar(value)}" for name, value in kind.configuration.items())
        ),
        "product": f"{made.id}-{kind.product}",
        "product_title": f"{kind.product_title}: {made.title}",
        "about": kind.about,
        "change": kind.change,
        "table": _Written("\n".join(f"| `{name}` | {what} |" for name, what in table.items())),
    }


def _contact(said: Mapping[str, JsonValue]) -> str:
    lines = [f"{key}: {_scalar(list(value) if isinstance(value, tuple) else value)}" for key, value in said.items()]
    return "  - " + "\n    ".join(lines)


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_ENDING):
            yield prefix + entry.name.removesuffix(_ENDING), entry.read_text(encoding="utf-8")


def _filled(text: str, values: Mapping[str, JsonValue | _Written], suffix: str) -> str:
    """Return `text` with each place filled, written as the file's language wants it."""

    def fill(place: re.Match[str]) -> str:
        value = values[place[1]]
        if isinstance(value, _Written):
            return str(value)
        if suffix == ".yaml":
            return _scalar(value)
        if suffix == ".ipynb":
            return json.dumps(str(value), ensure_ascii=False)[1:-1]
        return str(value)

    return _PLACE.sub(fill, text)


def _scalar(value: JsonValue) -> str:
    """Return a value as YAML on one line, quoted where YAML would take it for something else."""
    written = yaml.dump(value, Dumper=CoreDumper, default_flow_style=True, allow_unicode=True, width=float("inf"))
    return written.removesuffix("...\n").strip()
