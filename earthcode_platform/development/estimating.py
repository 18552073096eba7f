"""What a run on all of the inputs is expected to take, from runs on parts of them. Pure."""

from collections.abc import Callable, Sequence
from statistics import median

from earthcode_platform.models.development import Estimate, Measured

__all__ = ["estimated"]


def estimated(runs: Sequence[Measured]) -> Estimate:
    """Return what a run on everything is expected to take.

    A run takes a part that is always the same and a part that grows with the inputs. Each pair of runs on two shares
    gives a line; where it meets the share 1 is one forecast. The estimate is the median of all
    forecasts, and its range is that of the least and the greatest: what the runs themselves disagree about. No line
    falls, and no forecast lies below the longest run.

    Args:
        runs: At least one run on everything, or runs on at least two different shares.

    Raises:
        ValueError: There are neither.
    """
    whole = [one for one in runs if one.share >= 1]
    if whole:
        seconds = [one.seconds for one in whole]
        memory = max(one.memory_bytes for one in whole)
        return Estimate(
            seconds=median(seconds), seconds_least=min(seconds), seconds_most=max(seconds), memory_bytes=memory
        )
    seconds = _forecasts(runs, lambda one: one.seconds)
    # Memory that was used once is not given back at once: of equal runs the one that used least tells.
    least = {
        share: min(one.memory_bytes for one in runs if one.share == share) for share in {one.share for one in runs}
    }
    lean = [one.model_copy(update={"memory_bytes": least[one.share]}) for one in runs]
    memory = round(median(_forecasts(lean, lambda one: float(one.memory_bytes))))
    return Estimate(seconds=median(seconds), seconds_least=min(seconds), seconds_most=max(seconds), memory_bytes=memory)


def _forecasts(runs: Sequence[Measured], taken: Callable[[Measured], float]) -> list[float]:
    pairs = [(small, large) for small in runs for large in runs if small.share < large.share]
    if not pairs:
        raise ValueError("an estimate needs runs on two different shares of the inputs")
    found = []
    for small, large in pairs:
        slope = max(0.0, (taken(large) - taken(small)) / (large.share - small.share))
        found.append(max(taken(small), taken(large)) + slope * (1 - large.share))
    return found
