"""Size of an image from its first bytes: WebP (RFC 9649, sections 2.5 to 2.7), and what poses as it: PNG and GIF."""

from typing import Final

__all__ = ["image_shape", "webp_shape"]

_HEADER: Final = 30


def webp_shape(content: bytes) -> tuple[int, int] | None:
    """Return rows and columns of a WebP image; None if the bytes are none."""
    if len(content) < _HEADER or content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    chunk = content[12:16]
    if chunk == b"VP8 ":
        columns, rows = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return rows, columns
    if chunk == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    if chunk == b"VP8X":
        columns, rows = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return rows, columns
    return None


def image_shape(content: bytes) -> tuple[int, int] | None:
    """Return rows and columns of a PNG (ISO/IEC 15948, section 11.2.2) or GIF89a; None if the bytes are neither."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR":
        columns, rows = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return rows, columns
    if content[:6] in (b"GIF87a", b"GIF89a"):
        columns, rows = (int.from_bytes(content[at : at + 2], "little") for at in (6, 8))
        return rows, columns
    return None
