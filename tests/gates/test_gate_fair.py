"""FAIR, principle by principle."""

from pathlib import Path

import factories
import pytest

from earthcode_platform.gates.fair import ASKS, fair
from earthcode_platform.gates.fair_published import published
from earthcode_platform.models.fair import FairReport, State
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment

PRODUCTS = ["F1", "F2", "F3", "F4", "A1", "A1.1", "A1.2", "A2", "I1", "I2", "I3", "R1", "R1.1", "R1.2", "R1.3"]
WORKFLOWS = [*("F1", "F1.2", "F2", "F3", "F4", "A1", "A1.1", "A1.2", "A2"), *("I1", "I2", "I3", "R1", "R1.1", "R1.2")]
WORKFLOWS += ["R2", "R3"]
CLEAN = CodeVersion(commit="a" * 40, dirty=False, repository="https://example.org/x.git")


def _lacking(report: FairReport) -> list[str]:
    return [one.name for one in report.principles if one.state is State.NOT_MET]


def _described(pinned: PinnedExperiment, code: CodeVersion | None = CLEAN, **changes: object) -> PinnedExperiment:
    return pinned.model_copy(update={"code": code, "experiment": pinned.experiment.model_copy(update=changes)})


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    made = factories.pinned(factories.experiment_folder(tmp_path))
    osc = made.experiment.osc.model_copy(update={"variables": ("vegetation-index",), "missions": ("sentinel-2",)})
    contact = made.experiment.contacts[0].model_copy(update={"email": "ada@example.org"})
    told = "Which fields near Bari grow two crops a year, by the seasons of their greenness?"
    return _described(made, osc=osc, contacts=(contact,), description=told)


def test_an_experiment_is_held_to_every_principle_of_workflows(pinned: PinnedExperiment) -> None:
    report = fair(pinned)
    assert [one.name for one in report.principles] == WORKFLOWS
    assert _lacking(report) == []
    assert report.score == "13 of the 13 principles that apply (F 3/3, A 2/2, I 3/3, R 5/5)"
    assert {one.asks for one in report.principles} <= set(ASKS.values())


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"description": "A map."}, ["F2"]),
        ({"license": "proprietary"}, ["R1.1"]),
        ({"code": None}, ["A1", "R1.2"]),
        ({"code": CLEAN.model_copy(update={"repository": None})}, ["A1"]),
        ({"code": CLEAN.model_copy(update={"dirty": True})}, ["R1.2"]),
    ],
)
def test_what_an_experiment_lacks_is_told(
    pinned: PinnedExperiment, changes: dict[str, object], lacking: list[str]
) -> None:
    report = fair(_described(pinned, **changes))  # type: ignore[arg-type]  # a code, or fields of the experiment
    assert _lacking(report) == lacking
    assert all(one.mend for one in report.principles if one.state is State.NOT_MET)


def test_an_experiment_without_variables_lacks_them_twice(pinned: PinnedExperiment) -> None:
    osc = pinned.experiment.osc.model_copy(update={"variables": ()})
    assert _lacking(fair(_described(pinned, osc=osc))) == ["F2", "I2"]


def _product() -> dict[str, object]:
    return {
        "type": "Collection", "id": "x", "title": "X", "license": "CC-BY-4.0", "sci:doi": "10.5281/zenodo.1",
        "description": "A description that says which question this product answers.",
        "extent": {"spatial": {}, "temporal": {}}, "osc:variables": ["ndvi"], "osc:missions": ["sentinel-2"],
        "themes": [{"scheme": "s", "concepts": [{"id": "land"}]}], "contacts": [{"name": "Ada"}],
        "links": [
            {"rel": "self", "href": "https://example.org/experiments/x.json"},
            {"rel": "via", "href": "https://example.org/x", "title": "Access", "type": "application/vnd+zarr"},
            {"rel": "related", "href": "../../projects/p/collection.json"},
            {"rel": "related", "href": "../../themes/land/catalog.json"},
            {"rel": "related", "href": "../../experiments/e/record.json"},
        ],
    }  # fmt: skip


def test_a_product_is_held_to_every_principle_of_products() -> None:
    report = published("product", _product())  # type: ignore[arg-type]  # JSON
    assert [one.name for one in report.principles] == PRODUCTS
    assert _lacking(report) == []


@pytest.mark.parametrize(
    ("lost", "lacking"),
    [
        (["sci:doi"], ["F1"]),
        (["themes"], ["F2", "I2"]),
        (["osc:variables"], ["I2", "R1"]),
        (["license"], ["R1.1"]),
        (["extent"], ["R1"]),
        (["links"], ["F3", "A1", "I3", "R1.2", "R1.3"]),
    ],
)
def test_what_a_product_lacks_is_told(lost: list[str], lacking: list[str]) -> None:
    document = {key: value for key, value in _product().items() if key not in lost}
    if "themes" in lost:
        document["osc:variables"] = []
        document["osc:missions"] = []
        lacking = [*lacking, "R1"]
    assert _lacking(published("product", document)) == lacking  # type: ignore[arg-type]  # JSON


def test_an_empty_record_meets_little_and_breaks_nothing() -> None:
    report = published("workflow", {"links": 7, "properties": []})
    assert [one.name for one in report.principles] == WORKFLOWS
    assert {"F1", "F1.2", "F2", "F3", "A1", "I2", "I3", "R1", "R1.1", "R1.2", "R2"} == set(_lacking(report))


def test_a_page_tells_every_principle_and_makes_nothing_of_hostile_texts() -> None:
    document = {**_product(), "sci:doi": "10.1/<b>|`x`"}
    page = published("product", document).markdown()  # type: ignore[arg-type]  # JSON
    assert page.count("\n| ") == len(PRODUCTS) + 1
    assert "10.1/\\<b\\>\\|\\`x\\`" in page
