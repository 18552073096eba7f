"""Texts of a back-end without the secrets that we sent it or that it gave us."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

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
        self._count = 0
        for secret in known:
            self.add(secret)

    def __repr__(self) -> str:
        return f"<{self._count} secrets>"

    def add(self, secret: str) -> None:
        """Remember a secret: in plain, and as it stands in a header (base64), in an address or form, and in JSON."""
        if len(secret) >= _SHORTEST:
            self._count += secret not in self._known
            self._known |= {secret, base64.b64encode(secret.encode()).decode()}
            self._known |= {quote(secret), quote(secret, safe=""), quote_plus(secret)}
            self._known |= {json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False)}

    def cut(self, text: str) -> str:
        """Return a text without them."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "…")
        return public(text)

    def shown(self, text: object) -> str:
        """Return a text for a message: without them, on one line, and not endless."""
        line = " ".join(self.cut(str(text)).split())
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
