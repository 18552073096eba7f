"""The verdict on hundreds of changes of the real catalog is the one that the written rules ask for.

The expectations stand with the operators and come from the rules, not from our validator. Beside the project they were
held against the official validator (docs/decisions/0009); here they are held against ours.
"""

import random
from collections import Counter
from pathlib import Path

import pytest
from mutant_generator import Mutant, Real, mutants
from mutants_of_entries import ENTRY_OPS
from mutants_of_facts import FACT_OPS
from mutants_of_files import FILE_OPS
from mutants_of_links import LINK_OPS
from mutants_of_references import REFERENCE_OPS

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.validate.exceptions import EXCEPTIONS
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport
from earthcode_platform.models.finding import Severity

SEED = 20260715
OPS = [*LINK_OPS, *ENTRY_OPS, *FACT_OPS, *REFERENCE_OPS, *FILE_OPS]
FEW = 40
"""Documents that a change may touch for the quick tests; the title of a listing touches a thousand."""


@pytest.fixture(scope="module")
def real(real_folder: Path) -> Real:
    return Real(read_catalog(real_folder))


@pytest.fixture(scope="module")
def schemas(shared: Path) -> Schemas:
    return Schemas(shared / "schemas")


@pytest.fixture(scope="module")
def chosen(real: Real) -> list[Mutant]:
    """One mutant for every operator and one or two of its kinds."""
    return list(mutants(real, OPS, seed=SEED, kinds=2))


def errors(report: CatalogReport) -> set[CatalogFinding]:
    return {one for one in report.findings if one.severity is Severity.ERROR}


def wrong(real: Real, mutant: Mutant, schemas: Schemas, *, whole: bool = False) -> str:
    """Return how the verdict in gate mode differs from what is expected; empty if it does not."""
    only = None if whole else real.affected(mutant)
    report = validate(real.mutated(mutant), schemas=schemas, only=only)
    codes = {one.code.removeprefix("catalog-") for one in errors(report)}
    warned = {number for number in EXCEPTIONS if any(f"({number})" in one.message for one in report.findings)}
    asked = mutant.op
    if (asked.gate in codes) != bool(asked.gate) or report.valid == bool(asked.gate):
        return f"{mutant.name}: {asked.gate or 'nothing'} is wanted, {sorted(codes)} was found in {mutant.path}"
    if not asked.gate and warned != {asked.warns} - {""} and not (asked.warns and asked.warns in warned):
        return f"{mutant.name}: a warning of {asked.warns or 'nothing'} is wanted, {sorted(warned)} were given"
    return ""


def test_there_are_enough_of_every_kind(chosen: list[Mutant]) -> None:
    kinds = Counter(mutant.name.partition("[")[2].split(" ")[0] for mutant in chosen)
    assert len(chosen) >= 400
    for kind in ("products", "items", "projects", "workflows", "experiments", "themes", "variables", "eo-missions"):
        assert kinds[kind] >= 15, kind
    assert sum(count for kind, count in kinds.items() if kind.endswith("/")) >= 30
    assert kinds["top"] >= 10
    assert len([one for one in chosen if not one.op.gate]) >= 100
    assert {one.op.warns for one in chosen} - {""} == EXCEPTIONS.keys() - {"EX14", "EX15"}


def test_the_generator_gives_the_same_for_the_same_seed(real: Real, chosen: list[Mutant]) -> None:
    again = [one.edits for one in mutants(real, OPS, seed=SEED, kinds=2)]
    assert again == [one.edits for one in chosen]
    assert [one.edits for one in mutants(real, OPS, seed=SEED + 1, kinds=2)] != again


def test_gate_mode_gives_the_verdict_of_the_rules(real: Real, chosen: list[Mutant], schemas: Schemas) -> None:
    few = [one for one in chosen if len(real.affected(one)) <= FEW]
    assert len(few) >= 350
    assert [found for one in few if (found := wrong(real, one, schemas))] == []


def test_strict_mode_adds_what_the_rules_add(real: Real, chosen: list[Mutant], schemas: Schemas) -> None:
    asked = [one for one in chosen if one.op.strict and len(real.affected(one)) <= FEW]
    assert len(asked) >= 50
    missed = []
    for one in asked:
        only = real.affected(one)
        before = {
            (it.code, it.file, it.pointer, it.value)
            for it in errors(validate(real.catalog, strict=True, schemas=schemas, only=only))
        }
        found = errors(validate(real.mutated(one), strict=True, schemas=schemas, only=only))
        if f"catalog-{one.op.strict}" not in {
            it.code for it in found if (it.code, it.file, it.pointer, it.value) not in before
        }:
            missed.append(one.name)
    assert missed == []


@pytest.mark.service
def test_looking_at_the_affected_is_enough(real: Real, chosen: list[Mutant], schemas: Schemas) -> None:
    some = random.Random(SEED).sample(chosen, 4)  # noqa: S311 - nothing secret
    assert [found for one in some if (found := wrong(real, one, schemas, whole=True))] == []
