"""Errors of processes as findings: a stable code, and the node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from earthcode_platform.errors import EarthCodeError, InputError, UnknownNameError

__all__ = ["Verdict", "about_dimensions", "verdict"]

_OPENEO_CODE: Final = re.compile(r"([A-Z][a-z]+(?:[A-Z][a-z]+)+): ")
"""How messages begin that carry an error code of the openEO API."""
_UNKNOWN_NAME: Final = re.compile(r"there is no ([a-z][a-z ]*?)(?: of [^']+)? '")
"""How the message of `UnknownNameError` begins."""
_DIMENSIONS: Final = ("DimensionNotAvailable", "DimensionExists", "DimensionMissing", "DimensionAmbiguous")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would fail in the run."""

    code: str
    place: str
    message: str
    remedy: str


def verdict(error: Exception, process: str, place: str) -> Verdict:
    """Return what an error of a process says of its node.

    The code is that of the openEO API, where the message begins with one, as in `workflow-dimension-not-available`;
    `workflow-unknown-…` for unknown names; `workflow-unusable-input` for data that cannot be used as the node wants
    them; else `workflow-would-fail`.
    """
    if not isinstance(error, EarthCodeError):
        message = f"{process} would fail: {type(error).__name__}: {error}."
        return Verdict("workflow-would-fail", place, message, "Check the arguments of the node.")
    told = f"{error.message} ({error.where})" if error.where else error.message
    return Verdict(_code(error), place, f"{process}: {told}", error.remedy or "Check the arguments of the node.")


def _code(error: EarthCodeError) -> str:
    named = _OPENEO_CODE.match(error.message)
    if named:
        words = re.findall(r"[A-Z][a-z]+", named.group(1))
        return "-".join(["workflow", *words]).lower()
    unknown = _UNKNOWN_NAME.match(error.message) if isinstance(error, UnknownNameError) else None
    if unknown:
        return f"workflow-unknown-{unknown.group(1).replace(' ', '-')}"
    return "workflow-unusable-input" if isinstance(error, InputError) else "workflow-would-fail"


def about_dimensions(error: Exception) -> bool:
    """Tell whether an error says that a dimension is missing, or there already."""
    return isinstance(error, EarthCodeError) and error.message.startswith(_DIMENSIONS)
