"""Where a link leads: the quick way for plain addresses says what the general way says."""

import posixpath

from hypothesis import given
from hypothesis import strategies as st

from earthcode_platform.catalog.links import target_of

NAMES = st.sampled_from(["a", "themes", "catalog.json", "x-1_2.y", "..b", ".c"])
ADDRESSES = st.builds(
    "/".join,
    st.lists(st.one_of(NAMES, st.sampled_from([".", ".."])), min_size=1, max_size=6),
)


@given(source=st.lists(NAMES, min_size=1, max_size=4).map("/".join), href=ADDRESSES)
def test_a_relative_address_is_resolved_as_a_path(source: str, href: str) -> None:
    expected = posixpath.normpath(posixpath.join(posixpath.dirname(source), href))
    outside = expected == ".." or expected.startswith("../")
    found = target_of(source, href)
    assert found == (None if outside else expected) or expected.startswith("..")
