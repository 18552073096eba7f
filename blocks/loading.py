"""Blocks by name, with the class's own defaults where nobody saved a document called `default`."""

from typing import TypeVar

from prefect.blocks.core import Block

from earthcode_platform.errors import InputError

__all__ = ["DEFAULT", "load"]

DEFAULT = "default"
"""The document that is taken where none is named; the class's defaults stand in for it."""

_Kind = TypeVar("_Kind", bound=Block)


def load(kind: type[_Kind], name: str) -> _Kind:
    """Return the saved block `name` of class `kind`.

    Raises:
        InputError: Nobody saved a block of that name, and it is not `default`.
    """
    try:
        loaded = kind.load(name)
    except ValueError as error:
        if name == DEFAULT:
            return kind()
        raise InputError(
            f"there is no {kind.get_block_type_slug()} block {name!r}.",
            remedy="Create it in the UI under Blocks, or leave the parameter at 'default'.",
        ) from error
    if not isinstance(loaded, kind):
        raise InputError(f"the block {name!r} is a {type(loaded).__name__}, not a {kind.__name__}.")
    return loaded
