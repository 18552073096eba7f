"""One line for each figure of a benchmark: its name, what was measured, the goal, and whether that holds.

`make bench` runs every benchmark that the Makefile lists under BENCHMARKS; each is a module with a command line of its
own and tells its figures with `tell`. Figures are ratios to a named peer wherever there is one, of interleaved runs,
because times are those of one machine.
"""

from enum import Enum

__all__ = ["Bound", "holds", "line", "tell"]


class Bound(Enum):
    """Which side of the goal is the good one."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


def holds(measured: float, goal: float, bound: Bound = Bound.AT_MOST) -> bool:
    """Tell whether a figure reaches its goal; NaN never does."""
    return measured <= goal if bound is Bound.AT_MOST else measured >= goal


def line(name: str, measured: float, goal: float, bound: Bound = Bound.AT_MOST) -> str:
    """Return the line of a figure, such as `composite, times the floor   1.28  goal at most 1.3   holds`."""
    verdict = "holds" if holds(measured, goal, bound) else "falls short"
    return f"{name:<64}{measured:10.2f}  goal {bound.value} {goal:<8g}{verdict}"


def tell(name: str, measured: float, goal: float, bound: Bound = Bound.AT_MOST) -> None:
    """Print the line of a figure at once, also where the output is a file."""
    print(line(name, measured, goal, bound), flush=True)
