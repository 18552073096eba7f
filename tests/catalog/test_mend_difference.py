"""The diff of edits is what git makes of it, to the byte."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earthcode_platform.catalog.mend.difference import unified_diff

LINE = st.sampled_from(
    [b"a\n", b"b\n", b"c\n", b"\n", b"d\r\n", b"e\r", b"\xff\n", b"- x\n", b"+ y\n", b"@@\n", b"\\\n"]
)
TEXT = st.tuples(st.lists(LINE, max_size=30), st.sampled_from([b"", b"end", b"a", b"\r"])).map(
    lambda it: b"".join(it[0]) + it[1]
)
NAMES = ["a.json", "with space/a b.json", "é/→.json", 'q"uote\\d.json', "tab\there.json"]


def apply(folder: Path, patch: bytes) -> None:
    """Have git apply a patch in a folder that is in no repository."""
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, cwd=folder, input=patch, capture_output=True, check=False)
    assert done.returncode == 0, (done.stderr, patch)


@given(TEXT, TEXT)
@settings(max_examples=60, deadline=None)
def test_git_makes_of_it_what_the_edit_says(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    (folder / "a.json").write_bytes(before)
    patch = unified_diff({"a.json": before}, {"a.json": after})
    assert bool(patch) == (before != after)
    if patch:
        apply(folder, patch)
    assert (folder / "a.json").read_bytes() == after


@pytest.mark.parametrize("name", NAMES)
def test_names_that_git_quotes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"1\n2")
    apply(tmp_path, unified_diff({name: b"1\n2"}, {name: b"1\n3\n"}))
    assert path.read_bytes() == b"1\n3\n"


def test_it_reads_as_people_know_it() -> None:
    before = b"".join(b"%d\n" % number for number in range(1, 21))
    after = before.replace(b"\n10\n", b"\n10\nnew\n").replace(b"20\n", b"20")
    assert unified_diff({"a b.json": before}, {"a b.json": after}).decode() == (
        "--- a/a b.json\t\n+++ b/a b.json\t\n"
        "@@ -8,6 +8,7 @@\n 8\n 9\n 10\n+new\n 11\n 12\n 13\n"
        "@@ -17,4 +18,4 @@\n 17\n 18\n 19\n-20\n+20\n\\ No newline at end of file\n"
    )
