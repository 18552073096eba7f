"""Credentials written into a notebook: what the archive would publish, and what no report may show."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.engines.notebook.cells import Cell

__all__ = ["credentials_in", "masked", "secret_name"]

_SECRET: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|pwd|secret|token|credentials?|api_?key|access_?key|secret_?key|private_?key"
    r"|auth_?key|client_?secret)(?:$|_(?:id|key|value)?$)",
    re.IGNORECASE,
)
"""Names that hold credentials: `password`, `CDSE_TOKEN`, `api_key`, `aws_secret_access_key`."""
_KNOWN: Final = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[baprs]-[\w-]{10,}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})"
)
"""Tokens that tell themselves: of AWS, GitHub, GitLab and Slack, and JSON Web Tokens."""
_FILLED_IN: Final = re.compile(r"(?:\{[^{}]*\}:?)+@|=\{[^{}]*\}")
"""What a text gets when it runs, where a credential would stand: `https://{user}:{word}@`, `?token={token}`."""
_CALLED: Final = re.compile(
    r"(?P<name>\b[\w-]*(?:password|passwd|passphrase|secret|token|credential|api[-_]?key|access[-_]?key)[\w-]*"
    r"['\"]?\s*[:=]\s*)(?:'[^'\n]*'|\"[^\"\n]*\"|[^\s,;:)}\]'\"]+)",
    re.IGNORECASE,
)
"""`password=…`, `'token': '…'`: a name of a credential with its value behind."""
_BEARER: Final = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+[\w.~+/=-]{3,}", re.IGNORECASE)
"""Credentials of HTTP (RFC 9110, section 11.4; RFC 6750, section 2.1)."""


def secret_name(name: str) -> bool:
    """Tell whether something of that name is a credential."""
    return bool(_SECRET.search(name))


def credentials_in(cell: Cell) -> Iterator[tuple[int, str]]:
    """Yield line and description of what looks like a credential in a cell; the credential itself is never shown."""
    for number, line in enumerate(cell.source.splitlines(), start=1):
        written = _FILLED_IN.sub("", line)
        if public(written) != written:
            yield number, "an address with a user name, password or signature"
        elif _KNOWN.search(line):
            yield number, "a token"
    for name, value, at in _named(cell):
        if value and secret_name(name):
            yield at, f"a value of {name!r}"


def masked(text: str, *, written: bool = False) -> str:
    """Return `text` without credentials in URLs, tokens that tell themselves, and values that are called a secret.

    Args:
        text: What a run said: an output, an error, a traceback.
        written: It is what the author wrote, and was looked through before the run: names may keep their values, which
            are code, such as `token = sign_in()`.

    >>> masked("GET https://ada:pw@example.org/x with api_key=4711: Authorization: Bearer abc.def")
    'GET https://example.org/x with api_key=…: Authorization: Bearer …'
    """
    text = _KNOWN.sub("…", public(text))
    return text if written else _BEARER.sub(r"\g<scheme> …", _CALLED.sub(r"\g<name>…", text))


def _named(cell: Cell) -> Iterator[tuple[str, str, int]]:
    """Yield name, text and line of what is assigned, passed by keyword, or held in a dict, as a literal text."""
    for node in ast.walk(cell.tree) if cell.tree else ():
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(_last(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(_last(node.target), node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [(_last(key), value) for key, value in zip(node.keys, node.values, strict=True) if key]
        for name, value in pairs:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield name, value.value, value.lineno


def _last(target: ast.expr) -> str:
    """Return the name that an assignment's target, or a key, ends with."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    inner = target.slice if isinstance(target, ast.Subscript) else target
    return str(inner.value) if isinstance(inner, ast.Constant) else ""
