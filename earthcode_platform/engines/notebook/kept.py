"""The executed notebook as it is kept: without credentials, colours and folders of the machine that ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.notebook.failing import plain
from earthcode_platform.engines.notebook.literals import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cleaned"]

_BINARY: Final = ("image/png", "image/jpeg", "image/gif", "application/pdf")
"""Media types whose content is base64, in which nothing can be read or replaced."""
_OF_A_RUN: Final = ("input_path", "output_path", "environment_variables")


def cleaned(notebook: Mapping[str, Any], hidden: Mapping[str, str]) -> dict[str, Any]:
    """Return an executed notebook that may be published.

    Args:
        notebook: The notebook as JSON.
        hidden: Folders that are written as something else everywhere.
    """
    papermill = notebook["metadata"].get("papermill", {})
    metadata = {
        **notebook["metadata"],
        "papermill": {key: value for key, value in papermill.items() if key not in _OF_A_RUN},
    }
    wiper = _Wiper(hidden)
    cells = [
        {**cell, "source": wiper.wiped(cell["source"], written=True)}
        | ({"outputs": wiper.wiped(cell["outputs"])} if "outputs" in cell else {})
        for cell in notebook["cells"]
    ]
    return {**notebook, "metadata": wiper.wiped(metadata, written=True), "cells": cells}


class _Wiper:
    def __init__(self, hidden: Mapping[str, str]) -> None:
        self._hidden = sorted(hidden.items(), key=lambda pair: len(pair[0]), reverse=True)

    def wiped(self, value: Any, *, written: bool = False) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return self._text(value, written=written)
        if isinstance(value, list):
            # A text may be kept as a list of lines, and a credential never crosses one.
            return [self.wiped(each, written=written) for each in value]
        if isinstance(value, dict):
            return {key: each if key in _BINARY else self.wiped(each, written=written) for key, each in value.items()}
        return value

    def _text(self, text: str, *, written: bool) -> str:
        text = masked(plain(text), written=written)
        for folder, name in self._hidden:
            text = text.replace(folder, name)
        return text
