"""The shape of a WebP image from its header, for each of its three forms."""

import io

import pytest
from PIL import Image

from earthcode_platform.catalog.validate.webp import webp_shape


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (300, 200), (1920, 1080)])
@pytest.mark.parametrize(("mode", "options"), [("RGB", {}), ("RGB", {"lossless": True}), ("RGBA", {"exact": True})])
def test_rows_and_columns(size: tuple[int, int], mode: str, options: dict[str, bool]) -> None:
    file = io.BytesIO()
    Image.new(mode, size, (1, 2, 3, 4)[: len(mode)]).save(file, "WEBP", **options)
    assert webp_shape(file.getvalue()) == (size[1], size[0])


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x89PNG" + b"\0" * 40, b"RIFF\0\0\0\0WEBPVP8?" + b"\0" * 40])
def test_other_bytes(content: bytes) -> None:
    assert webp_shape(content) is None
