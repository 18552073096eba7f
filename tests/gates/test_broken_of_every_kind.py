"""Experiments of every kind, broken by a seed: each is refused with the right code, and none with a traceback.

Nineteen changes of four kinds, and the rows of `broken.CASES`: 170 experiments. A quarter of the former runs here, the
rest with the tests of services.
"""

import json
from pathlib import Path
from random import Random

import broken
import pytest
from mutations import GOOD, MUTATIONS, Mutation

from earthcode_platform.catalog.seed import create_catalog
from earthcode_platform.cli.app import app

SEED = 2026
PAIRS = [(kind, mutation) for kind in GOOD for mutation in MUTATIONS]
SAMPLE = PAIRS[::4]
ELSEWHERE = {"workflow": {"inputs"}, "inputs": {"workflow"}, "configuration": {"workflow"}}
"""Gates that may have something to say too: an engine looks at the data that its workflow reads."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("catalog") / "catalog.git"
    create_catalog(path)
    return path


def _named(value: object) -> str:
    return getattr(value, "__name__", str(value))


def _refused(folder: Path, catalog: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    status = app(["check", str(folder), "--catalog", str(catalog), "--json"], result_action="return_value")
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    findings = json.loads(printed.out)["findings"]
    codes = [one["code"] for one in findings if one["severity"] == "error"]
    assert status == int(bool(codes)), printed
    assert all(one["message"] and one["where"] for one in findings)
    return codes


def _check(kind: str, mutation: Mutation, folder: Path, catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = Random(f"{SEED} {kind} {mutation.__name__}")  # noqa: S311 - the same every time
    code = mutation(GOOD[kind](folder), rng)
    codes = _refused(folder, catalog, capsys)
    assert code in codes
    gate = code.partition("-")[0]
    assert {one.partition("-")[0] for one in codes} - {gate} <= ELSEWHERE.get(gate, set())


def test_there_are_more_than_120() -> None:
    assert len(PAIRS) + len(broken.CASES) >= 165
    assert {kind for kind, _ in SAMPLE} == set(GOOD)
    assert {mutation for _, mutation in SAMPLE} == set(MUTATIONS)


@pytest.mark.parametrize("kind", GOOD)
def test_the_good_ones_are_accepted(
    kind: str, tmp_path: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _refused(GOOD[kind](tmp_path / "small"), catalog, capsys) == []


@pytest.mark.parametrize(("kind", "mutation"), SAMPLE, ids=_named)
def test_a_broken_one_is_refused_with_its_code(
    kind: str, mutation: Mutation, tmp_path: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _check(kind, mutation, tmp_path / "small", catalog, capsys)


@pytest.mark.service
@pytest.mark.parametrize(("kind", "mutation"), [pair for pair in PAIRS if pair not in SAMPLE], ids=_named)
def test_so_are_the_others(
    kind: str, mutation: Mutation, tmp_path: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _check(kind, mutation, tmp_path / "small", catalog, capsys)
