"""Suites of expectations in a small experiment's folder."""

import json
from pathlib import Path
from typing import Any

import factories

from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.experiments.pin import pin_expectations
from earthcode_platform.models.experiment import InputReference
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["BETWEEN", "expectation", "expecting", "suite"]

BETWEEN = "expect_column_values_to_be_between"


def expectation(kind: str = BETWEEN, *, table: str = "", severity: str = "", **kwargs: object) -> dict[str, Any]:
    """Return an expectation as Great Expectations writes it."""
    made: dict[str, Any] = {"type": kind, "kwargs": kwargs}
    return made | ({"meta": {"table": table}} if table else {}) | ({"severity": severity} if severity else {})


def suite(*expectations: object) -> dict[str, Any]:
    """Return a suite of these expectations."""
    return {"name": "small", "expectations": list(expectations)}


def expecting(folder: Path, content: object) -> PinnedExperiment:
    """Return the small experiment in `folder`, pinned, with `content` as its expectations."""
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "expectations.json").write_text(text, encoding="utf-8")
    pin = pin_input("scenes", InputReference(href="data/collection.json"), folder)
    known = factories.pinned(folder)
    return known.model_copy(update={"inputs": (pin,), "expectations": pin_expectations(folder)})
