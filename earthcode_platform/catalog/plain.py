"""Texts of strangers inside Markdown as GitHub renders it: they are shown, and do nothing."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

from earthcode_platform.redaction import public

__all__ = ["code", "plain", "shown_address"]

_PUNCTUATION: Final = re.compile(r"[\\`*_{}\[\]()<>#!|~&$:]")
_BULLET: Final = re.compile(r"^(?:[-+=.]|\d+(?=[.)]))")
_LONGEST: Final = 2000
_JOINER: Final = "\N{WORD JOINER}"
# GitHub looks for these in the text that a reader sees, whatever was escaped: a mention notifies somebody, a reference
# leaves a trace in another thread, an address becomes a link. An invisible character between takes the meaning away.
_ACTIVE: Final = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=//)|\bwww\.", re.IGNORECASE)
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str, longest: int = _LONGEST) -> str:
    r"""Return `text` on one line so that Markdown shows it as it is: no markup, links, images, mentions or references.

    Args:
        text: What somebody wrote.
        longest: Characters after which it is cut.

    >>> plain("**Sea** <img src=x>")
    '\\*\\*Sea\\*\\* \\<img src=x\\>'
    """
    line = _one_line(public(text))
    line = line if len(line) <= longest else f"{line[:longest]}…"
    active = _ACTIVE.sub(lambda found: found.group() + _JOINER, line)
    escaped = _PUNCTUATION.sub(lambda found: f"\\{found.group()}", active)
    return _BULLET.sub(lambda found: _escaped_start(found.group()), escaped)


def code(text: str) -> str:
    r"""Return `text` as a code span that also stands in a table: nothing in it is markup.

    >>> code("a|b`c")
    '`` a\\|b`c ``'
    """
    line = _one_line(public(text)).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence, pad = "`" * (longest + 1), " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "` `"


def shown_address(address: str) -> str:
    """Return an https address that anybody may follow, ready for Markdown's `](<…>)`; empty if it is none.

    Addresses with credentials, of one machine and of networks that are not public are none.
    """
    if public(address) != address:
        return ""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
    local = "." not in host or host.endswith((".local", ".internal", ".localhost", ".localdomain"))
    number = re.fullmatch(r"[0-9.]+|.*:.*", host)
    if parts.scheme != "https" or local or number:
        return ""
    return quote(address, safe="/:?#[]@!$&'*+,;=%~-._")


def _one_line(text: str) -> str:
    kept = "".join(" " if one.isspace() else one for one in text if not _is_hidden(one))
    return " ".join(kept.split())


def _is_hidden(character: str) -> bool:
    control = unicodedata.category(character) in ("Cc", "Cs") and not character.isspace()
    return control or character in _BIDI


def _escaped_start(start: str) -> str:
    return f"{start}\\" if start[0].isdigit() else f"\\{start}"
