"""Small models in ONNX, made for tests: rules that NumPy can say, too."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

__all__ = ["above", "row_means"]

_OPSETS = (helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3))


def above(path: Path, features: int, splits: dict[int, float]) -> Path:
    """Write a forest of one tree for each feature of `splits`: the share of these that are above their split."""
    count = len(splits)
    trees = range(count)
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["share"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=[tree for tree in trees for _ in range(3)],
        nodes_nodeids=[0, 1, 2] * count,
        nodes_featureids=[number for feature in splits for number in (feature, 0, 0)],
        nodes_values=[number for split in splits.values() for number in (split, 0.0, 0.0)],
        nodes_modes=["BRANCH_GT", "LEAF", "LEAF"] * count,
        nodes_truenodeids=[1, 0, 0] * count,
        nodes_falsenodeids=[2, 0, 0] * count,
        target_treeids=[tree for tree in trees for _ in range(2)],
        target_nodeids=[1, 2] * count,
        target_ids=[0, 0] * count,
        target_weights=[1.0 / count, 0.0] * count,
    )
    return _write(path, [node], [None, features], [None, 1])


def row_means(path: Path, pixels: int, images: int, scale: float) -> Path:
    """Write a model that gives for each pixel the mean of its images, times a number."""
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [images, 1], np.full(images, scale / images))
    node = helper.make_node("MatMul", ["features", "weights"], ["share"])
    return _write(path, [node], [1, pixels, images], [1, pixels, 1], [weights])


def _write(
    path: Path,
    nodes: list[onnx.NodeProto],
    taken: list[int | None],
    given: list[int | None],
    weights: list[onnx.TensorProto] | None = None,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "made-for-a-test",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, taken)],
        [helper.make_tensor_value_info("share", TensorProto.FLOAT, given)],
        weights or [],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=_OPSETS, ir_version=8), path)
    return path
