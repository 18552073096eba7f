"""Secrets are cut out of what providers say, however they are spelt there."""

import base64
from urllib.parse import quote, quote_plus

import pytest

from earthcode_platform.engines.provider.redacting import Secrets

SECRET = 'p/a+s s"ü&1'  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    "spelt",
    [
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        'p/a+s s\\"ü&1',
        'p/a+s s\\"\\u00fc&1',
    ],
)
def test_a_secret_is_cut_out_in_every_spelling(spelt: str) -> None:
    assert Secrets([SECRET]).shown(f"not {spelt}, no") == "not …, no"
