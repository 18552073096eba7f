"""The base of every model: frozen, closed against unknown keys, and written to JSON and back without loss."""

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = ["Checksum", "Declared", "Frozen", "Identifier", "Text"]


class Frozen(BaseModel):
    """A value object. Two with equal content are equal."""

    # Built when first used: a command line imports dozens and uses a few.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Declared(Frozen):
    """A value object that authors write: its JSON Schema says in words what each key means, as its docstrings do."""

    # pydantic's `use_attribute_docstrings` does the same, and looks at every module there is for each class: 0.2 s.
    @classmethod
    def __pydantic_init_subclass__(cls, **_options: object) -> None:
        source = getattr(sys.modules.get(cls.__module__), "__file__", None)
        said = _attribute_docstrings(source).get(cls.__qualname__, {}) if source else {}
        for name, field in cls.model_fields.items():
            field.description = field.description or said.get(name)


@cache
def _attribute_docstrings(source: str) -> dict[str, dict[str, str]]:
    """Return the string that stands below each annotated attribute, by the classes of a module."""
    try:
        tree = ast.parse(Path(source).read_bytes())
    except (OSError, SyntaxError):
        return {}  # compiled modules come without their source, and then without these words
    return {
        node.name: {
            one.target.id: inspect.cleandoc(below.value.value)
            for one, below in pairwise(node.body)
            if isinstance(one, ast.AnnAssign)
            and isinstance(one.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$", max_length=80),
]
"""An id that is also a folder name on every file system: lower case, digits, and single '.', '_' or '-' between."""

Checksum = Annotated[str, StringConstraints(pattern=r"^1220[0-9a-f]{64}$")]
"""A SHA-256 multihash in hexadecimal: 0x12, 0x20, then the digest (STAC file extension, `file:checksum`)."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that says something: not empty, without white space at its ends."""
