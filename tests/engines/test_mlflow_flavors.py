"""Models of other libraries, as MLflow saves them: a network in ONNX here, a forest in examples/landcover-mlflow."""

import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from model_folders import ModelFolder, pinned, tensor

from earthcode_platform.engines.mlflow_models.engine import ModelEngine
from earthcode_platform.isolation.isolated import why_not

pytestmark = pytest.mark.service


def network(path: Path) -> None:
    """Write a linear classifier in ONNX: scores of two classes, and the number of the better one."""
    onnx = pytest.importorskip("onnx", reason="needs the extra 'mlflow'")
    helper, numbers = onnx.helper, onnx.numpy_helper
    weights = np.array([[1.0, -2.0], [-1.0, 1.0]], dtype="float32")
    bias = np.array([0.0, -0.02], dtype="float32")
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["pixels", "weights", "bias"], ["scores"]),
            helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
        ],
        "linear",
        [helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, [None, 2])],
        [
            helper.make_tensor_value_info("label", onnx.TensorProto.INT64, [None]),
            helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [None, 2]),
        ],
        [numbers.from_array(weights, "weights"), numbers.from_array(bias, "bias")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.SerializeToString())


def test_a_network_in_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra 'mlflow'")
    if reason := why_not(tmp_path):
        pytest.skip(reason)
    model = ModelFolder(
        pyfunc={
            "loader_module": "mlflow.onnx",
            "data": "model.onnx",
            "python_version": "{}.{}.{}".format(*sys.version_info),
        },
        inputs=[tensor((-1, 2))],
        outputs=[tensor((-1,), "int64", "label"), tensor((-1, 2), "float32", "scores")],
        params=[],
        flavors={
            "onnx": {"data": "model.onnx", "onnx_version": version("onnx"), "providers": ["CPUExecutionProvider"]}
        },
        files={"requirements.txt": f"onnxruntime=={version('onnxruntime')}\n"},
    )
    network(tmp_path / "model" / "model.onnx")
    made = pinned(tmp_path, model, {"bands": ["red", "nir"], "composite": "first"})
    run = ModelEngine().run(made, tmp_path / "run")
    with xr.open_dataset(run.files[0].path) as opened:
        label, scores = opened["label"].values, np.stack([opened["scores1"].values, opened["scores2"].values], axis=-1)
    red = (np.arange(36, dtype="float32").reshape(6, 6) * 10 + 101) * 1e-4
    nir = (np.arange(36, dtype="float32").reshape(6, 6) * 20 + 201) * 1e-4
    expected = np.stack([red - nir, -2 * red + nir - 0.02], axis=-1)
    valid = np.isfinite(label)
    assert valid.sum() == 35
    np.testing.assert_allclose(scores[valid], expected[valid], atol=1e-6)
    np.testing.assert_array_equal(label[valid], expected.argmax(axis=-1)[valid])
    assert set(np.unique(label[valid])) == {0.0, 1.0}
    assert run.model is not None
    assert run.model.properties["mlm:framework"] == "ONNX"
    assert run.model.properties["mlm:framework_version"] == version("onnx")
