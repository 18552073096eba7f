"""A project and variables that come with an experiment: new where they are missing, never over what is there."""

import json
from collections import Counter
from pathlib import Path

import pytest
from catalog_factories import MOMENT, experiment, git, links_of, osc, pinned, product, published, run, submitted
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.removal import removal
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.catalog.verdict import judge
from earthcode_platform.errors import ConflictError, RefusedError
from earthcode_platform.models.catalog_drift import drift
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.new_entries import NewProject

PROJECT = "projects/ocean-heat/collection.json"
VARIABLE = "variables/ocean-heat-content/catalog.json"
PRODUCT = "products/sst-anomaly-el-nino-2009/collection.json"
NEW_PROJECT: JsonObject = {
    "title": "Ocean Heat → 2030",
    "description": "How much of the warming do the oceans take up?",
    "status": "ongoing",
    "website": "https://ocean-heat.example.org/",
    "technical_officer": {"name": "Ada Example", "email": "ada@example.org"},
}
NEW_VARIABLE: JsonObject = {
    "id": "ocean-heat-content",
    "title": "Ocean Heat Content",
    "description": "The heat that a column of sea water holds, in J m-2.",
    "themes": ["oceans"],
    "definition": "https://cfconventions.org/table.html#ocean_heat_content",
}


def place(**overrides: JsonValue) -> JsonObject:
    """The section `osc` with a project and a variable that no catalog has."""
    said = osc(
        project="ocean-heat",
        variables=["sea-surface-temperature", "ocean-heat-content"],
        new_project=NEW_PROJECT,
        new_variables=[NEW_VARIABLE],
    )
    return said | overrides


def test_they_are_written_with_every_link(embedded: Catalog) -> None:
    change = changeset(embedded, *submitted(osc=place()))
    assert change.created == (PROJECT, VARIABLE)
    after = embedded.with_edits(change.edits)
    assert check(after, [*change.entries, *change.created]) == ()
    project = after.document(PROJECT)
    assert (project["osc:type"], project["osc:status"]) == ("project", "ongoing")
    assert project["osc:workflows"] == ["sst-anomaly-workflow"]
    assert project["license"] == "CC-BY-4.0"
    assert project["extent"] == after.document(PRODUCT)["extent"]
    assert project["contacts"] == [
        {"name": "Ada Example", "emails": [{"value": "ada@example.org"}], "roles": ["technical_officer"]}
    ]
    assert links_of(after.links(PROJECT), "child") == [(PRODUCT, "SST anomaly, El Niño 2009/10")]
    assert links_of(after.links(PROJECT), "related") == [
        ("themes/oceans/catalog.json", "Theme: Oceans"),
        ("workflows/sst-anomaly-workflow/record.json", "Workflow: Anomaly against a reference"),
    ]
    assert links_of(after.links(VARIABLE), "child") == [(PRODUCT, "SST anomaly, El Niño 2009/10")]
    assert links_of(after.links(VARIABLE), "related") == [("themes/oceans/catalog.json", "Theme: Oceans")]
    assert (PROJECT, "Ocean Heat → 2030") in links_of(after.links("projects/catalog.json"), "child")
    assert (VARIABLE, "Ocean Heat Content") in links_of(after.links("variables/catalog.json"), "child")
    related = links_of(after.links(PRODUCT), "related")
    assert (PROJECT, "Project: Ocean Heat → 2030") in related
    assert (VARIABLE, "Variable: Ocean Heat Content") in related
    assert "Ocean Heat Content" in after.document(PRODUCT)["keywords"]  # type: ignore[operator]  # it is a list


def test_what_is_declared_takes_the_place_of_the_products(embedded: Catalog) -> None:
    said = NEW_PROJECT | {
        "themes": ["land", "oceans"],
        "license": "various",
        "datetime": "2024-01-01/..",
        "bbox": [-10, 30, 10, 40],
        "website": "https://ocean-heat.example.org/plan.PDF",
    }
    after = published(embedded, osc=place(new_project=said))
    project = after.document(PROJECT)
    assert project["license"] == "various"
    assert project["extent"] == {
        "spatial": {"bbox": [[-10, 30, 10, 40]]},
        "temporal": {"interval": [["2024-01-01T00:00:00Z", None]]},
    }
    assert [target for target, _ in links_of(after.links(PROJECT), "related")][:2] == [
        "themes/land/catalog.json",
        "themes/oceans/catalog.json",
    ]
    assert next(link for link in after.links(PROJECT) if link.rel == "via").media_type == "application/pdf"
    assert changeset(after, *submitted(osc=place(new_project=said))).edits == {}


def test_what_says_the_same_is_left_as_it_is(embedded: Catalog) -> None:
    first = published(embedded, osc=place())
    other: dict[str, object] = {"id": "second", "product": {"id": "second-product", "title": "Second"}}
    change = changeset(first, *submitted(**other, osc=place()))
    assert change.created == ()
    after = first.with_edits(change.edits)
    assert [title for _, title in links_of(after.links(PROJECT), "child")] == ["SST anomaly, El Niño 2009/10", "Second"]
    # A product of another box and time: the defaults of a project that exists are not compared.
    declared = experiment(version="2.0.0", osc=place())
    moved = product(declared, values=b"other", bbox=(0, 0, 1, 1), created=MOMENT.replace(year=2027))
    assert PROJECT not in changeset(first, pinned(declared), run(declared), moved).edits


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": "Ocean Heat"}, "title is 'Ocean Heat → 2030', not 'Ocean Heat'"),
        ({"description": "Other"}, "description is"),
        ({"status": "completed"}, "status is 'ongoing', not 'completed'"),
        ({"website": "https://example.org/"}, r"website is \['https://ocean-heat"),
        ({"technical_officer": {"name": "Eve", "email": "eve@example.org"}}, "technical_officer is"),
        ({"themes": ["land"]}, r"themes is \['oceans'\], not \['land'\]"),
        ({"license": "MIT"}, "license is 'CC-BY-4.0', not 'MIT'"),
        ({"datetime": "2020-01-01/2021-01-01"}, "datetime is"),
        ({"bbox": [0, 0, 1, 1]}, "bbox is"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_project_that_says_something_else_is_never_overwritten(
    embedded: Catalog, changes: JsonObject, told: str
) -> None:
    before = published(embedded, osc=place())
    with pytest.raises(ConflictError, match=told) as refused:
        changeset(before, *submitted(version="2.0.0", osc=place(new_project=NEW_PROJECT | changes)))
    assert refused.value.where == PROJECT
    assert "never overwritten" in refused.value.remedy


def test_a_variable_that_says_something_else_is_never_overwritten(embedded: Catalog) -> None:
    said = NEW_VARIABLE | {"id": "sea-surface-temperature"}
    with pytest.raises(ConflictError, match=r"something else than osc\.new_variables: title is 'Sea Surface") as one:
        changeset(embedded, *submitted(osc=osc(new_variables=[said])))
    assert one.value.where == "variables/sea-surface-temperature/catalog.json"


def test_only_what_is_declared_may_be_new(embedded: Catalog) -> None:
    said = place(variables=["sea-surface-temperature", "moon-dust"], new_project=NEW_PROJECT | {"themes": ["ocean"]})
    with pytest.raises(RefusedError) as refused:
        changeset(embedded, *submitted(osc=said))
    assert [(found.code, found.where.split(", ")[1]) for found in refused.value.findings] == [
        ("publish-unknown-variable", "osc.variables"),
        ("publish-unknown-theme", "osc.new_project"),
        ("publish-new-variable-unnamed", "osc.new_variables"),
    ]


def test_the_name_of_the_branch_tells_what_is_declared(embedded: Catalog) -> None:
    first = changeset(embedded, *submitted(osc=place()))
    said = place(new_project=NEW_PROJECT | {"description": "Other"})
    assert changeset(embedded, *submitted(osc=said)).digest != first.digest
    after = embedded.with_edits(first.edits)
    assert changeset(after, *submitted(osc=place())).digest == first.digest


def test_they_stay_when_the_experiment_is_withdrawn(embedded: Catalog) -> None:
    after = published(embedded, osc=place())
    left = after.with_edits(removal(after, "sst-anomaly").edits)
    assert set(left.files) - set(embedded.files) == {PROJECT, VARIABLE}
    assert left.document(PROJECT)["osc:workflows"] == []
    assert links_of(left.links(PROJECT), "child") == links_of(left.links(VARIABLE), "child") == []
    changed = {path for path, content in embedded.files.items() if left.files[path] != content}
    assert changed == {"projects/catalog.json", "variables/catalog.json"}
    known = validate(embedded, strict=True).findings
    assert drift(known, validate(left, strict=True).findings).new == ()
    # And they are found there when it is published again.
    assert changeset(left, *submitted(osc=place())).created == ()


def test_the_real_catalog_gains_no_finding(real_bare: Path, tmp_path: Path, shared: Path) -> None:
    repository = CatalogRepository(str(real_bare), tmp_path / "work")
    schemas = Schemas(shared / "schemas")
    before = repository.read()
    said = place(
        themes=["oceans", "land"], variables=["sea-surface-temperature", "ocean-heat-content-of-tests"],
        new_variables=[NEW_VARIABLE | {"id": "ocean-heat-content-of-tests"}],
    )  # fmt: skip
    publication = publish(repository, *submitted(osc=said), schemas=schemas)
    after = repository.read(publication.branch)
    known = validate(before, strict=True, schemas=schemas).findings
    found = drift(known, validate(after, strict=True, schemas=schemas).findings)
    assert found.new == ()
    assert found.gone == ()
    assert all(one.severity is not Severity.ERROR for one in validate(after, schemas=schemas).findings)
    added = git(real_bare, "diff", "--name-only", "--diff-filter=A", "main", publication.branch).splitlines()
    assert Counter(path.split("/")[0] for path in added) == {
        "experiments": 3, "products": 1, "projects": 1, "variables": 1, "workflows": 1
    }  # fmt: skip
    for row in git(real_bare, "diff", "--numstat", "--diff-filter=M", "main", publication.branch).splitlines():
        plus, minus, _ = row.split("\t")
        assert int(plus) <= 7, row
        assert int(minus) <= 1, row
    assert json.loads(git(real_bare, "show", f"{publication.branch}:projects/ocean-heat/collection.json"))


def texts() -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t")
    return st.text(characters, min_size=1, max_size=30).filter(lambda one: bool(one.strip()))


@st.composite
def declarations(draw: st.DrawFn) -> JsonObject:
    """A section `osc` with any project and variable."""
    themes = st.sampled_from([["oceans"], ["land", "oceans"], ["land"]])
    pages = st.sampled_from(["https://example.org/", "http://a.example/x?y=%20#z", "https://a.example:8080/(1).pdf"])
    west, east = draw(st.tuples(st.integers(-180, 179), st.integers(-179, 180)).filter(lambda two: two[0] != two[1]))
    south, north = draw(st.sampled_from([(-90, 90), (0, 0.5), (-1, 1)]))
    project: JsonObject = {
        "title": draw(texts()), "description": draw(texts()), "website": draw(pages),
        "status": draw(st.sampled_from(["planned", "ongoing", "completed"])),
        "technical_officer": {
            "name": draw(texts().filter(lambda name: len(name.strip()) > 1)),
            "email": draw(st.from_regex(OFFICER, fullmatch=True).filter(lambda a: len(a) < 60))
        },
    }  # fmt: skip
    optional: JsonObject = {
        "themes": draw(themes), "license": draw(st.sampled_from(["various", "proprietary", "CC-BY-4.0"])),
        "bbox": [west, south, east, north],
        "datetime": draw(st.sampled_from(["2001-01-01/..", "../2020-12-31", "1999-12-31T23:59:59.5+01:00/2024-02-29"])),
    }  # fmt: skip
    kept = draw(st.lists(st.sampled_from(sorted(optional)), unique=True))
    variable: JsonObject = {
        "id": "new-variable", "title": draw(texts()), "description": draw(texts()), "themes": draw(themes),
        "definition": draw(pages),
    }  # fmt: skip
    return osc(
        project="new-project",
        variables=["new-variable"],
        new_project=project | {key: optional[key] for key in kept},
        new_variables=[variable],
    )


OFFICER = NewProject.model_json_schema()["$defs"]["TechnicalOfficer"]["properties"]["email"]["pattern"].strip("^$")


@pytest.fixture(scope="module")
def schemas(shared: Path) -> Schemas:
    return Schemas(shared / "schemas")


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(declarations())
def test_whatever_may_be_declared_obeys_every_rule_and_is_found_again(schemas: Schemas, said: JsonObject) -> None:
    catalog = Catalog(seed_files(), "0" * 40)
    change = changeset(catalog, *submitted(osc=said))
    after = catalog.with_edits(change.edits)
    assert [str(found) for found in check(after, [*change.entries, *change.created])] == []
    verdict = judge(catalog, after, change, schemas)
    assert [str(found) for found in verdict.findings] == []
    assert changeset(after, *submitted(osc=said)).edits == {}
