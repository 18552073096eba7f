"""What a finding's code means, why it is told, and how to mend it.

A family is a file beside this one, `<prefix>.toml`; a code is one line in it, of three texts: what is so, why it is
told, how to mend it. A test holds the files against the source: every code that is raised is declared, and every one
that is declared is raised.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from earthcode_platform.errors import UnknownNameError

__all__ = ["Family", "Rule", "explained", "families", "is_declared"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One code with its three texts, in Markdown."""

    code: str
    """The stable code, `<family>-<what>`."""
    what: str
    """What is so when it is told."""
    why: str
    """Why that matters."""
    mend: str
    """How to mend it."""


@dataclass(frozen=True, slots=True)
class Family:
    """The codes that share a prefix."""

    prefix: str
    """What their codes begin with."""
    title: str
    """Its name."""
    about: str
    """What it looks at, and when."""
    sections: Mapping[str, tuple[Rule, ...]]
    """Its rules by heading, in the order of the file."""
    inherits: str = ""
    """Prefix of a family whose rules it tells too, under its own prefix."""

    @property
    def rules(self) -> dict[str, Rule]:
        """Its own rules, by code."""
        return {rule.code: rule for rules in self.sections.values() for rule in rules}


@cache
def families() -> tuple[Family, ...]:
    """Return every family, by title of its prefix."""
    folder = files(__package__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(_family(name.removesuffix(".toml"), (folder / name).read_text(encoding="utf-8")) for name in names)


def explained(code: str) -> Rule:
    """Return the rule behind a code.

    Raises:
        UnknownNameError: No code of the platform is called so; an engine of a stranger may have codes of its own.
    """
    by_code = _by_code()
    if code in by_code:
        return by_code[code]
    for family in families():
        other = code.replace(f"{family.prefix}-", f"{family.inherits}-", 1)
        if family.inherits and code.startswith(f"{family.prefix}-") and other in by_code:
            rule = by_code[other]
            return Rule(code, rule.what, rule.why, rule.mend)
    raise UnknownNameError.among("finding code", code, by_code)


def is_declared(code: str) -> bool:
    """Tell whether a code has an explanation."""
    try:
        explained(code)
    except UnknownNameError:
        return False
    return True


@cache
def _by_code() -> Mapping[str, Rule]:
    return MappingProxyType({code: rule for family in families() for code, rule in family.rules.items()})


def _family(prefix: str, text: str) -> Family:
    content = tomllib.loads(text)
    sections = {
        heading: tuple(Rule(code, *texts) for code, texts in rules.items())
        for heading, rules in content["rules"].items()
    }
    return Family(
        prefix, content["title"], content["about"], MappingProxyType(sections), inherits=content.get("inherits", "")
    )
