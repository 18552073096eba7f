"""A catalog in memory answers by kind and id, and parses what it is asked for."""

import pytest

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import PUBLISHED_AT, read_links, relative, target_of
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError


def test_ids_titles_and_existence_come_from_the_files(embedded: Catalog) -> None:
    assert embedded.ids(Kind.THEME) == {"oceans", "land"}
    assert embedded.ids(Kind.PRODUCT) == frozenset()
    assert embedded.exists(Kind.MISSION, "envisat")
    assert not embedded.exists(Kind.MISSION, "envisat-2")
    assert embedded.title("eo-missions/catalog.json") == "EO Missions"


def test_the_real_catalog_is_counted_right(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    assert {kind: len(catalog.ids(kind)) for kind in Kind} == {
        Kind.PRODUCT: 351,
        Kind.PROJECT: 208,
        Kind.WORKFLOW: 17,
        Kind.EXPERIMENT: 9,
        Kind.THEME: 6,
        Kind.VARIABLE: 1246,
        Kind.MISSION: 81,
    }
    assert catalog.title("experiments/polaris/record.json") == "POLARIS"


def test_a_missing_or_broken_file_says_where(embedded: Catalog) -> None:
    with pytest.raises(InputError, match=r"themes/moon/catalog\.json"):
        embedded.document("themes/moon/catalog.json")
    broken = embedded.with_edits({"themes/land/catalog.json": b"{", "themes/oceans/catalog.json": b"[]"})
    for path in ("themes/land/catalog.json", "themes/oceans/catalog.json"):
        with pytest.raises(InputError) as refused:
            broken.document(path)
        assert refused.value.where == path


def test_an_edit_is_seen_in_the_copy_only(embedded: Catalog) -> None:
    path = "themes/land/catalog.json"
    title = embedded.title(path)
    edited = embedded.with_edits({path: b'{"title": "Soil"}', "products/p/collection.json": b"{}"})
    assert (embedded.title(path), edited.title(path)) == (title, "Soil")
    assert edited.ids(Kind.PRODUCT) == {"p"}
    assert embedded.ids(Kind.PRODUCT) == frozenset()


def test_the_files_cannot_be_changed_from_outside() -> None:
    files = {"catalog.json": b"{}"}
    catalog = Catalog(files)
    files["x"] = b""
    assert "x" not in catalog
    with pytest.raises(TypeError):
        catalog.files["x"] = b""  # type: ignore[index]  # what the test shows


@pytest.mark.parametrize(
    ("source", "href", "target"),
    [
        ("products/a/collection.json", "../../themes/land/catalog.json", "themes/land/catalog.json"),
        ("catalog.json", "./themes/catalog.json", "themes/catalog.json"),
        ("products/a/collection.json", "item.json#top", "products/a/item.json"),
        ("products/a/collection.json", PUBLISHED_AT + "themes/land/catalog.json", "themes/land/catalog.json"),
        ("products/a/collection.json", "https://example.org/themes/land/catalog.json", None),
        ("products/a/collection.json", "//example.org/x.json", None),
        ("products/a/collection.json", "mailto:ada@example.org", None),
        ("products/a/collection.json", "https://[broken", None),
        ("products/a/collection.json", "/srv/x.json", None),
        ("products/a/collection.json", "../../../x.json", None),
        ("products/a/collection.json", "", None),
        ("products/a/collection.json", "#top", None),
    ],
)
def test_an_address_means_a_file_of_the_catalog_or_none(source: str, href: str, target: str | None) -> None:
    assert target_of(source, href) == target


def test_relative_addresses_lead_back(real_files: dict[str, bytes]) -> None:
    paths = [path for path in sorted(real_files) if path.endswith(".json")][::97]
    assert len(paths) > 20
    for source in paths:
        for target in paths:
            assert target_of(source, relative(source, target)) == target


def test_links_that_are_no_links_are_passed_over() -> None:
    links = read_links("a/b.json", {"links": ["x", {"rel": 1, "href": None}, {"rel": "item", "href": "c.json"}]})
    assert [(link.index, link.rel, link.href, link.target, link.title) for link in links] == [
        (1, "", "", None, None),
        (2, "item", "c.json", "a/c.json", None),
    ]
    assert read_links("a/b.json", {"links": "none"}) == ()
