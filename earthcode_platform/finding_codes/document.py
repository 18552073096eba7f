"""The document of all codes, as Markdown."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.finding_codes.registry import Family, families

__all__ = ["document"]

_HEAD: Final = """\
# Findings

Everything that the gates, the engines and the catalog's rules can say, by the code that stands in brackets behind a
finding. `earthcode-platform explain CODE` shows one of them at the terminal. A code never changes its meaning. A
policy ([0046](decisions/0046-policy-and-waivers.md)) may refuse a warning, and may let somebody waive a finding.

This file is written by `earthcode-platform findings --output docs/findings.md` from
`earthcode_platform/finding_codes/*.toml`; change those.
"""


def document() -> str:
    """Return every code with what it means, why it is told and how to mend it, by family and heading."""
    parts = [_HEAD, "".join(f"- [{one.title}](#{_anchor(one.title)}): {len(one.rules)}\n" for one in families())]
    parts += ["".join(_family(family)) for family in families()]
    return "\n".join(parts)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _family(family: Family) -> Iterator[str]:
    yield f"## {family.title}\n\n{family.about}\n"
    for heading, rules in family.sections.items():
        yield f"\n### {heading}\n\n| code | what | why | how to mend it |\n|---|---|---|---|\n"
        for rule in rules:
            yield f"| `{rule.code}` | {rule.what} | {rule.why} | {rule.mend} |\n"
