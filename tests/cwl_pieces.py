"""Small CWL packages: a workflow that copies a raster, and experiments on it."""

import json
from pathlib import Path
from typing import Any

import factories

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment

Document = dict[str, Any]


def tool(command: str = 'cp "$1"/*/B01.tif made.tif', **changes: object) -> Document:
    """Return a tool that runs a line of shell on a staged scene and hands `made.tif` back."""
    return {
        "cwlVersion": "v1.2", "class": "CommandLineTool", "id": "copy", "label": "Copy",
        "baseCommand": ["sh", "-euc", command, "tool"], "requirements": {},
        "inputs": {"scene": {"type": "Directory", "inputBinding": {"position": 1}},
                   "factor": {"type": "int", "default": 1}},
        "outputs": {"made": {"type": "File", "outputBinding": {"glob": "made.tif"}}},
    } | changes  # fmt: skip


def workflow(**changes: object) -> Document:
    """Return a workflow of one step that runs `tools/copy.cwl` on an input `scenes`."""
    return {
        "cwlVersion": "v1.2", "class": "Workflow", "id": "copying", "label": "Copying", "doc": "Copies a raster.",
        "requirements": {},
        "inputs": {"scenes": {"type": "Directory", "label": "Scenes", "doc": "Scenes to copy."},
                   "factor": {"type": "int", "default": 1, "label": "Factor", "doc": "Of no use."}},
        "outputs": {"made": {"type": "File", "outputSource": "copy/made"}},
        "steps": {"copy": {"run": "tools/copy.cwl", "in": {"scene": "scenes", "factor": "factor"}, "out": ["made"]}},
    } | changes  # fmt: skip


def scattered(**changes: object) -> Document:
    """Return a workflow that runs the tool once for each scene."""
    step = {"run": "tools/copy.cwl", "in": {"scene": "scenes"}, "out": ["made"], "scatter": "scene"}
    return (
        workflow(
            requirements={"ScatterFeatureRequirement": {}},
            inputs={"scenes": "Directory[]"},
            outputs={"made": {"type": "File[]", "outputSource": "copy/made"}},
            steps={"copy": step},
        )
        | changes
    )


def folder(
    path: Path, app: Document | str | None = None, files: dict[str, Document | str] | None = None, **declared: object
) -> Path:
    """Write an experiment around a package: one item of real rasters, `app.cwl` and what it uses below `tools/`."""
    factories.stac(path / "data")
    written = {"tools/copy.cwl": tool(), **(files or {})} if files is None else files
    for name, content in {"app.cwl": app or workflow(), **written}.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    beside = ["tools"] if any(name.startswith("tools/") for name in written) else []
    settings: dict[str, object] = {
        "workflow": {"kind": "cwl", "entry": "app.cwl", "files": beside, "title": "Copying"},
        "inputs": {"scenes": {"href": "./data/collection.json", "datetime": "2023-08-01/2023-08-02"}},
        "configuration": {},
        "product": {"id": "copied", "title": "A copied raster", "format": "COG"},
    }
    factories.write_json(path / "experiment.yaml", factories.declaration(**(settings | declared)))
    return path


def pinned(path: Path) -> PinnedExperiment:
    """Return the experiment in a folder, pinned as `develop` pins it."""
    experiment = read_experiment(path)
    return PinnedExperiment(
        experiment=experiment,
        folder=str(path),
        workflow=pin_workflow(experiment, path),
        inputs=pin_inputs(experiment.inputs, path),
    )
