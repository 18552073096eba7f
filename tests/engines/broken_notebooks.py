"""Broken notebooks: each a small real one as a function of one value, with a wrong value and the right one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from notebook_pieces import KERNEL, PARAMETERS, READ, WRITE, Json, code, markdown, notebook

__all__ = ["CASES", "Broken"]


@dataclass(frozen=True)
class Broken:
    """A notebook with one fault, and what must be said of it before a cell runs."""

    id: str
    build: Callable[[Any], Json | str]
    """Makes the notebook of a value."""
    wrong: Any
    """The value that breaks it."""
    right: Any
    """The value that mends it."""
    code: str
    where: str
    """The cell, or the key of the metadata, as the finding ends with it."""
    told: str
    """Part of the message: the offending value."""
    near: str = ""
    """Part of the remedy."""
    values: Json = field(default_factory=dict)
    """The configuration."""
    files: dict[str, str] = field(default_factory=dict)
    """Further files of the workflow."""


def with_cell(text: str, *, above: bool = False) -> Json:
    """Return the small notebook with one more cell, under a heading of its own, at the end or at the top."""
    cells = [markdown("## Odd"), code(text)]
    if above:
        return notebook(*cells, code(PARAMETERS, "parameters"), code(READ), code(WRITE), parameters=None)
    return notebook(code(READ), code(WRITE), *cells)


def with_metadata(**said: object) -> Json:
    return notebook(metadata=said)


def with_earthcode(**said: object) -> Json:
    return notebook(metadata={"earthcode": said})


def with_parameters(text: str) -> Json:
    return notebook(parameters=PARAMETERS + text)


ODD = "cell 6 'Odd'"
FORM = (
    Broken("no JSON", lambda end: json.dumps(notebook())[:-1] + end, "", "}", "workflow-not-json", "mean.ipynb",
        "line 1"),
    Broken("no notebook", lambda key: {**notebook(), key: notebook()["cells"], "cells": notebook()["cells"]}
        if key == "cells" else {"rows": []}, "rows", "cells", "workflow-not-a-notebook", "mean.ipynb",
        "no list of cells"),
    Broken("an old notebook", lambda version: {**notebook(), "nbformat": version}, 3, 4, "workflow-old-notebook",
        "mean.ipynb", "nbformat is 3", "current Jupyter"),
    Broken("a cell without outputs", lambda drop: notebook(code(READ), {k: v for k,
        v in code(WRITE).items() if k != drop}),
        "outputs", "", "workflow-not-a-notebook", "cell 4 'Mean'", "'outputs'"),
    Broken("a cell of another kind", lambda kind: notebook(code(READ), code(WRITE), {
        "cell_type": kind, "metadata": {}, "source": "x"}), "codex", "raw", "workflow-not-a-notebook", "cell 5 'Mean'",
        "'codex'"),
    Broken("two cells with one id", lambda name: notebook(code(READ) | {"id": "same"}, code(WRITE) | {"id": name}),
        "same", "other", "workflow-duplicate-cell-id", "cell 4 'Mean'", "as cell 3 has"),
    Broken("no code", lambda source: notebook(code(source), parameters=PARAMETERS if source else ""), "",
        READ + WRITE, "workflow-empty", "mean.ipynb", "no code"),
    Broken("metadata of another kind", lambda name: with_earthcode(quiklook="map") if name else notebook(),
        "quiklook", "",
        "workflow-bad-metadata", "metadata.earthcode.quiklook", "'map'"),
)  # fmt: skip

NEEDS = (
    Broken("a kernel that is not there", lambda name: with_metadata(kernelspec={**KERNEL, "name": name}),
        "python33", "python3", "workflow-no-kernel", "metadata.kernelspec", "'python33'", "'python3'"),
    Broken("no kernel", lambda spec: with_metadata(kernelspec=spec), None, KERNEL, "workflow-no-kernel",
        "metadata", "names no kernel"),
    Broken("another language", lambda language: with_metadata(kernelspec={
        "name": "ir" if language == "R" else "python3", "display_name": language, "language": language}),
        "R", "python", "workflow-other-language", "metadata.kernelspec", "'R'"),
    Broken("a module that is not installed", lambda name: with_cell(f"import {name}.plot"), "rasterlib", "rasterio",
        "workflow-module-missing", ODD, "'rasterlib'", "workflow.files"),
    Broken("a module beside the notebook", lambda name: with_cell(f"from {name} import smooth"), "smothing",
        "smoothing",
        "workflow-module-missing", ODD, "'smothing'", files={"smoothing.py": "def smooth(x):\n    return x\n"}),
    Broken("a requirement that is not installed", lambda name: with_earthcode(requirements=[f"{name}>=0.1"]),
        "rasterlib", "rasterio", "workflow-requirement-missing", "metadata.earthcode.requirements", "'rasterlib'"),
    Broken("a requirement that is none", lambda text: with_earthcode(requirements=[text]), "xarray=>2024",
        "xarray>=2024",
        "workflow-bad-requirement", "metadata.earthcode.requirements", "'xarray=>2024'"),
)  # fmt: skip

PARAMETER = (
    Broken("no parameters", lambda tag: notebook(code(PARAMETERS, tag), code(READ), code(WRITE), parameters=None),
        "parameter", "parameters", "workflow-no-parameters", "mean.ipynb", "'parameters'", "output_folder and scenes"),
    Broken("two cells of parameters", lambda tag: notebook(code(READ), code(WRITE, tag)), "parameters", "write",
        "workflow-many-parameters", "cell 4 'Mean'", "as cell 2 'Mean' has"),
    Broken("parameters in a text", lambda kind: notebook({**(code(PARAMETERS, "parameters") if kind == "code" else {
        "cell_type": kind, "source": "scenes = 1", "metadata": {"tags": ["parameters"]}})},
        code(READ), code(WRITE), parameters=None), "raw", "code", "workflow-parameters-not-code", "cell 2 'Mean'",
        "'raw'"),
    Broken("a parameter assigned twice", lambda name: with_parameters(f"{name} = 2.0"), "factor", "offset",
        "workflow-duplicate-parameter", "cell 2 'Mean'", "'factor'"),
    Broken("no output folder", lambda name: notebook(parameters=PARAMETERS.replace("output_folder", name)),
        "folder", "output_folder", "workflow-no-output-folder", "cell 2 'Mean'", "'output_folder'"),
    Broken("an output folder that is not used", lambda name: notebook(code(READ), code(
        WRITE.replace("{output_folder}", name))), "out", "{output_folder}", "workflow-unused-output", "cell 2 'Mean'",
        "'output_folder'"),
    Broken("a parameter above its cell", lambda name: with_cell(f"print({name})", above=True), "scenes", "__name__",
        "workflow-used-too-early", "cell 3 'Odd'", "in cell 4 'Odd'"),
    Broken("a value for nothing", lambda name: with_parameters(f"{name} = 1"), "windows", "window",
        "workflow-unknown-parameter", "cell 2 'Mean'", "'window'", "'windows'", values={"window": 5}),
    Broken("a value of another type", lambda hint: with_parameters(f"window: {hint} = 0"), "int", "str",
        "workflow-bad-value", "cell 2 'Mean'", "'wide'", values={"window": "wide"}),
    Broken("a value that a comment forbids", lambda hint: with_parameters(f"window = None  # type: {hint} days"),
        "Optional[int]", "Optional[str]", "workflow-bad-value", "cell 2 'Mean'", "'wide'", values={"window": "wide"}),
    Broken("a value of another type than the default", lambda default: with_parameters(f"window = {default}"),
        "[1, 2]", "3", "workflow-bad-value", "cell 2 'Mean'", "5", values={"window": 5}),
    Broken("a value that is needed", lambda default: with_parameters(f"window: int{default}"), "", " = 3",
        "workflow-missing-value", "cell 2 'Mean'", "'window'"),
)  # fmt: skip

CELLS = (
    Broken("no Python", with_cell, "total = (1 + ", "total = (1 + 2)", "workflow-syntax-error", ODD,
        "never closed (line 1)"),
    Broken("a return outside a function", with_cell, "x = 1\nreturn x", "x = 1\nx", "workflow-syntax-error", ODD,
        "(line 2)"),
    Broken("an installation", with_cell, "%pip install rasterlib", "%pwd", "workflow-installs", ODD,
        "'pip install rasterlib'", "requirements.txt"),
    Broken("an installation by the shell", with_cell, "if True:\n    !pip install rasterlib", "if True:\n    !date",
        "workflow-installs", ODD, "'pip install rasterlib'"),
    Broken("a question", with_cell, "answer = input('Which year?')", "answer = '2016'", "workflow-asks", ODD,
        "input()"),
    Broken("a password in an address", lambda user: with_cell(f"url = 'https://{user}example.org/x.tif'"),
        "ada:hunter2@", "", "workflow-credential", ODD, "line 1"),
    Broken("a token", lambda value: with_cell(f"import os\nos.environ['CDSE_TOKEN'] = {value}"), "'tok-4711'",
        "chr(97)", "workflow-credential", ODD, "'CDSE_TOKEN'"),
    Broken("a parameter for a password", lambda name: with_parameters(f"{name} = ''"), "password", "passage",
        "workflow-credential", "cell 2 'Mean'", "'password'"),
)  # fmt: skip

OUTPUTS = (
    Broken("a file declared twice", lambda name: with_earthcode(outputs=[
        {"name": "mean", "file": "small-mean.tif"}, {"name": "more", "file": name}]), "small-mean.tif", "more.tif",
        "workflow-output-twice", "metadata.earthcode.outputs", "'small-mean.tif'"),
    Broken("an output outside its folder", lambda name: with_earthcode(outputs=[{"name": "mean", "file": name}]),
        "../mean.tif", "mean.tif", "workflow-bad-metadata", "metadata.earthcode.outputs.0.file", "'../mean.tif'"),
    Broken("an output in another format", lambda name: with_earthcode(outputs=[{"name": "mean", "file": name}]),
        "mean.nc", "mean.tif", "workflow-other-format", "metadata.earthcode.outputs", "'mean.nc'", "product.format"),
    Broken("a scrap glued twice", lambda name: with_cell(
        f"def glue(name, value): ...\nglue('peak', 1)\nglue('{name}', 2)"), "peak", "trough", "workflow-output-twice",
        ODD, "'peak'"),
    Broken("a quicklook that nothing displays", lambda name: notebook(code(READ), code(WRITE), code(
        f"display(1, metadata={{'scrapbook': {{'name': '{name}'}}}})"), metadata={"earthcode": {"quicklook": "map"}}),
        "maps", "map", "workflow-no-quicklook", "metadata.earthcode.quicklook", "'map'", "'maps'"),
)  # fmt: skip

CASES = (*FORM, *NEEDS, *PARAMETER, *CELLS, *OUTPUTS)
