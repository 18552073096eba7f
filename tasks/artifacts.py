"""How artifacts are named."""

import re

__all__ = ["artifact_key"]


def artifact_key(text: str) -> str:
    """Return `text` as Prefect wants artifact keys: lower case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
