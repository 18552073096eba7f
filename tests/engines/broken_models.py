"""Broken models: each one change to a good one, and what must be said of it before anything of it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from model_folders import ModelFolder, column, tensor

__all__ = ["CASES", "Broken"]


@dataclass(frozen=True)
class Broken:
    """A model with one fault."""

    id: str
    change: Callable[[ModelFolder], None]
    """Breaks it."""
    code: str
    where: str
    """The file, key or column, as the finding says it."""
    told: str
    """Part of the message: the offending value."""
    near: str = ""
    """Part of the remedy."""
    configuration: dict[str, Any] = field(default_factory=dict)
    form: str = "NetCDF"


def put(**values: Any) -> Callable[[ModelFolder], None]:  # noqa: ANN401 - whatever a folder has
    def change(model: ModelFolder) -> None:
        for name, value in values.items():
            setattr(model, name, value)

    return change


def pyfunc(**values: Any) -> Callable[[ModelFolder], None]:  # noqa: ANN401 - whatever a flavour says
    return lambda model: model.pyfunc.update(values)


def file(name: str, text: str) -> Callable[[ModelFolder], None]:
    return lambda model: model.files.update({name: text})


def without_pyfunc(model: ModelFolder) -> None:
    model.pyfunc = {}
    model.flavors = {"sklearn": {"pickled_model": "m.pkl"}}
    model.files["m.pkl"] = ""


def nothing(_: ModelFolder) -> None:
    """Leave the model as it is: the experiment is at fault."""


FORM = (
    Broken("YAML that is none", put(raw="flavors: [\nx"), "workflow-not-yaml", "model/MLmodel: line 2", "expected"),
    Broken("no keys", put(raw="- a\n- b\n"), "workflow-not-a-model", "model/MLmodel", "list"),
    Broken("another document", put(raw="name: x\n"), "workflow-not-a-model", "model/MLmodel: flavors", "no 'flavors'"),
    Broken("the wrong entry", put(entry="model/model.yaml"), "workflow-not-a-model", "model/model.yaml",
           "'model.yaml'", "MLmodel"),
    Broken("no pyfunc flavour", without_pyfunc, "workflow-no-pyfunc", "model/MLmodel: flavors", "'sklearn'",
           "mlflow.pyfunc"),
    Broken("no signature", put(signature={}), "workflow-no-signature", "model/MLmodel: signature",
           "does not say what the model takes", "infer_signature"),
    Broken("no outputs", put(outputs=[]), "workflow-no-signature", "model/MLmodel: signature.outputs", "gives"),
    Broken("a signature that is no JSON", put(signature={"inputs": "[", "outputs": "[]"}), "workflow-bad-signature",
           "model/MLmodel: signature.inputs", "no JSON"),
    Broken("a column twice", put(inputs=[column("red"), column("red")]), "workflow-bad-signature",
           "model/MLmodel: signature.inputs", "'red'"),
    Broken("far too long", put(raw="#" * 1_100_000), "workflow-too-large", "model/MLmodel", "1048576"),
)  # fmt: skip
COLUMNS = (
    Broken("a column that is no band", put(inputs=[column("red"), column("nirr")]), "workflow-unknown-band",
           "column 'nirr'", "'nirr'", "'nir'"),
    Broken("a band that is not there", nothing, "workflow-unknown-band", "column 'nir'", "'B99'", "Known: ",
           {"bands": ["red", "B99"]}),
    Broken("a column of texts", put(inputs=[column("red"), column("nir", "string")]), "workflow-column-type",
           "column 'nir'", "'string'", "integer"),
    Broken("whole numbers of a scaled band", put(inputs=[column("red", "long"), column("nir")]),
           "workflow-column-type", "column 'red'", "uint16 times 0.0001", "float"),
    Broken("whole numbers of a band of floats", put(inputs=[column("temp", "integer"), column("nir")]),
           "workflow-column-type", "column 'temp'", "float32"),
    Broken("whole numbers of a mean", put(inputs=[column("SCL", "integer"), column("nir")]), "workflow-column-type",
           "column 'SCL'", "mean", "first", {"composite": "mean"}),
    Broken("too few bands", nothing, "workflow-band-count", "configuration.bands", "1 bands (red)", "red, nir",
           {"bands": ["red"]}),
    Broken("a tensor for which no band is named", put(inputs=[tensor((-1, 2))]), "workflow-band-count",
           "configuration.bands", "takes 2 bands", "in the order"),
    Broken("a tensor of patches", put(inputs=[tensor((-1, 64, 64, 3))]), "workflow-tensor-shape",
           "signature.inputs", "(-1, 64, 64, 3)"),
    Broken("two tensors", put(inputs=[tensor((-1, 2)), tensor((-1, 1))]), "workflow-tensor-shape",
           "signature.inputs", "2 tensors"),
    Broken("a tensor of texts", put(inputs=[tensor((-1, 2), "str")]), "workflow-column-type", "signature.inputs",
           "'str'"),
    Broken("names instead of numbers", put(outputs=[column("class", "string")]), "workflow-output-type",
           "signature.outputs, column 'class'", "'string'"),
    Broken("an image as output", put(outputs=[tensor((-1, 8, 8))]), "workflow-tensor-shape", "signature.outputs",
           "(-1, 8, 8)"),
    Broken("an output that is not there", nothing, "workflow-unknown-output", "configuration.outputs", "'indexx'",
           "'index'", {"outputs": ["indexx"]}),
    Broken("a mask without values", nothing, "workflow-half-mask", "configuration", "mask_values",
           configuration={"mask_band": "SCL"}),
    Broken("a mask that is not there", nothing, "workflow-unknown-band", "configuration.mask_band", "'SCLL'", "'SCL'",
           {"mask_band": "SCLL", "mask_values": [0]}),
    Broken("two dates for a map", nothing, "workflow-unwritable", "configuration.composite", "2 dates", "median",
           form="COG"),
    Broken("a parameter called like ours", put(params=[{"name": "bands", "type": "double", "default": 1.0}]),
           "workflow-reserved-parameter", "signature.params", "'bands'"),
)  # fmt: skip
FILES = (
    Broken("a file that is missing", pyfunc(data="weights.bin"), "workflow-missing-file", "model/MLmodel",
           "'weights.bin'", "whole folder"),
    Broken("a file that nobody declared", put(declared=["model/code", "model/python_env.yaml"]),
           "workflow-undeclared-file", "workflow.files", "'requirements.txt'", "model"),
    Broken("a needed file that nobody declared", put(declared=["model/code", "model/requirements.txt"]),
           "workflow-undeclared-file", "workflow.files", "needs 'python_env.yaml'", "model"),
    Broken("a path that leads out", pyfunc(data="../../secret.bin"), "workflow-outside-folder",
           "flavors.python_function.data", "'../../secret.bin'"),
    Broken("an absolute path", pyfunc(data="/etc/passwd"), "workflow-outside-folder", "flavors.python_function.data",
           "'/etc/passwd'"),
    Broken("a model larger than its memory", file("weights.bin", "x" * 2_000_000), "workflow-too-large",
           "model/MLmodel", "bytes of memory", "smaller"),
)  # fmt: skip
ENVIRONMENT = (
    Broken("another Python", pyfunc(python_version="3.8.19"), "workflow-python-version",
           "flavors.python_function.python_version", "3.8.19", "Python 3.8"),
    Broken("no Python said", pyfunc(python_version=None), "workflow-python-version",
           "flavors.python_function.python_version", "unknown"),
    Broken("a loader that is not there", pyfunc(loader_module="mlflow.no_such"), "workflow-unknown-loader",
           "flavors.python_function.loader_module", "'mlflow.no_such'", "code_paths"),
    Broken("a loader of the platform's own", pyfunc(loader_module="os"), "workflow-unknown-loader",
           "flavors.python_function.loader_module", "'os'"),
    Broken("a loader whose library is missing", pyfunc(loader_module="mlflow.catboost"), "workflow-package-missing",
           "flavors.python_function.loader_module", "'catboost'", "pip install"),
    Broken("a package that is missing", file("requirements.txt", "no-such-package==1.0\n"),
           "workflow-package-missing", "model/requirements.txt", "no-such-package==1.0", "pip install"),
    Broken("another release of a package", file("requirements.txt", "numpy==1.21.0\n"), "workflow-package-version",
           "model/requirements.txt", "numpy==1.21.0", "numpy 2"),
)  # fmt: skip
CASES = (*FORM, *COLUMNS, *FILES, *ENVIRONMENT)
