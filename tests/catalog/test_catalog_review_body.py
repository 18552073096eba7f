"""What a data steward reads: everything that matters, and nothing that a stranger's text could set off."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from catalog_factories import experiment, osc, pinned, product, published, run, submitted
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from earthcode_platform.catalog.changeset import Changeset, changeset
from earthcode_platform.catalog.plain import code, plain, shown_address
from earthcode_platform.catalog.propose import Evidence
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.review_body import publication_review
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.verdict import judge
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.review import Review
from earthcode_platform.models.run import RunResult

GITHUB = "https://github.com/ESA-EarthCODE/open-science-catalog-metadata.git"
COMMIT = "c" * 40
NASTY = (
    "**bold** [x](https://evil.example) ![i](https://evil.example/i.png) <img src=x onerror=alert(1)> <!-- --> `c` | "
    "@octocat #1 GH-2 fixes https://github.com/o/r/issues/3 www.evil.example a@b.example &lt; $x$ :tada: "
    "\u202eevil\n# H"
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def reviewed(
    submission: tuple[PinnedExperiment, RunResult, Product], address: str = GITHUB, schemas: Schemas | None = None
) -> Review:
    catalog = Catalog(seed_files(), "0" * 40)
    change = changeset(catalog, *submission)
    return publication_review(evidence(catalog, change, address, schemas), *submission, update=False)


def evidence(catalog: Catalog, change: Changeset, address: str = GITHUB, schemas: Schemas | None = None) -> Evidence:
    verdict = judge(catalog, catalog.with_edits(change.edits), change, schemas)
    return Evidence(address, COMMIT, catalog, change, verdict)


def flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *flat(token.children or []))]


def test_it_says_what_a_steward_wants_to_know() -> None:
    review = reviewed(submitted())
    assert review.title == "Publish experiment sst-anomaly 1.0.0: Sea surface temperature anomaly"
    sections = re.findall(r"^#+ (.*)$", review.body, re.MULTILINE)
    assert sections == [
        "Sea surface temperature anomaly",
        "Entries",
        "Changes in existing files",
        "Validation",
        "Provenance",
        "Run it again",
    ]
    blob = f"https://github.com/ESA-EarthCODE/open-science-catalog-metadata/blob/{COMMIT}"
    path = "products/sst-anomaly-el-nino-2009/collection.json"
    assert f"| Product (new) | SST anomaly, El Niño 2009/10 | [`{path}`](<{blob}/{path}>) |" in review.body
    assert re.search(r"\d+ lines added and \d+ removed in 8 files", review.body)
    assert "- `themes/oceans/catalog.json`: +6 -0" in review.body
    assert re.search(r"held against \d\d rules, back links included, and against no JSON Schema", review.body)
    assert "No errors come with this change, and no warnings." in review.body
    assert "![Quicklook of the product](<https://results.example/archive/" in review.body
    assert f"commit `{'ab' * 20}` of `https://example.org/experiments.git`" in review.body
    assert f"| Checksum of the manifest | `{product().manifest_checksum}` |" in review.body
    assert "prefect deployment run 'rerun/local' -p experiment_id=sst-anomaly --watch" in review.body
    assert "`openeo` `0.1.0`" in review.body


def test_what_comes_new_is_among_the_entries() -> None:
    variable = {
        "id": "salt", "title": "Salt | @sea", "description": "S", "themes": ["oceans"], "definition": "https://x.example/",
    }  # fmt: skip
    review = reviewed(submitted(osc=osc(variables=["salt"], new_variables=[variable])))
    assert "| Variable (new) | Salt \\| @\N{WORD JOINER}sea | [`variables/salt/catalog.json`]" in review.body


def test_warnings_are_told_with_their_place(tmp_path: Path) -> None:
    declared = experiment()
    local = product(declared, collection_href=f"file://{tmp_path}/collection.json", quicklook_href="/srv/q.png")
    review = reviewed((pinned(declared), run(declared), local))
    assert re.search(r"No errors come with this change; \d warnings:", review.body)
    assert "- `products/sst-anomaly-el-nino-2009/collection.json` the 'via' link to " in review.body
    assert "(`publish-link-local`)" in review.body
    assert "![" not in review.body


@pytest.mark.parametrize(
    "address", ["/srv/catalog.git", "git@example.org:catalog.git", "https://git.example.org/c.git"]
)
def test_a_repository_without_pages_gets_paths(address: str) -> None:
    body = reviewed(submitted(), address).body
    assert "/blob/" not in body
    assert "| `experiments/sst-anomaly/record.json` |" in body


def test_gitlab_has_another_layout() -> None:
    assert (
        f"https://gitlab.com/esa/osc/-/blob/{COMMIT}/products/"
        in reviewed(submitted(), "https://gitlab.com/esa/osc").body
    )


def test_the_schemas_are_counted(shared: Path) -> None:
    body = reviewed(submitted(), schemas=Schemas(shared / "schemas")).body
    assert re.search(r"against \d\d official JSON Schemas", body)


def test_schemas_that_could_not_be_had_are_told(embedded: Catalog, tmp_path: Path) -> None:
    submission = submitted()
    told = evidence(embedded, changeset(embedded, *submission), schemas=Schemas.fetched(tmp_path, offline=True))
    assert (told.verdict.schemas, told.verdict.skipped > 5) == (0, True)
    some = replace(told, verdict=replace(told.verdict, schemas=3, skipped=2))
    body = publication_review(some, *submission, update=False).body
    assert "against 3 official JSON Schemas (2 more could not be had, and were skipped)." in body


def test_an_update_says_so_and_counts_its_own_files_apart(embedded: Catalog) -> None:
    before = published(embedded)
    declared = experiment(version="1.1.0")
    submission = (pinned(declared), run(declared), product(declared, values=b"better"))
    change = changeset(before, *submission)
    review = publication_review(evidence(before, change), *submission, update=True)
    assert review.title.startswith("Update experiment sst-anomaly 1.1.0")
    assert "(new)" not in review.body
    assert "- `experiments/sst-anomaly/input.yaml`: +" in review.body


def test_nothing_that_a_stranger_wrote_is_set_off() -> None:
    code_version = CodeVersion(commit="ab" * 20, dirty=True, repository=f"https://example.org/{NASTY}")
    declared = experiment(
        title=NASTY, description=NASTY, product={"id": "p", "title": NASTY},
        workflow={"kind": "openeo", "entry": "g.json", "title": NASTY},
    )  # fmt: skip
    made = product(declared, quicklook_href='https://results.example/a>b)"<img src=x>.png')
    review = reviewed((pinned(declared, code=code_version), run(declared), made))
    tokens = flat(MARKDOWN.parse(review.body))
    assert {one.type for one in tokens if "html" in one.type} == set()
    images = [str(one.attrs["src"]) for one in tokens if one.type == "image"]
    assert images == ["https://results.example/a%3Eb%29%22%3Cimg%20src=x%3E.png"]
    links = {str(one.attrs["href"]) for one in tokens if one.type == "link_open"}
    assert links
    assert all(link.startswith(("https://github.com/ESA-EarthCODE/", "https://results.example/")) for link in links)
    headings = [tokens[at + 1].content for at, one in enumerate(tokens) if one.type == "heading_open"]
    assert len(headings) == 6
    shown = "".join(one.content for one in tokens if one.type == "text")
    for active in (r"@\w", r"#\d", r"GH-\d", r"://", r"www\.\w"):
        assert re.search(active, shown, re.IGNORECASE) is None, active
        assert re.search(active, review.title, re.IGNORECASE) is None, active
    assert "\u202e" not in review.body + review.title
    assert "\n" not in review.title


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text("*_`[]()<>#!|~&$:@\\-+=1. \nab/w", max_size=40))
@example(NASTY)
@example("1) x")
@example("- x")
@example("===")
@example("    code")
def test_a_plain_text_is_one_paragraph_that_reads_as_it_was(text: str) -> None:
    written = plain(text)
    assert "\n" not in written
    tokens = MARKDOWN.parse(f"{written}\n")
    assert [one.type for one in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
    inside = flat(tokens)[2:-1] if tokens else []
    assert {one.type for one in inside} <= {"text", "text_special"}
    read = "".join(one.content for one in inside).replace("\N{WORD JOINER}", "")
    expected = " ".join(
        "".join(one for one in text.replace("\N{WORD JOINER}", "") if one.isspace() or kept(one)).split()
    )
    assert read == expected


def kept(character: str) -> bool:
    return plain(f"x{character}x") != "xx"


@settings(max_examples=100, deadline=None)
@given(st.text("`| a\n\\<@", max_size=12))
def test_a_code_span_is_one(text: str) -> None:
    tokens = flat(MARKDOWN.parse(f"x {code(text)} y\n"))
    assert [one.type for one in tokens if one.type not in ("text", "text_special")] == [
        "paragraph_open", "inline", "code_inline", "paragraph_close"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "", "http://example.org/q.png", "file:///srv/q.png", "/srv/q.png", "https://localhost/q.png",
        "https://archive/q.png", "https://10.0.0.1/q.png", "https://[::1]/q.png", "https://a.internal/q.png",
        "https://me:hunter2@example.org/q.png", "https://example.org/q.png?X-Amz-Signature=abc", "https://[x/q.png",
    ],
)  # fmt: skip
def test_an_address_that_not_everybody_may_follow_is_none(address: str) -> None:
    assert shown_address(address) == ""


def test_an_address_that_everybody_may_follow_stays() -> None:
    assert (
        shown_address("https://results.example/a b/é.png?page=1") == "https://results.example/a%20b/%C3%A9.png?page=1"
    )


def test_what_was_pushed_is_what_the_review_links_to(bare: Path, tmp_path: Path) -> None:
    from reviewing import ReviewingRepository

    repository = ReviewingRepository(bare, tmp_path / "work")
    publication = publish(repository, *submitted())
    assert "Run it again" in repository.reviews[publication.branch].body


def test_a_body_stays_within_what_github_takes() -> None:
    long = "[x](y) @a " * 2000
    declared = experiment(title=long, description=long, product={"id": "p", "title": long})
    local = "file:///srv/" + "long-" * 100
    made = product(
        declared,
        data_checksums={f"asset-{number}": "1220" + "a" * 64 for number in range(2000)},
        collection_href=f"{local}/collection.json",
        workflow_href=f"{local}/graph.json",
    )
    review = reviewed((pinned(declared), run(declared), made))
    assert len(review.title) <= 256
    assert len(review.body) < 65536
    assert "| Further checksums | 1970, in the experiment's `input.yaml` |" in review.body
