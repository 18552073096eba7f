"""Experiments that must be refused, one a row: how each is broken, by which gate it is refused, and with what words.

Every row starts from the good folder of `factories.experiment_folder` and breaks one thing. `build` makes the folder;
what refuses it is for the caller: the library's gates, the command, or a flow.
"""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import factories
from breaks import (
    ITEM,
    RASTER,
    REMOVED,
    Break,
    asset_named_outside,
    asset_outside,
    declared,
    graph,
    in_json,
    linked_outside,
    together,
    undeclared,
    with_bytes,
    without,
    written,
)

__all__ = ["CASES", "SECRET", "Broken", "build"]

SECRET: Final = "hunter2"  # noqa: S105 - the password of nobody
"""The password in the rows that hold one; it may appear in no message."""


@dataclass(frozen=True)
class Broken:
    """One broken experiment."""

    id: str
    """What is wrong, in a few words."""
    breaks: Break
    """How the good folder becomes broken."""
    code: str
    """Code of the finding that refuses it."""
    told: str
    """What its message or remedy must say."""
    also: tuple[str, ...] = ()
    """Gates that have something to say of it too."""

    @property
    def gate(self) -> str:
        """The gate that refuses it."""
        return self.code.partition("-")[0]


def build(case: Broken, folder: Path) -> Path:
    """Make the broken experiment in `folder` and return it."""
    factories.experiment_folder(folder)
    case.breaks(folder)
    return folder


_GOOD: Final = json.dumps(copy.deepcopy(factories.declaration()), indent=2)
_BOMB: Final = "a: &a [lol, lol]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n"
_LOOP: Final = {"process_id": "apply", "arguments": {"data": {"from_node": "mean"}, "process": {"process_graph": {
    "same": {"process_id": "absolute", "arguments": {"x": {"from_parameter": "x"}}, "result": True}}}}}  # fmt: skip

_NEEDED: Final = {"name": "factor", "description": "What to multiply with", "schema": {"type": "number"}}

_FILES = (
    Broken("file missing", without("experiment.yaml"), "metadata-no-file", "there is no file"),
    Broken("file of 0 bytes", written(""), "metadata-empty", "0 bytes"),
    Broken("file of comments only", written("# soon\n"), "metadata-empty", "no data"),
    Broken("file too large", written(_GOOD + " " * 2**20), "metadata-too-large", "1048576 bytes"),
    Broken("not UTF-8", written(_GOOD.replace("Ada", "Ad\xe9").encode("latin-1")), "metadata-encoding", "0xE9"),
    Broken("control character", written(_GOOD.replace("Ada", "A\x07da")), "metadata-bad-value", "U+0007"),
    Broken(
        "tabs for indentation",
        written("id: small\nosc:\n\tproject: p\n"),
        "metadata-syntax",
        "Indent with spaces",
    ),
    Broken("bracket left open", written("id: [small\nversion: '1'\n"), "metadata-syntax", "Close the bracket"),
    Broken("colon in a plain text", written("title: SST: anomaly\n"), "metadata-syntax", "in quotes"),
    Broken("YAML bomb", written(_BOMB), "metadata-alias", "grow without bound"),
    Broken("nested too deep", written("id: " + "[" * 5000), "metadata-too-deep", "32 levels"),
    Broken("two documents", written(f"{_GOOD}\n---\n{_GOOD}\n"), "metadata-several-documents", "one experiment"),
    Broken("a list", written("- id: small\n"), "metadata-not-a-mapping", "no mapping"),
    Broken(
        "a tag that makes objects",
        written("id: !!python/name:os.system\n"),
        "metadata-tag",
        "python/name:os.system",
    ),
    Broken(
        "duplicate key",
        written(_GOOD[:-2] + ', "id": "other"}'),
        "metadata-duplicate-key",
        "already in line 2",
    ),
    Broken("a number as a key", written(_GOOD[:-2] + ", 7: 1}"), "metadata-bad-key", "must be text"),
)
"""What cannot be read as YAML, or should not be."""

_DECLARATION = (
    Broken("missing key", declared("title", REMOVED), "metadata-missing-key", "'title' is missing"),
    Broken("unknown key", declared("titel", "x"), "metadata-unknown-key", "Did you mean 'title'?"),
    Broken("unknown key inside", declared("inputs scenes colour", "x"), "metadata-unknown-key", "Known here: href"),
    Broken("number for text", declared("version", 1.1), "metadata-wrong-type", "Put it in quotes: '1.1'"),
    Broken("text for a list", declared("osc themes", "land"), "metadata-wrong-type", "Put it in brackets: ['land']"),
    Broken("text for a mapping", declared("workflow", "workflow.json"), "metadata-wrong-type", "a mapping"),
    Broken("no value", declared("description", None), "metadata-wrong-type", "there is no value"),
    Broken("empty list", declared("contacts", []), "metadata-bad-value", "the list is empty"),
    Broken("no inputs", declared("inputs", {}), "metadata-bad-value", "at least one value"),
    Broken("bad id", declared("id", "Small Experiment"), "metadata-bad-value", "such as 'small-experiment'"),
    Broken("bad licence", declared("license", "CC-BY"), "metadata-bad-value", "no SPDX identifier"),
    Broken("bad e-mail", declared("contacts 0 email", "ada at example"), "metadata-bad-value", "no e-mail address"),
    Broken("bad version", declared("version", "first"), "metadata-bad-value", "'first' is no version"),
    Broken("version with white space", declared("version", "1.0 "), "metadata-bad-value", "is no version"),
    Broken("unknown workflow kind", declared("workflow kind", "opneeo"), "metadata-bad-value", "mean 'openeo'?"),
    Broken("unknown format", declared("product format", "GIF"), "metadata-bad-value", "COG, NetCDF, Zarr"),
    Broken("workflow outside", declared("workflow entry", "../w.json"), "metadata-bad-value", "leaves the experiment"),
    Broken("workflow absolute", declared("workflow entry", "/w.json"), "metadata-bad-value", "leaves the experiment"),
    Broken("input outside", declared("inputs scenes href", "data/../../x.json"), "metadata-bad-value", "leaves the"),
    Broken("input absolute", declared("inputs scenes href", "/x.json"), "metadata-absolute-path", "--input NAME=PATH"),
    Broken("input by file URL", declared("inputs scenes href", "file:///x"), "metadata-absolute-path", "one machine"),
    Broken("input by FTP", declared("inputs scenes href", "ftp://host/x.json"), "metadata-bad-value", "scheme 'ftp'"),
    Broken(
        "password in a URL",
        declared("inputs scenes href", f"https://me:{SECRET}@example.org/x.json"),
        "metadata-bad-value",
        "carried a user name or password",
    ),
    Broken("bad input name", declared("inputs", {"My Scenes": {"href": "x"}}), "metadata-bad-value", "'my-scenes'"),
    Broken("bad checksum", declared("inputs scenes checksum", "abc"), "metadata-bad-value", "no SHA-256 multihash"),
    Broken(
        "window reversed",
        declared("inputs scenes datetime", "2023-08-31/2023-08-01"),
        "metadata-bad-value",
        "after its end",
    ),
    Broken("window of one end", declared("inputs scenes datetime", "2023-08"), "metadata-bad-value", "no interval"),
    Broken("box of three", declared("inputs scenes bbox", [1, 2, 3]), "metadata-bad-value", "value number 4"),
    Broken("product called experiment", declared("product id", "experiment"), "metadata-bad-value", "take another id"),
    Broken("box inside out", declared("inputs scenes bbox", [1, 9, 3, 4]), "metadata-bad-value", "is empty"),
    Broken("box off the globe", declared("inputs scenes bbox", [1, 2, 3, 95]), "metadata-bad-value", "-90 and 90"),
    Broken("not a number", written(_GOOD.replace('"factor": 2', '"factor": .nan')), "metadata-bad-value", "'.nan'"),
)
"""What the declaration itself gets wrong."""

_CATALOG = (
    Broken("unknown project", declared("osc project", "earthcode"), "metadata-unknown-project", "'earthcode-examples'"),
    Broken("unknown theme", declared("osc themes", ["lands"]), "metadata-unknown-theme", "Did you mean 'land'?"),
    Broken("unknown variable", declared("osc variables", ["ndvi"]), "metadata-unknown-variable", "It has: "),
    Broken("unknown mission", declared("osc missions", ["sentinel2"]), "metadata-unknown-mission", "'sentinel-2'"),
    Broken("theme listed twice", declared("osc themes", ["land"] * 2), "metadata-listed-twice", "2 times"),
)
"""What the catalog does not know."""

_WORKFLOW = (
    Broken("workflow missing", without("workflow.json"), "workflow-no-file", "no file 'workflow.json'"),
    Broken("workflow is a folder", declared("workflow entry", "data"), "workflow-not-a-file", "'data' is no file"),
    Broken("workflow of 0 bytes", with_bytes("workflow.json", b""), "workflow-empty", "0 bytes"),
    Broken("workflow links outside", linked_outside, "workflow-outside-folder", "leads out of the folder"),
    Broken("no engine", declared("workflow kind", "x-fortran"), "workflow-no-engine", "Known: "),
    Broken("workflow is no JSON", with_bytes("workflow.json", b"{"), "workflow-not-json", "JSON"),
    Broken("cyclic graph", graph("scaled", _LOOP), "workflow-cycle", "scaled"),
    Broken(
        "unknown process",
        graph("mean process_id", "reduce_dimensoin"),
        "workflow-unsupported-process",
        "reduce_dimension",
    ),
    Broken("unknown node", graph("save arguments data from_node", "maen"), "workflow-unknown-node", "maen"),
    Broken("unknown argument", graph("mean arguments reducr", 1), "workflow-unknown-argument", "reducr"),
    Broken("unknown band", graph("load arguments bands", ["B99"]), "workflow-unknown-band", "B99"),
    Broken("argument of another type", graph("load arguments bands", 7), "workflow-argument-type", "bands"),
    Broken("missing argument", graph("mean arguments reducer", REMOVED), "workflow-missing-argument", "reducer"),
    Broken("no result", graph("save result", REMOVED), "workflow-no-result", "result"),
    Broken(
        "missing input name in the graph",
        graph("load arguments url from_parameter", "scene"),
        "workflow-unknown-parameter",
        "scene",
    ),
)
"""What cannot be run."""

_INPUTS = (
    Broken("STAC missing", without("data/collection.json"), "inputs-not-found", "there is no such file"),
    Broken("STAC of 0 bytes", with_bytes("data/collection.json", b""), "inputs-not-json", "the file is empty"),
    Broken("STAC is no JSON", with_bytes("data/collection.json", b"<html>"), "inputs-not-json", "HTML or XML"),
    Broken("STAC is something else", with_bytes("data/collection.json", b"{}"), "inputs-not-stac", "Name a STAC Item"),
    Broken("STAC item missing", without(ITEM), "inputs-not-found", "scene-2023-08-01.json"),
    Broken("collection without items", in_json("data/collection.json", "links", []), "inputs-no-items", "no STAC item"),
    Broken(
        "empty time window",
        declared("inputs scenes datetime", "1999-01-01/1999-12-31"),
        "inputs-empty-window",
        "Its items reach from 2023-08-01",
    ),
    Broken(
        "box outside the data",
        declared("inputs scenes bbox", [-60, -10, -50, 0]),
        "inputs-empty-window",
        "[10.0, 45.0, 10.8, 45.8]",
    ),
    Broken(
        "document differs", declared("inputs scenes checksum", "1220" + "0" * 64), "inputs-checksum-differs", "12200"
    ),
    Broken("asset missing", without(RASTER), "inputs-file-missing", "B01.tif"),
    Broken(
        "asset behind a signature",
        in_json(ITEM, "assets B01 href", f"http://127.0.0.1:9/B01.tif?X-Amz-Signature={SECRET}"),
        "inputs-signed-address",
        "archived with the product",
    ),
    Broken(
        "moment before 1678", in_json(ITEM, "properties datetime", "1500-01-01T00:00:00Z"), "inputs-not-stac", "1678"
    ),
    Broken("asset through a link outside the folder", asset_outside, "inputs-outside-folder", "lies outside"),
    Broken("asset named outside the folder", asset_named_outside, "inputs-outside-folder", "outside.tif"),
    Broken("asset of 0 bytes", with_bytes(RASTER, b""), "inputs-file-empty", "0 bytes"),
    Broken("asset of another size", with_bytes(RASTER, b"II*\0"), "inputs-size-differs", "has 4 bytes"),
    Broken(
        "asset of another checksum",
        in_json(ITEM, "assets B01 file:checksum", "1220" + "0" * 64),
        "inputs-checksum-differs",
        "its item declares 12200000",
    ),
    Broken("asset is no raster", undeclared(RASTER, b"<!doctype html>"), "inputs-not-readable", "an HTML page"),
    Broken("asset is cut short", undeclared(RASTER, b"II*\0\x08\0\0\0"), "inputs-not-readable", "cut short"),
    Broken(
        "item without data",
        together(*(in_json(f"data/scene-{day}/scene-{day}.json", "assets", {}) for day in factories.DAYS)),
        "inputs-no-data",
        "has an asset with data",
    ),
)
"""What cannot be read."""

_CONFIGURATION = (
    Broken("unknown value", declared("configuration factr", 2), "configuration-unknown-value", "mean 'factor'?"),
    Broken("value of another type", declared("configuration factor", "two"), "configuration-bad-value", "'number'"),
    Broken(
        "unknown input",
        declared("inputs scenery", {"href": "data/collection.json"}),
        "configuration-unknown-input",
        "Did you mean 'scenes'?",
    ),
    Broken(
        "input under another name",
        declared("inputs", {"images": {"href": "data/collection.json"}}),
        "configuration-unknown-input",
        "takes no input 'images'",
        also=("workflow",),
    ),
    Broken(
        "value missing",
        together(in_json("workflow.json", "parameters 1", _NEEDED), declared("configuration", {})),
        "configuration-missing",
        "needs 'factor'",
    ),
    Broken("given twice", declared("configuration scenes", "x"), "configuration-given-twice", "Keep one of the two"),
)
"""What does not fit the workflow."""

CASES: Final = (*_FILES, *_DECLARATION, *_CATALOG, *_WORKFLOW, *_INPUTS, *_CONFIGURATION)
"""All of them."""
