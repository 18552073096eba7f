"""How plain scalars of `experiment.yaml` are read: the core schema of YAML 1.2 (section 10.3.2), not that of YAML 1.1.

YAML 1.1, which PyYAML reads by default, turns `no` into false, `012` into 10, `12:30:00` into 45000 and `2023-08-01`
into a date, and leaves `1e-3` a text. Editors that follow a JSON Schema read YAML 1.2, where none of this happens.
"""

import re
from typing import Final

import yaml

__all__ = ["TAGS", "CoreDumper", "CoreResolver"]

_YAML: Final = "tag:yaml.org,2002:"

_IMPLICIT: Final = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
)
"""Tag, pattern of the whole scalar, and its possible first characters (NUL stands for the empty scalar)."""

TAGS: Final = {_YAML + name: name for name in ("null", "bool", "int", "float", "str", "seq", "map")}
"""The tags that a document may use, with the name of each."""


class CoreResolver(yaml.SafeLoader):
    """A loader that gives plain scalars the tags of the core schema."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's way to start without the resolvers of YAML 1.1


class CoreDumper(yaml.SafeDumper):
    """A dumper that quotes every text which YAML 1.1 or the core schema of YAML 1.2 would read as something else."""


for _name, _pattern, _first in _IMPLICIT:
    for _class in (CoreResolver, CoreDumper):
        _class.add_implicit_resolver(
            _YAML + _name, re.compile(rf"^(?:{_pattern})$"), [first.strip("\0") for first in _first]
        )
