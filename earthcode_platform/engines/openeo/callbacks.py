"""Process graphs that are handed to a process, and which parameters each gives them."""

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

__all__ = ["ArrayMapper", "Callback", "Condition", "ElementMapper", "LabelCondition", "Mapper", "Reducer", "Resolver"]

Callback: TypeAlias = Callable[..., object]
"""A process graph that is called with its parameters by name, and returns its result."""

_REDUCED: Final = ("data", "context")
_SINGLE: Final = ("x", "context")

Reducer = Annotated[Callback, _REDUCED]
"""Takes an array, `data`; gives one value."""
ArrayMapper = Annotated[Callback, _REDUCED]
"""Takes an array, `data`; gives an array."""
Mapper = Annotated[Callback, _SINGLE]
"""Takes one value, `x`; gives one value."""
ElementMapper = Annotated[Callback, ("x", "index", "label", "context")]
"""Takes an element of an array, its index and its label; gives one value."""
Resolver = Annotated[Callback, ("x", "y", "context")]
"""Takes the values of two cubes at the same place; gives one value."""
Condition = Annotated[Callback | bool, ("x", "element", "context")]
"""Takes one value as `x` (`element` in the examples of the specification); gives a truth value. Or plain true."""
LabelCondition = Annotated[Callback, ("value", "context")]
"""Takes a label or a property as `value`; gives a truth value."""
