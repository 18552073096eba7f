"""Texts of a back-end without the secrets that we sent it or that it gave us."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Secrets"]

_SHORTEST: Final = 4
"""Characters of the shortest secret that is cut out: shorter ones stand in every text."""
_LONGEST: Final = 500
"""Characters of a text of a back-end that are shown."""


class Secrets:
    """What must not be shown: what was configured, and every token that was obtained since.

    Args:
        known: Secrets to begin with.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        for secret in known:
            self.add(secret)

    def __repr__(self) -> str:
        return f"<{len(self._known)} secrets>"

    def add(self, secret: str) -> None:
        """Remember a secret, in plain and as HTTP sends it (base64, with a user name before it)."""
        if len(secret) >= _SHORTEST:
            self._known |= {secret, base64.b64encode(secret.encode()).decode()}

    def cut(self, text: str) -> str:
        """Return a text without them."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "…")
        return public(text)

    def shown(self, text: object) -> str:
        """Return a text for a message: without them, on one line, and not endless."""
        line = " ".join(self.cut(str(text)).split())
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
