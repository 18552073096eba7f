"""Broken CWL packages: each a small real one with one thing changed, and what is told of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cwl_pieces

__all__ = ["CASES", "Broken", "Parts"]

# ruff: noqa: E501 - a table is read by its columns


def _mosaic() -> dict[str, Any]:
    tool = cwl_pieces.tool('cp "$1" made.tif', id="mosaic", label="Mosaic")
    tool["inputs"] = {"parts": {"type": "File[]", "inputBinding": {"position": 1}}}
    return tool


def _app() -> dict[str, Any]:
    return cwl_pieces.scattered(
        inputs={"scenes": "Directory[]", "factor": {"type": "int", "default": 2}},
        outputs={"made": {"type": "File", "outputSource": "mosaic/made"}},
        steps={
            "copy": {"run": "tools/copy.cwl", "scatter": "scene", "in": {"scene": "scenes", "factor": "factor"},
                     "out": ["made"]},
            "mosaic": {"run": "tools/mosaic.cwl", "in": {"parts": "copy/made"}, "out": ["made"]},
        },
    )  # fmt: skip


@dataclass
class Parts:
    """A package in pieces, to be changed: a workflow that scatters a tool over scenes and makes a mosaic of them."""

    app: dict[str, Any] = field(default_factory=_app)
    copy: dict[str, Any] = field(default_factory=cwl_pieces.tool)
    mosaic: dict[str, Any] = field(default_factory=_mosaic)
    files: dict[str, Any] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> dict[str, Any]:
        """The steps of the workflow."""
        return dict.__getitem__(self.app, "steps")  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Broken:
    """One thing that is wrong."""

    id: str
    change: Callable[[Parts], object]
    code: str
    where: str
    told: str
    near: str = ""


def _put(section: dict[str, Any], **values: object) -> None:
    section.update(values)


def _without(section: dict[str, Any], key: str) -> None:
    del section[key]


CASES = [
    # Documents.
    Broken("no YAML", lambda p: _put(p.files, **{"app.cwl": "class: [Workflow"}), "syntax", "app.cwl:1", "no YAML"),
    Broken("no CWL", lambda p: _put(p.files, **{"app.cwl": "a: 1"}), "no-cwl", "app.cwl", "neither 'class' nor '$graph'"),
    Broken("no version", lambda p: _without(p.app, "cwlVersion"), "version", "app.cwl", "does not say", "v1.2"),
    Broken("unknown version", lambda p: _put(p.app, cwlVersion="v2.0"), "version", "app.cwl", "'v2.0'", "v1.2"),
    Broken("unknown class", lambda p: _put(p.copy, **{"class": "Tool"}), "class", "tools/copy.cwl", "'Tool'", "Command"),
    Broken("abstract", lambda p: _put(p.copy, **{"class": "Operation"}), "operation", "tools/copy.cwl", "an Operation"),
    Broken("two to begin with", lambda p: _put(p.files, **{"app.cwl": {"cwlVersion": "v1.2", "$graph": [
        {**p.app, "id": "one"}, {**p.app, "id": "two"}]}}), "no-main", "app.cwl", "one, two", "'main'"),
    # What steps run.
    Broken("no tool there", lambda p: _put(p.steps["copy"], run="tools/cpy.cwl"), "no-tool", "step 'copy'", "'tools/cpy.cwl'",
           "files"),
    Broken("a tool nobody declared", lambda p: _put(p.steps["copy"], run="beside.cwl"), "no-tool", "step 'copy'",
           "'beside.cwl'", "files"),
    Broken("a tool of the web", lambda p: _put(p.steps["copy"], run="https://e.org/t.cwl"), "remote", "step 'copy'",
           "https://e.org/t.cwl"),
    Broken("a tool outside", lambda p: _put(p.steps["copy"], run="../../t.cwl"), "outside-folder", "step 'copy'", "leads out"),
    Broken("nothing to run", lambda p: _without(p.steps["copy"], "run"), "no-run", "step 'copy'", "does not say"),
    Broken("no such process", lambda p: _put(p.steps["copy"], run="#cpy"), "no-tool", "step 'copy'", "'#cpy'"),
    Broken("no steps", lambda p: _put(p.app, steps={}, outputs={}), "no-steps", "app.cwl", "no steps"),
    # What goes from step to step.
    Broken("unknown source", lambda p: _put(p.steps["mosaic"]["in"], parts="copy/mde"), "unknown-source",
           "step 'mosaic', input 'parts'", "'copy/mde'", "'copy/made'"),
    Broken("unknown input of the workflow", lambda p: _put(p.steps["copy"]["in"], scene="scens"), "unknown-source",
           "step 'copy', input 'scene'", "'scens'", "'scenes'"),
    Broken("unknown result", lambda p: _put(p.app["outputs"]["made"], outputSource="mosaic/mde"), "unknown-source",
           "output 'made'", "'mosaic/mde'", "'mosaic/made'"),
    Broken("no source", lambda p: _without(p.app["outputs"]["made"], "outputSource"), "no-source", "output 'made'", "comes from"),
    Broken("unknown input of a tool", lambda p: _put(p.steps["copy"]["in"], factr="factor"), "unknown-step-input",
           "step 'copy', input 'factr'", "takes no input 'factr'", "'factor'"),
    Broken("missing input of a tool", lambda p: _without(p.steps["mosaic"]["in"], "parts"), "missing-step-input",
           "step 'mosaic', input 'parts'", "needs 'parts'"),
    Broken("unknown output", lambda p: (_put(p.steps["copy"], out=["mad", "made"])), "unknown-output",
           "step 'copy', output 'mad'", "makes no output 'mad'", "'made'"),
    Broken("steps in a circle", lambda p: (_put(p.mosaic["inputs"], again={"type": "File?"}),
           _put(p.copy["inputs"], again={"type": "File?"}), _put(p.steps["copy"]["in"], again="mosaic/made")), "cycle",
           "step '", "wait for each other"),
    Broken("types that do not meet", lambda p: _put(p.app["inputs"]["factor"], type="string", default="2"), "type-mismatch",
           "input 'factor'", "incompatible with sink 'factor'"),
    Broken("a result of another type", lambda p: _put(p.app["outputs"]["made"], type="Directory"), "type-mismatch",
           "step 'mosaic'", 'of type "File" is incompatible'),
    # Scatter.
    Broken("scatters over nothing", lambda p: _put(p.steps["copy"], scatter="scne"), "unknown-scatter", "step 'copy'",
           "'scne'", "'scene'"),
    Broken("scatters over one", lambda p: _put(p.steps["copy"], scatter="factor"), "scatter-no-array", "step 'copy'",
           "'factor' is no array"),
    Broken("does not say how", lambda p: (_put(p.app["inputs"], factor="int[]"),
           _put(p.steps["copy"], scatter=["scene", "factor"])), "scatter-method", "step 'copy'", "several inputs",
           "dotproduct"),
    Broken("unknown way", lambda p: _put(p.steps["copy"], scatterMethod="product"), "scatter-method", "step 'copy'",
           "'product'", "dotproduct"),
    Broken("scatter is not required", lambda p: _put(p.app, requirements={}), "missing-requirement", "step 'copy'",
           "it scatters", "ScatterFeatureRequirement"),
    Broken("several sources", lambda p: _put(p.steps["mosaic"]["in"], parts=["copy/made", "copy/made"]), "missing-requirement",
           "step 'mosaic'", "several sources", "MultipleInputFeatureRequirement"),
    Broken("computed value", lambda p: _put(p.steps["copy"]["in"], factor={"valueFrom": "$(1)"}), "missing-requirement",
           "step 'copy'", "valueFrom", "StepInputExpressionRequirement"),
    # Tools.
    Broken("unknown field", lambda p: _put(p.copy, baseComand="cp"), "invalid", "tools/copy.cwl", "invalid field 'baseComand'"),
    Broken("unknown type", lambda p: _put(p.copy["inputs"]["factor"], type="integer"), "invalid", "input 'factor'", "integer"),
    Broken("unknown requirement", lambda p: _put(p.copy, requirements={"GpuRequirement": {}}), "invalid", "tools/copy.cwl",
           "GpuRequirement"),
    Broken("too much memory", lambda p: _put(p.copy, requirements={"ResourceRequirement": {"ramMin": 10**9}}), "too-large",
           "tools/copy.cwl", "1,000,000,000 MiB"),
    Broken("an image that is not here", lambda p: _put(p.copy, requirements={"DockerRequirement": {"dockerPull": "e.org/a:1"}}),
           "no-image", "tools/copy.cwl", "'e.org/a:1'"),
    Broken("an image to be built", lambda p: _put(p.copy, requirements={"DockerRequirement": {
           "dockerFile": "FROM a", "dockerImageId": ""}}), "no-image", "tools/copy.cwl", "not built here"),
    Broken("the network", lambda p: _put(p.copy, requirements={"NetworkAccess": {"networkAccess": True}}), "no-network",
           "tools/copy.cwl", "the network"),
    Broken("a schema of the web", lambda p: _put(p.app, requirements={"ScatterFeatureRequirement": {}, "SchemaDefRequirement":
           {"types": [{"$import": "https://e.org/types.yaml"}]}}), "invalid", "app.cwl", "schemas/e.org/types.yaml"),
    # The experiment.
    Broken("data as a number", lambda p: (_put(p.app["inputs"], scenes="int[]"), _put(p.copy["inputs"]["scene"], type="int")),
           "input-type", "inputs.scenes", "'scenes'"),
    Broken("a file nobody declared", lambda p: (_put(p.app["inputs"], table="File?"),
           _put(p.configuration, table={"class": "File", "path": "a.csv"})), "unknown-file", "configuration.table", "'a.csv'"),
]  # fmt: skip
