"""What an address of code leads to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_factories import COMMIT

from earthcode_platform.catalog.records.places import pin_of, place_of
from earthcode_platform.models.catalog_code import CodeForm, Pin

HUB = "https://github.com/a/b"
RAW = "https://raw.githubusercontent.com/a/b"
ZENODO = "https://zenodo.org/records/17467230"
LAB = "https://git.example/group/sub/b"


@pytest.mark.parametrize(
    ("written", "href", "form", "reference", "pin"),
    [
        (f"{HUB}/blob/main/c/d.ipynb", f"{RAW}/main/c/d.ipynb", CodeForm.FILE, "main", Pin.BRANCH),
        (f"{HUB}/raw/v1.2/d.py", f"{RAW}/v1.2/d.py", CodeForm.FILE, "v1.2", Pin.TAG),
        (f"{HUB}/blob/{COMMIT}/d e.cwl", f"{RAW}/{COMMIT}/d%20e.cwl", CodeForm.FILE, COMMIT, Pin.COMMIT),
        (f"{HUB}/blob/refs/heads/x/d.cwl", f"{RAW}/refs/heads/x/d.cwl", CodeForm.FILE, "x", Pin.BRANCH),
        (f"{RAW}/refs/heads/main/o/f.cwl", f"{RAW}/refs/heads/main/o/f.cwl", CodeForm.FILE, "main", Pin.BRANCH),
        (f"{RAW}/refs/tags/one/f.cwl", f"{RAW}/refs/tags/one/f.cwl", CodeForm.FILE, "one", Pin.TAG),
        (f"{HUB}/tree/main/momo-nbs", HUB, CodeForm.FOLDER, "main", Pin.BRANCH),
        (f"{HUB}/tree/main", HUB, CodeForm.REPOSITORY, "main", Pin.BRANCH),
        (f"{HUB}.git", HUB, CodeForm.REPOSITORY, "", Pin.NOTHING),
        (f"{HUB}/commit/{COMMIT}", HUB, CodeForm.REPOSITORY, COMMIT, Pin.COMMIT),
        (f"{HUB}/releases/tag/v2", HUB, CodeForm.REPOSITORY, "v2", Pin.TAG),
        (f"{HUB}/releases/download/v2/x.cwl", f"{HUB}/releases/download/v2/x.cwl", CodeForm.FILE, "v2", Pin.TAG),
        (f"{HUB}/archive/{COMMIT}.zip", f"{HUB}/archive/{COMMIT}.zip", CodeForm.ARCHIVE, COMMIT, Pin.COMMIT),
        (f"{HUB}/issues", f"{HUB}/issues", CodeForm.PAGE, "", Pin.NOTHING),
        ("https://github.com/a", "https://github.com/a", CodeForm.PAGE, "", Pin.NOTHING),
        (f"{LAB}/-/blob/main/d.ipynb", f"{LAB}/-/raw/main/d.ipynb", CodeForm.FILE, "main", Pin.BRANCH),
        (f"{LAB}/-/tree/main/x", LAB, CodeForm.FOLDER, "main", Pin.BRANCH),
        (f"{LAB}/-/tree/main", LAB, CodeForm.REPOSITORY, "main", Pin.BRANCH),
        (f"{LAB}.git", f"{LAB}.git", CodeForm.REPOSITORY, "", Pin.NOTHING),
        (
            "https://doi.org/10.5281/zenodo.1",
            "https://doi.org/10.5281/zenodo.1",
            CodeForm.LANDING_PAGE,
            "",
            Pin.NOTHING,
        ),
        ("10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1", CodeForm.LANDING_PAGE, "", Pin.NOTHING),
        ("DOI: 10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1", CodeForm.LANDING_PAGE, "", Pin.NOTHING),
        (ZENODO, ZENODO, CodeForm.LANDING_PAGE, "", Pin.NOTHING),
        (f"{ZENODO}/files/a/b-v1.zip?download=1",) * 2 + (CodeForm.ARCHIVE, "", Pin.DEPOSIT),
        (f"{ZENODO}/files/graph.json", f"{ZENODO}/files/graph.json", CodeForm.FILE, "", Pin.DEPOSIT),
        ("https://s3.example/x/graph.json", "https://s3.example/x/graph.json", CodeForm.FILE, "", Pin.NOTHING),
        ("https://s3.example/model/MLmodel", "https://s3.example/model/MLmodel", CodeForm.FILE, "", Pin.NOTHING),
        ("https://glambie.example/", "https://glambie.example/", CodeForm.PAGE, "", Pin.NOTHING),
        ("https://x.example/v1.0", "https://x.example/v1.0", CodeForm.PAGE, "", Pin.NOTHING),
        ("https://x.example/doc.html", "https://x.example/doc.html", CodeForm.PAGE, "", Pin.NOTHING),
        ("https://[broken", "https://[broken", CodeForm.PAGE, "", Pin.NOTHING),
        ("", "", CodeForm.PAGE, "", Pin.NOTHING),
    ],
)
def test_places(written: str, href: str, form: CodeForm, reference: str, pin: Pin) -> None:
    place = place_of(written)
    assert (place.href, place.form, place.reference, place.pin) == (href, form, reference, pin)


def test_a_branch_named_beside_the_address_counts_for_a_repository_alone() -> None:
    assert place_of(f"{HUB}.git", branch="dev").reference == "dev"
    assert place_of(f"{HUB}.git", branch="dev").pin is Pin.BRANCH
    assert place_of(f"{HUB}/tree/main", branch="dev").reference == "main"


def test_only_a_full_hash_is_a_commit() -> None:
    assert pin_of(COMMIT) is Pin.COMMIT
    assert pin_of(COMMIT[:12]) is Pin.BRANCH
    assert pin_of(COMMIT.upper()) is Pin.BRANCH
    assert pin_of(f"{COMMIT}-fix") is Pin.BRANCH


SEGMENTS = st.lists(
    st.sampled_from(["a", "blob", "tree", "refs", "heads", "-", "raw", "x.git", "", "é.py"]), max_size=7
)
HOSTS = st.sampled_from(["github.com", "raw.githubusercontent.com", "zenodo.org", "git.example", "", "[::1"])


@given(HOSTS, SEGMENTS)
def test_any_address_leads_somewhere_and_what_it_leads_to_leads_there_again(host: str, segments: list[str]) -> None:
    place = place_of(f"https://{host}/{'/'.join(segments)}")
    if place.form is CodeForm.FILE:
        assert place_of(place.href).href == place.href
        assert place_of(place.href).form is CodeForm.FILE
