"""The embedded catalog: right by the catalog's rules, the same commit every time, whole or not at all."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from catalog_factories import git
from PIL import Image

from earthcode_platform.catalog.documents import section, text
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import link_to
from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.vocabulary import vocabulary
from earthcode_platform.errors import InputError
from earthcode_platform.models.platform import Vocabulary


def test_it_holds_what_the_examples_need(embedded: Catalog) -> None:
    assert vocabulary(embedded) == Vocabulary(
        projects=frozenset({"earthcode-examples"}),
        themes=frozenset({"oceans", "land"}),
        variables=frozenset({"sea-surface-temperature", "vegetation-index"}),
        missions=frozenset({"envisat", "amsr-e", "sentinel-2"}),
    )


def test_its_root_is_the_one_the_validator_wants(embedded: Catalog) -> None:
    root = embedded.document(ROOT)
    assert (root["id"], root["title"], root["type"]) == ("osc", "Open Science Catalog", "Catalog")
    assert {link.target for link in embedded.links(ROOT) if link.rel == "child"} == {kind.listing for kind in Kind}


def test_every_link_leads_somewhere_and_says_the_title_of_its_target(embedded: Catalog) -> None:
    for path in embedded.files:
        for link in embedded.links(path) if path.endswith(".json") else ():
            if link.target is None:
                assert link.rel == "via"
                continue
            assert link.target in embedded, (path, link)
            if link.rel == "preview":
                continue
            prefix = f"{Kind.THEME.label}: " if link.rel == "related" else ""
            assert link.title == prefix + embedded.title(link.target), (path, link)


@pytest.mark.parametrize("kind", [Kind.PROJECT, Kind.THEME, Kind.VARIABLE, Kind.MISSION])
def test_every_entry_is_listed_and_lies_in_a_folder_of_its_id(embedded: Catalog, kind: Kind) -> None:
    for entry in embedded.ids(kind):
        path = kind.path(entry)
        document = embedded.document(path)
        assert document["id"] == entry
        assert text(document, "description")
        links = embedded.links(path)
        assert [link.target for link in links if link.rel in ("root", "parent")] == [ROOT, kind.listing]
        assert kind is Kind.THEME or "via" in {link.rel for link in links}
        listed = [link for link in embedded.links(kind.listing) if link.target == path]
        assert [link.rel for link in listed] == ["child"]


def test_the_project_has_a_technical_officer_with_an_address(embedded: Catalog) -> None:
    contacts = embedded.document("projects/earthcode-examples/collection.json")["contacts"]
    assert isinstance(contacts, list)
    officer = contacts[0]
    assert isinstance(officer, dict)
    assert officer["roles"] == ["technical_officer"]
    assert officer["emails"] == [{"value": "earthcode-platform@noreply.invalid"}]


@pytest.mark.parametrize("theme", ["land", "oceans"])
def test_the_previews_have_the_shape_that_the_themes_say(embedded: Catalog, theme: str) -> None:
    links = embedded.document(f"themes/{theme}/catalog.json")["links"]
    assert isinstance(links, list)
    preview = next(link for link in links if isinstance(link, dict) and link["rel"] == "preview")
    with Image.open(io.BytesIO(embedded.content(f"themes/{theme}/preview.webp"))) as image:
        assert image.format == "WEBP"
        assert preview["proj:shape"] == [image.height, image.width]


def test_it_is_a_bare_repository_with_one_commit_on_main(bare: Path) -> None:
    assert git(bare, "rev-parse", "--is-bare-repository") == "true"
    assert git(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert git(bare, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(bare, "rev-list", "--count", "main") == "1"
    assert git(bare, "log", "-1", "--format=%an <%ae> %aI", "main") == (
        "EarthCODE platform <earthcode-platform@noreply.invalid> 2026-01-01T00:00:00+00:00"
    )
    listed = git(bare, "-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", "main").splitlines()
    assert set(listed) == set(seed_files())
    assert git(bare, "fsck", "--strict") == ""


def test_making_it_again_changes_nothing(bare: Path) -> None:
    before = git(bare, "rev-parse", "main")
    stat = (bare / "HEAD").stat()
    create_catalog(bare)
    assert git(bare, "rev-parse", "main") == before
    assert (bare / "HEAD").stat() == stat


def test_many_make_it_at_once_and_it_is_the_same(tmp_path: Path, bare: Path) -> None:
    target = tmp_path / "deep" / "own.git"
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(create_catalog, [target] * 6))
    assert git(target, "rev-parse", "main") == git(bare, "rev-parse", "main")
    assert [path.name for path in target.parent.iterdir()] == ["own.git"]


def test_an_empty_folder_is_filled_and_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    create_catalog(tmp_path / "empty")
    assert git(tmp_path / "empty", "rev-list", "--count", "main") == "1"
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for name in ("taken", "file"):
        with pytest.raises(InputError, match="no catalog's repository"):
            create_catalog(tmp_path / name)
    assert (tmp_path / "taken" / "thesis.txt").read_text() == "years of work"
    assert {path.name for path in tmp_path.iterdir()} == {"empty", "taken", "file"}


def test_a_link_into_it_is_relative(embedded: Catalog) -> None:
    link = link_to("child", "themes/land/catalog.json", "products/a/collection.json", embedded.title(ROOT))
    assert section({"link": link}, "link")["href"] == "../../products/a/collection.json"
