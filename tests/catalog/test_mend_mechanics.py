"""What has one right mend is mended with the smallest edit; what takes a decision is left alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from catalog_factories import published
from catalog_mutants import (
    LISTING,
    MISSION,
    MUTANTS,
    PRODUCT,
    PROJECT,
    THEME,
    TOP,
    VARIABLE,
    WORKFLOW,
    Change,
    Mutant,
    again,
    drop,
    linked,
    put,
    theme,
    without,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earthcode_platform.catalog.mend.mending import Mended, mend
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.models.catalog_drift import drift
from earthcode_platform.models.finding import Severity

SERVED = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
EXPERIMENTS = "experiments/catalog.json"


def names_kinds_again(document: dict[str, Any]) -> None:
    document["links"] += [one for one in document["links"] if one["rel"] == "child"][:2]


MECHANICAL = [
    Mutant("root-wrong", PRODUCT, without("root")),
    Mutant("root-wrong", LISTING, linked("root", href="./catalog.json")),
    Mutant("root-wrong", THEME, linked("root", href=f"{SERVED}catalog.json")),
    Mutant("parent-wrong", VARIABLE, linked("parent", href="../../catalog.json")),
    Mutant("parent-wrong", WORKFLOW, without("parent")),
    Mutant("parent-wrong", EXPERIMENTS, linked("parent", href="../../catalog.json")),
    Mutant("link-title-wrong", MISSION, linked("parent", title="Missions")),
    Mutant("link-title-wrong", "projects/catalog.json", linked("child", title="Another project")),
    Mutant("link-title-wrong", VARIABLE, put(title="Warmth"), "variables/catalog.json"),
    Mutant("link-type-wrong", THEME, linked("root", type="text/html")),
    Mutant("link-type-wrong", PRODUCT, linked("related", type="text/html")),
    Mutant("theme-unknown", VARIABLE, without("related", "themes")),
    Mutant("theme-unknown", VARIABLE, linked("related", "themes", href=f"{SERVED}themes/oceans/catalog.json")),
    Mutant("theme-unlinked", PRODUCT, theme("land")),
    Mutant("theme-unlinked", VARIABLE, theme("land")),
    Mutant("project-unknown", PRODUCT, linked("related", "projects/", title="Project")),
    Mutant("variable-unknown", PRODUCT, lambda it: it["osc:variables"].append("vegetation-index")),
    Mutant("mission-unknown", PRODUCT, without("related", "eo-missions/envisat")),
    Mutant("experiment-unknown", PRODUCT, without("related", "experiments/")),
    Mutant("workflow-unknown", "experiments/sst-anomaly/record.json", without("related", "workflows/")),
    Mutant("back-link-missing", PROJECT, without("child", "products/"), PRODUCT),
    Mutant("back-link-missing", THEME, without("child", "products/"), PRODUCT),
    Mutant("back-link-missing", VARIABLE, without("child", "products/"), PRODUCT),
    Mutant("back-link-missing", MISSION, without("child", "products/"), PRODUCT),
    Mutant("preview-wrong", THEME, linked("preview", **{"proj:shape": [1, 1]})),
    Mutant("kind-unlisted", TOP, without("child", "themes/")),
    Mutant("kind-unlisted", TOP, names_kinds_again),
    Mutant("listing-wrong", LISTING, without("child")),
    Mutant("listing-wrong", LISTING, again("child")),
    Mutant("listing-wrong", EXPERIMENTS, lambda it: it["links"][-1].update(rel="child")),
]
"""Each breaks a rule whose mend follows from the rest of the catalog."""

DECISIONS = {
    *("link-repeated", "link-dangling", "child-dangling", "self-stale", "self-elsewhere", "self-foreign"),
    *("interval-reversed", "doi-wrong", "theme-repeated", "id-differs", "license-wrong", "email-wrong"),
    *("input-file-missing", "environment-file-missing", "title-missing", "record-link-missing"),
}
"""Rules of which no finding is ever mended by itself."""

RIGHT = published(Catalog(seed_files(), "0" * 40))


def mended(catalog: Catalog) -> Mended:
    """The mend, after checking what holds of every mend."""
    before = validate(catalog, strict=True)
    done = mend(catalog, before)
    after = validate(catalog.with_edits(done.edits), strict=True)
    assert done.report == after
    change = drift(before.findings, after.findings)
    assert (change.new, change.gone) == ((), done.mended)
    again = mend(catalog.with_edits(done.edits), after)
    assert (again.edits, again.mended) == ({}, ())
    return done


def of(change: Change, path: str) -> Catalog:
    return Mutant("", path, change).of(RIGHT)


@pytest.mark.parametrize("mutant", MECHANICAL, ids=lambda it: f"{it.code}-{it.path.replace('/', '-')}")
def test_it_is_mended(mutant: Mutant) -> None:
    mutated = mutant.of(RIGHT)
    done = mended(mutated)
    assert done.mended
    assert list(map(str, done.report.findings)) == []


@pytest.mark.parametrize("mutant", MECHANICAL, ids=lambda it: f"{it.code}-{it.path.replace('/', '-')}")
def test_it_is_mended_without_a_change_elsewhere_in_the_document(mutant: Mutant) -> None:
    mutated = mutant.of(RIGHT)
    for path, content in mended(mutated).edits.items():
        before, after = json.loads(mutated.content(path)), json.loads(content)
        assert before | {"links": 0} == after | {"links": 0}
        kept = [one for one in before["links"] if one in after["links"]]
        assert len(kept) >= len(before["links"]) - 2


@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.code in DECISIONS], ids=lambda it: f"{it.code}-{it.path.split('/')[0]}"
)
def test_a_decision_is_left_to_people(mutant: Mutant) -> None:
    done = mended(mutant.of(RIGHT))
    assert (done.edits, done.mended) == ({}, ())
    assert f"catalog-{mutant.code}" in {found.code for found in done.report.findings}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: f"{it.code}-{it.path.split('/')[0]}")
def test_no_mend_brings_a_fault(mutant: Mutant) -> None:
    mended(mutant.of(RIGHT))


def test_a_back_link_is_the_last_link_and_says_everything() -> None:
    done = mended(of(without("child", "products/"), THEME))
    assert list(done.edits) == [THEME]
    assert json.loads(done.edits[THEME])["links"][-1] == {
        "rel": "child",
        "href": f"../../{PRODUCT}",
        "type": "application/json",
        "title": "SST anomaly, El Niño 2009/10",
    }


def test_warnings_are_not_mended() -> None:
    done = mended(of(without("child"), WORKFLOW))
    assert done.edits == {}
    assert [found.severity for found in done.report.findings] == [Severity.WARNING]


def test_a_link_that_says_more_is_not_dropped_from_a_listing() -> None:
    def twice(document: dict[str, Any]) -> None:
        child = next(one for one in document["links"] if one["rel"] == "child")
        document["links"].append(child | {"title": "Wrong", "note": "seen by nobody"})

    done = mended(of(twice, LISTING))
    assert "catalog-listing-wrong" in {found.code for found in done.report.findings}
    assert json.loads(done.edits[LISTING])["links"][-1]["note"] == "seen by nobody"


def test_a_target_without_a_title_gives_no_link() -> None:
    catalog = of(without("child", "products/"), THEME)
    catalog = Mutant("", PRODUCT, put(title="")).of(catalog)
    done = mended(catalog)
    assert THEME not in done.edits


@pytest.mark.parametrize("title", ["\ud800", "half \udcff"])
def test_half_a_character_is_written_nowhere(title: str) -> None:
    catalog = Mutant("", PRODUCT, put(title=title)).of(of(without("child", "products/"), THEME))
    done = mended(catalog)
    assert set(done.edits) & {THEME, LISTING} == set()


def test_an_edit_that_brings_a_fault_is_dropped_and_the_others_are_made(tmp_path: Path) -> None:
    catalog = Mutant("", MISSION, without("child")).of(of(without("child", "products/"), THEME))
    links = json.loads(catalog.content(THEME))["links"]
    schema = tmp_path / "esa-earthcode.github.io/open-science-catalog-validation/schemas/themes/children.json"
    schema.parent.mkdir(parents=True)
    schema.write_text(json.dumps({"properties": {"links": {"maxItems": len(links)}}}))
    before = validate(catalog, strict=True, schemas=Schemas(tmp_path))
    done = mend(catalog, before, schemas=Schemas(tmp_path))
    assert list(done.edits) == [MISSION]
    assert [found.code for found in done.mended] == ["catalog-back-link-missing"]
    assert drift(before.findings, done.report.findings).new == ()


def test_an_address_with_a_host_becomes_relative_and_stands_once() -> None:
    done = mended(of(linked("related", "themes", href=f"{SERVED}themes/oceans/./catalog.json"), VARIABLE))
    links = json.loads(done.edits[VARIABLE])["links"]
    assert [one["href"] for one in links if one["rel"] == "related"] == ["../../themes/oceans/catalog.json"]


def test_links_that_are_no_array_are_left_alone() -> None:
    catalog = Mutant("", MISSION, without("child")).of(of(put(links={"root": 1}), THEME))
    done = mended(catalog)
    assert list(done.edits) == [MISSION]


def test_links_that_are_missing_are_added() -> None:
    done = mended(of(drop("links"), MISSION))
    assert [one["rel"] for one in json.loads(done.edits[MISSION])["links"]] == ["root", "parent", "child"]
    mended_codes = {"catalog-root-wrong", "catalog-parent-wrong", "catalog-back-link-missing"}
    assert mended_codes <= {found.code for found in done.mended}


def test_only_what_is_wanted_is_mended() -> None:
    catalog = Mutant("", MISSION, without("child")).of(of(without("child", "products/"), THEME))
    report = validate(catalog, strict=True)
    themes = [found for found in report.findings if "/themes/" in found.pointer]
    done = mend(catalog, report, wanted=themes)
    assert list(done.edits) == [THEME]
    assert done.mended == tuple(themes)


@given(st.lists(st.sampled_from(MECHANICAL), min_size=2, max_size=4, unique_by=lambda it: it.path))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_several_faults_are_mended_at_once(mutants: list[Mutant]) -> None:
    catalog = RIGHT
    for mutant in mutants:
        catalog = mutant.of(catalog)
    assert list(map(str, mended(catalog).report.findings)) == []


@given(st.lists(st.sampled_from([one for one in MUTANTS if one.code != "title-missing"]), min_size=2, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_broken_no_mend_makes_it_worse(mutants: list[Mutant]) -> None:
    catalog = RIGHT
    for mutant in mutants:
        document = json.loads(catalog.content(mutant.path))
        try:
            mutant.change(document)
        except (KeyError, StopIteration, IndexError):
            continue
        catalog = catalog.with_edits({mutant.path: json.dumps(document, indent=2).encode()})
    mended(catalog)
