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


NEW_PROJECT: dict[str, object] = {
    "title": "New",
    "description": "Something new",
    "status": "planned",
    "website": "https://new.example.org/",
    "technical_officer": {"name": "Ada", "email": "ada@example.org"},
}
NEW_VARIABLE: dict[str, object] = {
    "id": "new-variable",
    "title": "New variable",
    "description": "Something else",
    "themes": ["land"],
    "definition": "https://new.example.org/variable",
}
NEW: dict[str, object] = {
    "project": "new-project",
    "variables": ["vegetation-index", "new-variable"],
    "new_project": NEW_PROJECT,
    "new_variables": [NEW_VARIABLE],
}


def test_what_is_declared_as_new_is_known() -> None:
    assert list(check(_experiment(osc=_osc(**NEW)), KNOWN)) == []
    undeclared = {key: value for key, value in NEW.items() if not key.startswith("new_")}
    assert [one.code for one in check(_experiment(osc=_osc(**undeclared)), KNOWN)] == [
        "metadata-unknown-project",
        "metadata-unknown-variable",
    ]


@pytest.mark.parametrize(
    ("changes", "code", "where", "severity"),
    [
        ({"project": "sea-level"}, "metadata-exists-already", "osc.new_project", "note"),
        ({"variables": ["vegetation-index"]}, "metadata-new-variable-unnamed", "osc.new_variables[0].id", "error"),
        (
            {"variables": ["vegetation-index"], "new_variables": [NEW_VARIABLE | {"id": "vegetation-index"}]},
            "metadata-exists-already",
            "osc.new_variables",
            "note",
        ),
        ({"new_variables": [NEW_VARIABLE] * 2}, "metadata-listed-twice", "osc.new_variables", "error"),
        (
            {"new_variables": [NEW_VARIABLE | {"themes": ["lnd"]}]},
            "metadata-unknown-theme",
            "osc.new_variables[0].themes",
            "error",
        ),
        (
            {"new_variables": [NEW_VARIABLE | {"themes": ["land", "land"]}]},
            "metadata-listed-twice",
            "osc.new_variables[0].themes",
            "error",
        ),
        (
            {"new_project": NEW_PROJECT | {"themes": ["ocean"]}},
            "metadata-unknown-theme",
            "osc.new_project.themes",
            "error",
        ),
        ({"project": "p" * 81}, "metadata-id-too-long", "osc.project", "error"),
    ],
)
def test_what_is_wrong_with_a_declared_project_or_variable(
    changes: dict[str, object], code: str, where: str, severity: str
) -> None:
    found = list(check(_experiment(osc=_osc(**(NEW | changes))), KNOWN))
    assert [(one.code, one.where, one.severity) for one in found] == [(code, f"experiment.yaml: {where}", severity)]
    assert found[0].remedy


def test_a_project_of_the_real_catalog_may_have_a_long_id() -> None:
    name = "advancing-the-study-of-extremes-" + "and-more-" * 10 + "clouds"
    assert list(check(_experiment(osc=_osc(project=name)), KNOWN.model_copy(update={"projects": {name}}))) == []
