from collections.abc import Callable
import numpy as np

EXPECTED: dict[str, Callable[[], list]] = {}
