"""How far a job elsewhere is, as a part of how far the run is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from earthcode_platform.engines.contract import Progress

__all__ = ["between"]


def between(report: Progress, start: float, end: float, step: str) -> Callable[[float, str], None]:
    """Return what reports a share of the way from `start` to `end`, in a state that is told after `step`."""

    def told(share: float, state: str) -> None:
        report(start + (end - start) * share, f"{step}{state}")

    return told
