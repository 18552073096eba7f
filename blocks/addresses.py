"""Addresses that may be stored in the open: a block's plain fields can be read by everybody who sees the server."""

from typing import Annotated

from pydantic import AfterValidator

from earthcode_platform.redaction import public

__all__ = ["WithoutCredentials"]


def _open(address: str) -> str:
    if public(address) != address:
        raise ValueError(f"{public(address)!r} carried a user name, password or signature; leave it out of the address")
    return address


WithoutCredentials = Annotated[str, AfterValidator(_open)]
"""A path or URL without userinfo and signing parameters."""
