"""Checksums as STAC records them: multihashes in hexadecimal, of one of several algorithms."""

import hashlib
from collections.abc import Iterable
from typing import Final

from earthcode_platform.errors import InputError

__all__ = ["multihash_of"]

_ALGORITHMS: Final = {
    "1114": "sha1",
    "1220": "sha256",
    "1340": "sha512",
    "1440": "sha3_512",
    "1620": "sha3_256",
    "2030": "sha384",
    "d50110": "md5",
}
"""Prefix (code and length) by Python's name of the algorithm (multiformats table)."""


def multihash_of(pieces: Iterable[bytes], like: str) -> tuple[str, int]:
    """Return the multihash of a file by the algorithm of the multihash `like`, and how many bytes it has.

    Args:
        pieces: The content, piece by piece; read once and not kept.
        like: A multihash in hexadecimal, lower case.

    Raises:
        InputError: `like` is no multihash of an algorithm that is known here.
    """
    for prefix, name in _ALGORITHMS.items():
        digest = hashlib.new(name, usedforsecurity=False)
        if like.startswith(prefix) and len(like) == len(prefix) + 2 * digest.digest_size:
            size = 0
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
            return prefix + digest.hexdigest(), size
    raise InputError(
        f"the checksum {like[:80]!r} is no multihash of a known algorithm.",
        remedy="Record the SHA-256 multihash: 1220, then 64 hexadecimal digits.",
    )
