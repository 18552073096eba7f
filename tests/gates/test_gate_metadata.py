import factories
import pytest

from earthcode_platform.gates.metadata import check
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.platform import Vocabulary

KNOWN = Vocabulary(
    projects=frozenset({"earthcode-examples", "sea-level"}),
    themes=frozenset({"land", "oceans"}),
    variables=frozenset({"vegetation-index"}),
    missions=frozenset({"sentinel-2"}),
)


def _experiment(**changes: object) -> Experiment:
    return Experiment.model_validate(factories.declaration(**changes))


def _osc(**changes: object) -> dict[str, object]:
    return {**factories.declaration()["osc"], **changes}


def test_a_good_description_gives_no_finding() -> None:
    assert list(check(_experiment(), KNOWN)) == []


def test_without_a_catalog_the_ids_are_not_checked_and_it_says_so() -> None:
    found = list(check(_experiment(osc=_osc(project="nowhere")), None))
    assert [(one.code, one.severity) for one in found] == [("metadata-catalog-not-checked", "note")]


@pytest.mark.parametrize(
    ("changes", "code", "where", "remedy"),
    [
        (
            {"project": "earthcode-example"},
            "metadata-unknown-project",
            "osc.project",
            "'earthcode-examples'?",
        ),
        ({"themes": ["land", "ocean"]}, "metadata-unknown-theme", "osc.themes", "Did you mean 'oceans'?"),
        ({"variables": ["xyz"]}, "metadata-unknown-variable", "osc.variables", "It has: vegetation-index."),
        ({"missions": ["sentinel-3"]}, "metadata-unknown-mission", "osc.missions", "Did you mean 'sentinel-2'?"),
        ({"themes": ["land", "land"]}, "metadata-listed-twice", "osc.themes", "Keep one."),
    ],
)
def test_ids_that_the_catalog_refuses(changes: dict[str, object], code: str, where: str, remedy: str) -> None:
    found = list(check(_experiment(osc=_osc(**changes)), KNOWN))
    assert [(one.code, one.severity, one.where) for one in found] == [(code, "error", f"experiment.yaml: {where}")]
    assert remedy in found[0].remedy


def test_an_empty_catalog_says_so() -> None:
    found = list(check(_experiment(), Vocabulary()))
    assert [one.code for one in found] == [
        "metadata-unknown-project",
        "metadata-unknown-theme",
        "metadata-unknown-variable",
        "metadata-unknown-mission",
    ]
    assert all(one.remedy == "It has none yet." for one in found)


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"description": "Two scenes."}, "metadata-short-description", "warning"),
        ({"title": "t" * 50, "description": "t" * 50}, "metadata-short-description", "warning"),
        ({"contacts": [{"name": "Ada"}]}, "metadata-no-email", "warning"),
        ({"osc": _osc(variables=[])}, "metadata-no-variable", "warning"),
        ({"license": "proprietary"}, "metadata-license-not-open", "warning"),
        ({"license": "various"}, "metadata-license-various", "note"),
        ({"product": {"id": "small", "title": "p"}}, "metadata-same-id", "warning"),
        (
            {"workflow": {"kind": "openeo", "entry": "w", "title": "w", "id": "small"}},
            "metadata-same-id",
            "warning",
        ),
    ],
)
def test_what_a_reader_would_miss(changes: dict[str, object], code: str, severity: str) -> None:
    found = list(check(_experiment(**changes), KNOWN))
    assert [(one.code, one.severity) for one in found] == [(code, severity)]
