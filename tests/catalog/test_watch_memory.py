"""What a run leaves for the next: whole or not at all, and never lost on two runs at once."""

import multiprocessing
from pathlib import Path

import pytest
from watched_catalogs import catalog_of, looked, night

from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.watch.memory import WatchMemory, memory_of
from earthcode_platform.catalog.watch.settle import settle
from earthcode_platform.models.watch_report import AssetLook, LinkLook, Watched

BROKEN = {"themes/oceans/catalog.json": b"{nope"}


def memory(folder: Path, warnings: list[str] | None = None) -> WatchMemory:
    return WatchMemory(folder, (warnings if warnings is not None else []).append)


def run(folder: Path, number: int = 0, edits: dict[str, bytes] | None = None) -> Watched:
    catalog = catalog_of(edits, commit=f"{number:040d}")
    looks = (looked(catalog, night(number)), LinkLook(), AssetLook())
    return settle(memory(folder), catalog, "here", looks, lambda _: None)


def test_the_next_run_finds_what_the_last_one_left(tmp_path: Path) -> None:
    assert memory(tmp_path).last() is None
    run(tmp_path, 0, BROKEN)
    report = memory(tmp_path).last()
    assert report is not None
    assert [found.code for found in report.findings] == ["catalog-document-unreadable"]
    assert report.documents.commit == "0" * 40
    assert {path.name for path in tmp_path.iterdir()} == {"last.json", "trend.jsonl", "lock"}


@pytest.mark.parametrize("content", [b"", b"{", b'{"catalog": 1}', b"\xff\xfe"])
def test_a_report_that_cannot_be_read_is_set_aside_with_a_warning(tmp_path: Path, content: bytes) -> None:
    run(tmp_path)
    (tmp_path / "last.json").write_bytes(content)
    warnings: list[str] = []
    assert memory(tmp_path, warnings).last() is None
    (aside,) = tmp_path.glob("last.json.broken-*")
    assert aside.read_bytes() == content
    assert len(warnings) == 1
    assert aside.name in warnings[0]
    assert memory(tmp_path, warnings).last() is None
    assert len(warnings) == 1
    assert run(tmp_path, 1, BROKEN).first


def test_a_torn_line_of_the_trend_is_set_aside_and_the_others_stay(tmp_path: Path) -> None:
    for number in range(3):
        run(tmp_path, number)
    lines = (tmp_path / "trend.jsonl").read_bytes().splitlines(keepends=True)
    torn = lines[0] + lines[1][:20] + b"\n" + lines[2]
    (tmp_path / "trend.jsonl").write_bytes(torn)
    warnings: list[str] = []
    assert [row.moment for row in memory(tmp_path, warnings).trend()] == [night(0), night(2)]
    assert "1 of 3 lines" in warnings[0]
    assert next(tmp_path.glob("trend.jsonl.broken-*")).read_bytes() == torn
    assert [row.moment for row in memory(tmp_path, warnings).trend()] == [night(0), night(2)]
    assert len(warnings) == 1


def test_the_trend_does_not_grow_for_ever(tmp_path: Path) -> None:
    run(tmp_path)
    held = memory(tmp_path)
    report, (row,) = held.last(), held.trend()
    assert report is not None
    held.keep(report, [row.model_copy(update={"moment": night(number)}) for number in range(1200)])
    kept = held.trend()
    assert (len(kept), kept[-1].moment) == (1000, night(1199))


def _runs(folder: Path, first: int) -> None:
    for number in range(first, first + 5):
        run(folder, number, BROKEN if number % 2 else None)


def test_runs_at_once_lose_no_line_and_leave_a_whole_report(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    racers = [context.Process(target=_runs, args=(tmp_path, 10 * number)) for number in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0, 0]
    warnings: list[str] = []
    held = memory(tmp_path, warnings)
    assert len({row.moment for row in held.trend()}) == 15
    assert held.last() is not None
    assert warnings == []
    assert {path.name for path in tmp_path.iterdir()} == {"last.json", "trend.jsonl", "lock"}


def test_each_branch_of_each_catalog_has_a_memory_of_its_own(tmp_path: Path) -> None:
    def folder(url: str, branch: str = "main") -> Path:
        repository = CatalogRepository(url, tmp_path / "cache", branch)
        return memory_of(repository, tmp_path, print).folder

    one = folder("https://ada:hunter2@example.org/x.git")
    assert one == folder("https://example.org/x.git")
    assert one.parent == tmp_path / "watch"
    assert len(one.name) == 12
    assert len({one, folder("https://example.org/y.git"), folder("https://example.org/x.git", "next")}) == 3
