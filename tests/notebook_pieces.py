"""Small notebooks, and experiments around them."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import factories

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = [
    "KERNEL",
    "PARAMETERS",
    "PNG",
    "READ",
    "WRITE",
    "Json",
    "code",
    "experiment",
    "markdown",
    "notebook",
    "pinned",
]

Json = dict[str, Any]
KERNEL: Json = {"display_name": "Python 3", "language": "python", "name": "python3"}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChAGAcFA/kgAAAABJRU5ErkJggg=="
"""One pixel."""
PARAMETERS = """
scenes: str = None  # STAC
output_folder: str = "output"
factor: float = 1.0  # what to multiply with
"""
READ = """
import numpy as np
import pystac
import rasterio

layers = []
for item in pystac.read_file(scenes).get_items():
    with rasterio.open(item.assets["B01"].get_absolute_href()) as source:
        layers.append(source.read(1))
        profile = source.profile
"""
WRITE = """
profile.update(driver="GTiff", dtype="float32")
with rasterio.open(f"{output_folder}/small-mean.tif", "w", **profile) as target:
    target.write((np.mean(layers, axis=0) * factor).astype("float32"), 1)
"""


def markdown(text: str) -> Json:
    """Return a cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str, *tags: str) -> Json:
    """Return a cell of code."""
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)} if tags else {},
        "source": textwrap.dedent(text).strip(),
        "execution_count": None,
        "outputs": [],
    }


def notebook(
    *cells: Json, parameters: str | None = PARAMETERS, metadata: Mapping[str, object] | None = None, ids: bool = True
) -> Json:
    """Return a notebook: a title, the parameters, and `cells`, or else the mean over time of the band B01."""
    given = cells or (markdown("## Read"), code(READ), markdown("## Write"), code(WRITE))
    first = [code(parameters, "parameters")] if parameters is not None else []
    numbered = [
        ({"id": f"c{number}"} if ids else {}) | cell
        for number, cell in enumerate([markdown("# Mean"), *first, *given], start=1)
    ]
    kernel = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    said = {key: value for key, value in (kernel | dict(metadata or {})).items() if value is not None}
    return {"nbformat": 4, "nbformat_minor": 5 if ids else 4, "metadata": said, "cells": numbered}


def experiment(folder: Path, content: Json | str, files: Mapping[str, str] | None = None, **changes: object) -> Path:
    """Write an experiment that runs a notebook on two small scenes; return its folder."""
    workflow: Json = {"kind": "notebook", "entry": "mean.ipynb", "title": "Mean over time"}
    for name, text in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    declared = {"workflow": workflow | ({"files": list(files)} if files else {}), "configuration": {"factor": 2}}
    factories.experiment_folder(folder, **(declared | changes))
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "mean.ipynb").write_text(text, encoding="utf-8")
    return folder


def pinned(folder: Path, values: Mapping[str, object] | None = None, inputs: Sequence[str] = ()) -> PinnedExperiment:
    """Return the experiment in a folder, pinned as `develop` does it."""
    read = read_experiment(folder)
    changed = read.model_copy(update={"configuration": dict(values)}) if values is not None else read
    made = changed.with_overrides({name: str(folder / "data" / "collection.json") for name in inputs}, {})
    return PinnedExperiment(
        experiment=made,
        folder=str(folder),
        workflow=pin_workflow(made, folder),
        inputs=pin_inputs(made.inputs, folder),
    )
