"""Every broken experiment is refused, at the gate that is responsible, with its own words."""

from pathlib import Path

import broken
import factories
import pytest

from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.vocabulary import vocabulary
from earthcode_platform.cli.checking import Asked, develop, validate
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.platform import Vocabulary


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return vocabulary(Catalog(seed_files()))


def _errors(folder: Path, known: Vocabulary) -> list[Finding]:
    try:
        found = validate(develop(Asked(folder, {}, {})), known)
    except RefusedError as error:
        found = list(error.findings)
    return [one for one in found if one.severity == Severity.ERROR]


def test_the_experiment_that_they_start_from_is_good(tmp_path: Path, known: Vocabulary) -> None:
    assert _errors(factories.experiment_folder(tmp_path / "small"), known) == []


def test_each_has_a_name_of_its_own() -> None:
    assert len({case.id for case in broken.CASES}) == len(broken.CASES) >= 40


@pytest.mark.parametrize("case", broken.CASES, ids=lambda case: case.id)
def test_it_is_refused_at_its_gate_with_its_own_words(case: broken.Broken, tmp_path: Path, known: Vocabulary) -> None:
    found = _errors(broken.build(case, tmp_path / "small"), known)
    assert case.code in [one.code for one in found]
    assert {one.code.partition("-")[0] for one in found} == {case.gate, *case.also}
    assert any(case.told in str(one) for one in found if one.code == case.code)
    assert all(broken.SECRET not in one.model_dump_json() for one in found)
