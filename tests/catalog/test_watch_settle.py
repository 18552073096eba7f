"""What is new, gone and still there, and how it reads."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from watched_catalogs import catalog_of, looked, night

from earthcode_platform.catalog.watch import page
from earthcode_platform.catalog.watch.memory import WatchMemory
from earthcode_platform.catalog.watch.settle import settle
from earthcode_platform.models.catalog_drift import CatalogDrift
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.watch_report import AssetLook, LinkLook, Suspect, Watched, WatchVerdict

THEME, MISSION = "themes/oceans/catalog.json", "eo-missions/envisat/catalog.json"
BROKEN = {THEME: b"{nope"}


class Nights:
    """Runs of the watch on one catalog, one a night."""

    def __init__(self, folder: Path) -> None:
        self.memory = WatchMemory(folder, print)
        self.number = 0

    def __call__(
        self, edits: Mapping[str, bytes] | None = None, links: LinkLook | None = None, assets: AssetLook | None = None
    ) -> Watched:
        catalog = catalog_of(edits, commit=f"{self.number:x}" * 40)
        looks = (looked(catalog, night(self.number)), links, assets)
        self.number += 1
        return settle(self.memory, catalog, "https://ada:hunter2@example.org/x.git", looks, lambda _: None)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def finding(file: str = THEME, message: str = "m.", severity: Severity = Severity.ERROR) -> CatalogFinding:
    return CatalogFinding(
        code="catalog-x", severity=severity, file=file, pointer="", line=1, value="", message=message, mend="Mend it."
    )


def test_in_the_first_run_nothing_is_new(nights: Nights) -> None:
    first = nights(BROKEN)
    assert str(first.verdict) == "1 error, first run"
    assert (first.drift.new, len(first.drift.still), first.verdict.worse) == ((), 1, False)
    assert "This is the first run" in page.changes(first)


def test_an_error_comes_and_goes(nights: Nights) -> None:
    assert str(nights().verdict) == "valid, first run"
    assert str(nights().verdict) == "valid, nothing new"
    worse = nights(BROKEN)
    assert str(worse.verdict) == "1 error, 1 new"
    assert worse.verdict.worse
    again = nights(BROKEN)
    assert str(again.verdict) == "1 error, nothing new"
    assert not again.verdict.worse
    better = nights()
    assert str(better.verdict) == "valid, 1 gone"
    assert [row.errors for row in better.trend] == [0, 0, 1, 1, 0]
    assert [row.new for row in better.trend] == [0, 0, 1, 0, 0]


def test_the_pages_of_these_runs(nights: Nights) -> None:
    nights()
    unchanged, worse, better = nights(), nights(BROKEN), nights()
    assert "**Nothing new** since 2026-03-04 02:17 UTC (commit `000000000000`)." in page.changes(unchanged)
    assert "1 new, 0 gone" in page.changes(worse)
    assert "- **error** it is not readable as JSON" in page.changes(worse)
    assert f"In `{THEME}:1`." in page.changes(worse)
    assert "## Gone" in page.changes(better)
    assert "Errors, oldest run first: `▁▁█▁` (from 0 to 1)" in page.trend(better)
    assert page.trend(better).splitlines()[6].startswith("| 2026-03-07 02:17 | `333333333333` | 0 |")
    (row,) = page.rows(worse)
    assert (row["since"], row["severity"], row["rule"]) == ("new", "error", "catalog-document-unreadable")
    assert "Looked at all 16 documents." in page.summary(worse)
    assert "hunter2" not in page.summary(worse) + worse.model_dump_json()


def test_what_could_not_be_told_is_told_by_the_next_run(nights: Nights, tmp_path: Path) -> None:
    nights()

    def fails(_: Watched) -> None:
        raise ConnectionError

    catalog = catalog_of(BROKEN)
    with pytest.raises(ConnectionError):
        settle(WatchMemory(tmp_path, print), catalog, "x", (looked(catalog, night(1)), None, None), fails)
    assert nights(BROKEN).verdict.worse


def test_links_and_files_that_a_run_leaves_out_stand_as_they_were(nights: Nights) -> None:
    links = LinkLook(addresses=2, requests=3, states={"broken": 2}, findings=(finding(), finding(MISSION)))
    suspects = tuple(Suspect(file=file, href="h", document="", asset="a") for file in (THEME, MISSION))
    assets = AssetLook(turn=4, parts=2, recorded=9, compared=2, findings=links.findings, suspects=suspects)
    assert str(nights(None, links, assets).verdict) == "4 errors, first run"
    left_out = nights()
    assert str(left_out.verdict) == "4 errors, nothing new"
    assert (left_out.links.requests, left_out.assets.compared, left_out.assets.turn) == (0, 0, 4)
    report = nights.memory.last()
    assert report is not None
    assert (report.links.findings, report.assets.suspects) == (links.findings, suspects)


def watched(*new: CatalogFinding, still: tuple[CatalogFinding, ...] = ()) -> Watched:
    row = {"moment": night(0), "commit": "0" * 40, "errors": 0, "warnings": 0, "notes": 0, "new": 0, "gone": 0}
    return Watched.model_validate(
        {
            "catalog": "x",
            "first": False,
            "rebased": True,
            "documents": looked(catalog_of()),
            "links": LinkLook(addresses=7, requests=9, states={"alive": 5, "broken": 2}),
            "assets": AssetLook(recorded=40, compared=3, turn=5, parts=4),
            "drift": CatalogDrift(new=new, gone=(), still=still),
            "trend": [row | {"codes": {}, "seconds": 1.26, "requests": 0}],
        }
    )


def test_a_table_says_what_it_leaves_out_and_shows_errors_first() -> None:
    notes = tuple(finding(message=f"{number}.", severity=Severity.NOTE) for number in range(600))
    shown = watched(
        finding(message="new note.", severity=Severity.NOTE), finding(message="new."), still=(*notes, finding())
    )
    rows = page.rows(shown)
    assert [(row["since"], row["what"]) for row in rows[:4]] == [
        ("new", "new."),
        ("new", "new note."),
        ("before", "m."),
        ("before", "0."),
    ]
    assert len(rows) == 500
    assert "The table shows the first 500 of 603 findings; 103 are left out." in page.summary(shown)
    assert "7 external addresses: 5 alive, 2 broken; 9 requests." in page.summary(shown)
    assert "3 files compared (part 2 of 4 of what is recorded)." in page.summary(shown)
    assert "The rules or schemas are not those of the run before" in page.changes(shown)
    assert "## Still there: 1 error, 600 notes" in page.changes(shown)
    assert "| `catalog-x` | note | 600 |" in page.changes(shown)


def test_a_list_says_what_it_leaves_out() -> None:
    listed = page.changes(watched(*(finding(message=f"{number}.") for number in range(60))))
    assert "- and 10 more findings, left out here" in listed
    assert "49." in listed
    assert "50." not in listed


def test_what_stands_in_many_files_is_said_once_and_errors_come_first() -> None:
    alike = tuple(finding(file=f"{number}.json", message="https://a.example/b_c is broken.") for number in range(5))
    listed = page.changes(watched(finding(message="w.", severity=Severity.WARNING), *alike))
    lines = [line for line in listed.splitlines() if line.startswith("- ")]
    assert lines == [
        "- **error** <https://a.example/b_c> is broken. Mend it. In `0.json:1`, `1.json:1`, `2.json:1` and 2 more.",
        f"- **warning** w. Mend it. In `{THEME}:1`.",
    ]


def test_what_others_wrote_is_no_markup() -> None:
    text = page.changes(watched(finding(message="<img src=x> [a](b) *c* `d` | e\n# f" + "g" * 500, file="a`b")))
    (line,) = [line for line in text.splitlines() if line.startswith("- **error**")]
    assert r"\<img src=x\> \[a\](b) \*c\* \`d\` \| e \# f" in line
    assert "g…" in line
    assert "In `a'b:1`." in line


def test_bars_rise_with_their_values() -> None:
    assert page.sparkline([5, 5, 5]) == "▁▁▁"
    assert page.sparkline([0, 50, 100]) == "▁▄█"
    assert page.sparkline([]) == ""


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"errors": 12, "new": 2, "new_errors": 2}, "12 errors, 2 new"),
        ({"warnings": 1, "notes": 3, "gone": 1}, "valid, 1 warning, 3 notes, 1 gone"),
        ({"first": True, "errors": 1}, "1 error, first run"),
    ],
)
def test_a_verdict_in_words(counts: dict[str, object], text: str) -> None:
    zero = dict.fromkeys(("errors", "warnings", "notes", "new_errors", "new", "gone", "requests", "seconds"), 0)
    verdict = WatchVerdict.model_validate({"catalog": "x", "commit": "0", "first": False, **zero, **counts})
    assert str(verdict) == text
    assert verdict.valid == (verdict.errors == 0)
