"""Many small requests at once. Both clients let go of Python's lock while they wait and while they hash."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["each"]

_Result = TypeVar("_Result")
_Item = TypeVar("_Item")


def each(items: Iterable[_Item], work: Callable[[_Item], _Result], at_once: int) -> list[_Result]:
    """Do `work` for every item, some at a time, and return the results in the order of items.

    The first failure keeps the others from beginning and is raised as it is.
    """
    results: dict[int, _Result] = {}
    failures: list[BaseException] = []
    waiting = enumerate(items)
    turn = threading.Lock()

    def worker() -> None:
        while not failures:
            with turn:
                number, item = next(waiting, (-1, None))
            if item is None:
                return
            try:
                results[number] = work(item)
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits
                failures.append(error)

    with ThreadPoolExecutor(at_once) as pool:
        for _ in range(at_once):
            pool.submit(worker)
    if failures:
        raise failures[0]
    return [results[number] for number in sorted(results)]
