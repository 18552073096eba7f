"""Texts of other people, as they may be shown and written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from earthcode_platform.models.shown import shown
from earthcode_platform.redaction import public

PIECES = st.sampled_from(
    ["https://", "me:pass@", "example.org", "/a", "?", "&", "sig=1", "token=x", "é", "\ud800", " ", "#", ":"]
)


def test_credentials_and_lone_surrogates() -> None:
    assert shown("https://me:pass@example.org/a?token=x") == "https://example.org/a?token=…"
    assert shown("a\ud800b") == "a\\ud800b"
    assert shown("plain text") == "plain text"


@given(st.lists(PIECES, max_size=8).map("".join))
def test_it_is_what_may_be_shown_of_any_text(text: str) -> None:
    assert shown(text) == public(text).encode(errors="backslashreplace").decode()
    assert json.loads(json.dumps(shown(text), ensure_ascii=False).encode()) == shown(text)
