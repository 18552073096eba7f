"""The page about conformance says what the runs said, and nothing is left without a reason."""

import re
from pathlib import Path

import pytest
from suite_reasons import REASONS
from suite_report import BEGIN, END, Case, last_line, section, table, unexplained, write

PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"
CASES = 953


def ours() -> str:
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def rows(pattern: str) -> list[tuple[str, ...]]:
    return re.findall(pattern, ours(), re.MULTILINE)


def test_the_figures_of_the_page_sum_up() -> None:
    levels = rows(r"^\| (L\d[\w-]*|all) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$")
    *each, (name, *whole) = [(level, *map(int, counts)) for level, *counts in levels]
    assert name == "all"
    assert [sum(column) for column in zip(*(counts for _, *counts in each), strict=True)] == whole
    assert all(cases == sum(outcomes) for _, cases, *outcomes in each)
    assert f"{whole[1]} passed, {whole[2]} failed, {whole[3]} skipped." in ours()
    assert whole[0] == CASES


def test_every_case_that_is_left_is_named_with_its_reason() -> None:
    left = rows(r"^\| `(\w+ \d+)` \| (L\d[\w-]*) \| (failed|skipped) \| (.+) \|$")
    (counts,) = rows(r"^\| all \| \d+ \| \d+ \| (\d+) \| (\d+) \|$")
    outcomes = [outcome for _, _, outcome, _ in left]
    assert [str(outcomes.count("failed")), str(outcomes.count("skipped"))] == list(counts)
    assert {name: why for name, _, outcome, why in left if outcome == "failed" and REASONS.get(name) != why} == {}


def case(name: str, level: str, outcome: str, message: str = "") -> Case:
    process, number = name.split()
    return Case(process, int(number), level, outcome, message)


def test_the_section_counts_by_level_and_names_what_is_left(tmp_path: Path) -> None:
    known = next(iter(REASONS))
    cases = [case("mean 1", "L1", "passed"), case(known, "L2", "failed"), case("fly 1", "L1", "skipped", "no | wings")]
    assert table(cases) == [["L1", "2", "1", "0", "1"], ["L2", "1", "0", "1", "0"], ["all", "3", "1", "1", "1"]]
    assert last_line(cases) == "1 passed, 1 failed, 1 skipped"
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write(page, section(cases, "0.2"))
    write(page, section(cases, "0.2"))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert text.count(f"| `{known}` | L2 | failed | {REASONS[known]} |") == 1
    assert "| `fly 1` | L1 | skipped | no \\| wings |" in text


def test_a_page_without_the_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{END}{BEGIN}", encoding="utf-8")
    with pytest.raises(ValueError, match="two marks"):
        write(page, "new")
    assert page.read_text(encoding="utf-8") == f"{END}{BEGIN}"


def test_new_failures_and_old_reasons_are_told() -> None:
    known = next(iter(REASONS))
    told = unexplained([case("mean 1", "L1", "failed", "wrong"), case(known, "L2", "passed")])
    assert told[0].startswith("mean 1 failed")
    assert told[1].startswith(f"{known} passes")
    assert (
        unexplained([case("mean 1", "L1", "passed"), case(known, "L2", "failed"), case("a 1", "L1", "skipped")]) == []
    )
