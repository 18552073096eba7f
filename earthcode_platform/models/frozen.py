"""The base of every model: frozen, closed against unknown keys, and written to JSON and back without loss."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = ["Checksum", "Declared", "Frozen", "Identifier", "Text"]


class Frozen(BaseModel):
    """A value object. Two with equal content are equal."""

    # Built when first used: a command line imports dozens and uses a few.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Declared(Frozen):
    """A value object that authors write: its JSON Schema says in words what each key means, as its docstrings do."""

    # Reading docstrings from the source takes longer than all the rest of making a class.
    model_config = ConfigDict(use_attribute_docstrings=True)


Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$", max_length=80),
]
"""An id that is also a folder name on every file system: lower case, digits, and single '.', '_' or '-' between."""

Checksum = Annotated[str, StringConstraints(pattern=r"^1220[0-9a-f]{64}$")]
"""A SHA-256 multihash in hexadecimal: 0x12, 0x20, then the digest (STAC file extension, `file:checksum`)."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that says something: not empty, without white space at its ends."""
