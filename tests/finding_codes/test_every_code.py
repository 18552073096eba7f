"""Every code that the source can raise is declared, and every one that is declared is raised."""

import re
from collections.abc import Mapping

import pytest
from raised import ANY, Source

from earthcode_platform.engines.openeo import verdicts
from earthcode_platform.finding_codes.registry import families, is_declared
from earthcode_platform.models.link_outcome import LinkState

ERRORS = ("ExecutionError", "InputError", "UnknownNameError")
PACKAGES = ("earthcode_platform", "tasks", "flows", "blocks")


OPENEO = "earthcode_platform.engines.openeo"


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(*PACKAGES)


@pytest.fixture(scope="module")
def raised(source: Source) -> Mapping[str, set[str]]:
    return source.raised()


def openeo_codes(source: Source) -> set[str]:
    """The codes that follow from messages that begin with an error code of the openEO API."""
    code = verdicts._OPENEO_CODE  # noqa: SLF001 - the rule by which such messages become codes
    named = [code.match(text) for kind in ERRORS for text in source.passed(kind, "message", 0, OPENEO)]
    return {"-".join(["workflow", *re.findall(r"[A-Z][a-z]+", one.group(1))]).lower() for one in named if one}


def unknown_names(source: Source) -> set[str]:
    """The codes that follow from the kinds of names that are looked up while a graph is rehearsed."""
    packages = (OPENEO, "earthcode_platform.cubes")
    kinds = {kind for package in packages for kind in source.passed("among", "kind", 0, package)} - {ANY}
    return {f"workflow-unknown-{kind.partition(' of ')[0].replace(' ', '-')}" for kind in kinds}


def link_states(_: Source) -> set[str]:
    return {f"catalog-external-{state}" for state in LinkState if state not in (LinkState.ALIVE, LinkState.UNKNOWN)}


def vocabularies(_: Source) -> set[str]:
    return {f"publish-unknown-{kind}" for kind in ("project", "theme", "variable", "mission")}


NOT_FOLLOWED = {
    ("*", f"{OPENEO}.check"): openeo_codes,
    ("workflow-unknown-*", f"{OPENEO}.check"): unknown_names,
    ("catalog-external-*", "earthcode_platform.catalog.outside.findings"): link_states,
    ("publish-unknown-*", "earthcode_platform.catalog.submission"): vocabularies,
}
"""Places whose codes are built from data, and which codes those are."""


@pytest.fixture(scope="module")
def every(source: Source, raised: Mapping[str, set[str]]) -> set[str]:
    followed = {code for code in raised if ANY not in code}
    return followed.union(*(codes(source) for codes in NOT_FOLLOWED.values()))


def test_every_place_that_tells_a_finding_is_followed(raised: Mapping[str, set[str]]) -> None:
    open_places = {(code, place) for code, places in raised.items() if ANY in code for place in places}
    assert open_places == NOT_FOLLOWED.keys()


def test_every_code_that_is_raised_is_declared(raised: Mapping[str, set[str]], every: set[str]) -> None:
    missing = {code: sorted(raised.get(code, ())) for code in every if not is_declared(code)}
    assert missing == {}, "Add a line to earthcode_platform/finding_codes/<family>.toml, then run `make findings`."


def test_every_code_that_is_declared_is_raised(every: set[str]) -> None:
    assert {code for family in families() for code in family.rules} - every == set()


def test_the_source_is_really_read(raised: Mapping[str, set[str]]) -> None:
    # One code a way in which codes reach a finding: a method, a field, a loop over results, a number, a decorator.
    known = {
        "workflow-cycle",
        "workflow-local-input",
        "workflow-other-format",
        "workflow-ogc-14",
        "catalog-via-missing",
    }
    assert known <= raised.keys()
