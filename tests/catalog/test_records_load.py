"""Records are loaded as people wrote them, and every quirk is noted."""

from collections import Counter

import pytest
from catalog_factories import published
from pydantic import JsonValue
from record_factories import COMMIT, link, record, with_experiment, with_workflow

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.records.load import load, load_all
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_code import CodeForm, InputForm, Pin, RecordParameter
from earthcode_platform.models.catalog_record import (
    ExecutableRecord,
    ExperimentRecord,
    ProductRecord,
    ProjectRecord,
    RecordKind,
    WorkflowRecord,
)

GIVEN = link("input", "./input.yaml")
RAN_ON = link("environment", "./environment.yaml")


def workflow(catalog: Catalog, document: JsonObject) -> WorkflowRecord:
    found = load(with_workflow(catalog, document), "it")
    assert isinstance(found, WorkflowRecord)
    return found


def experiment(catalog: Catalog, document: JsonObject, **files: bytes) -> ExperimentRecord:
    found = load(with_experiment(catalog, document, **files), "it")
    assert isinstance(found, ExperimentRecord)
    return found


def test_every_entry_of_the_real_catalog_loads(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    loaded = {kind: list(load_all(catalog, kind)) for kind in RecordKind}
    assert {kind.value: len(found) for kind, found in loaded.items()} == {
        "product": 351,
        "experiment": 9,
        "workflow": 17,
        "project": 208,
    }
    for kind, found in loaded.items():
        assert {one.path.split("/")[0] for one in found} == {f"{kind.value}s"}
        assert all(one.title and one.project for one in found)
        assert all(type(one).model_validate_json(one.model_dump_json()) == one for one in found)
    assert all(isinstance(one, ExecutableRecord) for one in loaded[RecordKind.WORKFLOW])
    without_time = [one.id for one in loaded[RecordKind.PRODUCT] if not one.intervals]
    assert len(without_time) == 28
    assert all(one.boxes for one in loaded[RecordKind.PRODUCT])


def test_the_quirks_of_the_real_catalog(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    records = [one for kind in (RecordKind.WORKFLOW, RecordKind.EXPERIMENT) for one in load_all(catalog, kind)]
    told = Counter(quirk for one in records for quirk in one.quirks)
    assert told['application:container is ["true"]; read as true.'] == 6
    assert told['application:container is "true"; read as true.'] == 4
    assert told['application:language is ["Python"]; read as Python.'] == 6
    assert sum("Version is the number" in quirk or "version is the number" in quirk for quirk in told.elements()) == 10
    assert told["A relation is written 'Download'; read as 'download'."] == 1
    assert told["parameters of its input file is an empty list; read as no parameters."] == 1
    assert told["Its description has '/n' where a new line is meant; read as new lines."] == 3
    assert sum("openEO back-end" in quirk for quirk in told.elements()) == 2
    forms = Counter(given.form for one in records if isinstance(one, ExperimentRecord) for given in one.inputs)
    assert forms == {
        InputForm.PARAMETERS: 3,
        InputForm.MISSING: 2,
        InputForm.REPOSITORY: 2,
        InputForm.EMPTY: 1,
        InputForm.STAC: 1,
    }


def test_a_product_and_a_project(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    product = load(catalog, "products/glambie-dataset")
    assert isinstance(product, ProductRecord)
    assert product.doi == "10.5904/wgms-glambie-2024-07"
    assert product.quirks[0].startswith('sci:doi is "https://doi.org/10.5904')
    assert product.access[0].startswith("https://")
    project = load(catalog, "projects/deep-earth-system-data-lab")
    assert isinstance(project, ProjectRecord)
    assert {"esa-cci-permafrost", "land-biosphere-society"} <= set(project.workflows)
    assert "esa-cci-permafrost" in project.products


def test_what_this_platform_publishes_loads_without_quirks(embedded: Catalog) -> None:
    catalog = published(embedded)
    found = load(catalog, "sst-anomaly")
    assert isinstance(found, ExperimentRecord)
    assert found.quirks == ()
    assert found.parameters == (
        RecordParameter(name="reference", value=[2006, 2010], has_value=True),
        RecordParameter(name="unit", value="K", has_value=True),
    )
    assert [(given.name, given.form) for given in found.inputs] == [
        ("Input parameters", InputForm.PARAMETERS),
        ("sst", InputForm.STAC),
    ]
    assert found.environments[0].form is InputForm.RECORDED
    assert found.environments[0].python_version
    assert found.code[0].pin is Pin.DIGEST
    assert load(catalog, "sst-anomaly-el-nino-2009").quirks == ()
    assert load(catalog, "sst-anomaly-workflow").quirks == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *[(True, True), ("true", True), (["true"], True), ([True], True), ("False", False)],
        *[(["a", "b"], None), ({}, None), ("ghcr.io/a/b:1", True), (None, None)],
    ],
)
def test_whether_it_runs_in_a_container(embedded: Catalog, written: JsonValue, *, read: bool | None) -> None:
    found = workflow(embedded, record(**{"application:container": written}))
    assert found.container is read
    noted = [quirk for quirk in found.quirks if "application:container" in quirk]
    assert bool(noted) is (written not in (True, None, "ghcr.io/a/b:1"))
    assert found.images == (("ghcr.io/a/b:1",) if written == "ghcr.io/a/b:1" else ())


def test_languages_and_versions(embedded: Catalog) -> None:
    notebook = link("application", "https://x.example/a.ipynb", **{"jupyter:kernel": {"pythonVersion": 3.1}})
    found = workflow(embedded, record(notebook, **{"application:language": ["Python", "R", 7], "version": 2}))
    assert found.languages == ("Python", "R")
    assert found.version == "2"
    assert found.kernel is not None
    assert found.kernel.python_version == "3.1"
    assert "pythonVersion is the number 3.1; read as the text '3.1'. It may mean 3.10." in found.quirks
    assert found.doi == ""
    assert workflow(embedded, record(DOI="doi: 10.1/a", **{"application:language": "R"})).doi == "10.1/a"


def test_new_lines_that_lost_their_backslash(embedded: Catalog) -> None:
    assert workflow(embedded, record(description="One./n/nTwo./nThree. ")).description == "One.\n\nTwo.\nThree."
    assert workflow(embedded, record(description="and/nor")).description == "and/nor"


@pytest.mark.parametrize(
    "rel",
    ["git", "vcs", "application", "jupyter-notebook", "download", "Download", "process_graph", "via", "code"],
)
def test_code_under_any_relation(embedded: Catalog, rel: str) -> None:
    found = workflow(embedded, record(link(rel, "https://github.com/a/b/blob/main/c.ipynb"))).code
    assert [(one.rel, one.href) for one in found] == [(rel, "https://raw.githubusercontent.com/a/b/main/c.ipynb")]


def test_what_is_no_code(embedded: Catalog) -> None:
    links = [
        link("related", "https://github.com/a/b/blob/main/example.ipynb"),
        link("via", "https://opensciencedata.example/page"),
        link("via", "https://doi.org/10.1/x"),
        link("application", "./local.ipynb"),
        link("application", ""),
    ]
    found = workflow(embedded, record(*links))
    assert found.code == ()
    assert found.quirks == ("The 'application' link to './local.ipynb' leads to no file; it is left out.",)


def test_code_beside_the_record_is_fixed_by_the_catalog(embedded: Catalog) -> None:
    catalog = embedded.with_edits({"workflows/it/graph.json": b"{}"})
    (found,) = workflow(catalog, record(link("process_graph", "./graph.json"))).code
    assert (found.href, found.form, found.pin) == ("workflows/it/graph.json", CodeForm.FILE, Pin.COMMIT)


def test_a_file_linked_twice_is_one_with_all_that_is_known(embedded: Catalog) -> None:
    raw = "https://raw.githubusercontent.com/a/b/main/c.ipynb"
    page = "https://github.com/a/b/blob/main/c.ipynb"
    (found,) = workflow(
        embedded,
        record(
            link("jupyter-notebook", page, type="application/json"),
            link("application", raw, **{"application:type": "jupyter-notebook"}),
        ),
    ).code
    assert (found.rel, found.application_type) == ("application", "jupyter-notebook")


def test_the_back_end_and_the_graph_in_an_editors_address(embedded: Catalog) -> None:
    graph = "https://s3.example/graph.json"
    editor = f"https://editor.openeo.org/?wizard~processUrl={graph}&server=https://openeo.example/api"
    found = workflow(embedded, record(link("related", editor, type="text/html")))
    assert found.backends == ("https://openeo.example/api",)
    assert [(one.rel, one.href, one.form) for one in found.code] == [("process_graph", graph, CodeForm.FILE)]
    assert any("named only in the query" in quirk for quirk in found.quirks)
    beside = workflow(embedded, record(link("process_graph", graph, title="Mine"), link("via", editor)))
    assert [one.title for one in beside.code] == ["Mine"]
    assert workflow(embedded, record(link("via", "https://x.example/?server=mine"))).backends == ()


def test_input_and_environment_files(embedded: Catalog) -> None:
    document = record(GIVEN, RAN_ON)
    found = experiment(
        embedded,
        document,
        given=b"$comment: why\nparameters: {date: 2025-02-30, n: 4, none: null}\ninputs: {x: {href: https://a/c.json}}\n",
        environment=b"dependencies: [python=3.11.*, conda-forge::Xcube-CDS>=1.3, pip: [deep-code==1, '-e .'], 7]\n",
    )
    assert [(one.name, one.value, one.has_value) for one in found.parameters] == [
        ("date", "2025-02-30", True),
        ("n", 4, True),
        ("none", None, False),
    ]
    assert [(one.name, one.form) for one in found.inputs[1:]] == [("x", InputForm.STAC)]
    assert found.inputs[0].comment == "why"
    assert found.environments[0].packages == ("python", "xcube-cds", "deep-code")
    assert found.environments[0].python_version == "3.11"


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", InputForm.EMPTY),
        (b" \n", InputForm.EMPTY),
        (b"$comment: only this\n", InputForm.COMMENT),
        (b"- a\n- b\n", InputForm.UNREADABLE),
        (b"a: [1\n", InputForm.UNREADABLE),
        (b"[" * 400, InputForm.UNREADABLE),
        (b"a: !!python/object:os.system x\n", InputForm.UNREADABLE),
        (b"\xff\xfe\x00", InputForm.UNREADABLE),
        (b"# nothing but a remark\n", InputForm.UNREADABLE),
        (b"parameters: []\n", InputForm.PARAMETERS),
    ],
)
def test_what_an_input_file_is(embedded: Catalog, content: bytes, form: InputForm) -> None:
    found = experiment(embedded, record(GIVEN), given=content)
    assert [one.form for one in found.inputs] == [form]
    assert found.parameters == ()
    assert found.parameters_declared is (form is InputForm.PARAMETERS)


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("input.json", b'{"parameters": {"a": 1}}', InputForm.PARAMETERS),
        ("input.json", b'{"stac_version": "1.1.0", "parameters": {"a": 1}}', InputForm.STAC),
        ("requirements.txt", b"numpy\nscipy\n", InputForm.FILE),
        ("requirements.txt", b"", InputForm.EMPTY),
    ],
)
def test_files_that_are_no_yaml(embedded: Catalog, name: str, content: bytes, form: InputForm) -> None:
    catalog = embedded.with_edits({f"experiments/it/{name}": content})
    found = experiment(catalog, record(link("input", f"./{name}")))
    assert [one.form for one in found.inputs] == [form]
    assert [one.name for one in found.parameters] == (["a"] if form is InputForm.PARAMETERS else [])


def test_parameters_as_a_list_of_descriptions(embedded: Catalog) -> None:
    given = b"parameters:\n- {name: a, schema: {type: number}, default: 1}\n- {name: b}\n- c\n"
    found = experiment(embedded, record(GIVEN), given=given)
    assert [(one.name, one.has_value, one.has_schema) for one in found.parameters] == [
        ("a", True, True),
        ("b", False, False),
    ]
    assert any("entries that have no name" in quirk for quirk in found.quirks)


@pytest.mark.parametrize(
    ("href", "form"),
    [
        ("https://doi.org/10.1/x", InputForm.LANDING_PAGE),
        ("https://zenodo.org/records/1", InputForm.LANDING_PAGE),
        ("10.5281/zenodo.1", InputForm.LANDING_PAGE),
        ("https://x.example/a/collection.json", InputForm.STAC),
        ("https://x.example/collections/a/items/b?f=json", InputForm.STAC),
        ("https://x.example/values.json", InputForm.FILE),
        ("https://github.com/a/b.git", InputForm.REPOSITORY),
        ("https://x.example/page", InputForm.PAGE),
        (f"https://github.com/a/b/blob/{COMMIT}/in.yaml", InputForm.FILE),
        ("./input.yaml", InputForm.MISSING),
        ("../../themes/land/catalog.json", InputForm.STAC),
    ],
)
def test_what_people_link_as_input(embedded: Catalog, href: str, form: InputForm) -> None:
    found = experiment(embedded, record(link("input", href, type="application/yaml")))
    assert [one.form for one in found.inputs] == [form]
