"""Can it be executed here? What must be there, one thing at a time."""

import pytest
from catalog_factories import published
from hypothesis import given
from hypothesis import strategies as st
from record_factories import COMMIT, link, record, with_experiment, with_workflow

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.records.detection import technology_of
from earthcode_platform.catalog.records.executability import report
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.catalog_code import CodeForm, CodeLink, InputForm, Pin
from earthcode_platform.models.executability import Executability, Technology, Verdict

ENGINES = ("openeo", "cwl", "notebook", "mlflow")
HUB = "https://github.com"


def one_of(catalog: Catalog, *references: str, engines: tuple[str, ...] = ENGINES) -> Executability:
    (found,) = report(catalog, engines, references).records
    return found


@pytest.mark.parametrize("kind", ["openeo", "cwl", "notebook", "mlflow"])
def test_what_this_platform_publishes_can_be_executed(embedded: Catalog, kind: str) -> None:
    catalog = published(embedded, workflow={"kind": kind, "entry": f"it.{kind}", "title": "It"})
    found = report(catalog, [kind]).records
    assert [(one.id, one.verdict, one.kind.value, one.missing) for one in found] == [
        ("sst-anomaly-workflow", Verdict.RUNNABLE, kind, ()),
        ("sst-anomaly", Verdict.RUNNABLE, kind, ()),
    ]
    assert all(one.pinned for one in found)
    assert found[1].entry.href.endswith("/experiment/experiment.yaml")
    assert found[1].runtime.environment_form is InputForm.RECORDED
    assert found[1].runtime.python_version
    other = report(catalog, ["argo"]).records
    assert {one.verdict for one in other} == {Verdict.NO_ENGINE}


def test_records_by_reference(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    assert [
        (one.record.value, one.id) for one in report(catalog, ENGINES, ["polaris", "experiments/polaris"]).records
    ] == [
        ("workflow", "polaris"),
        ("experiment", "polaris"),
    ]
    assert one_of(catalog, "../../workflows/fairsendd/record.json").id == "fairsendd"
    with pytest.raises(UnknownNameError, match="no workflow or experiment 'polarsi'"):
        report(catalog, ENGINES, ["polarsi"])
    with pytest.raises(InputError, match="Name one of the workflows and experiments"):
        report(catalog, ENGINES, ["products/polaris"])


NOTEBOOK_AT = f"{HUB}/a/b/blob/{COMMIT}/c.ipynb"
KERNEL = {"name": "k", "pythonVersion": "3.12", "envFile": f"{HUB}/a/b/blob/{COMMIT}/environment.yml"}
GOOD = link("application", NOTEBOOK_AT, type="application/x-ipynb+json", **{"jupyter:kernel": KERNEL})


def test_a_workflow_of_somebody_else_that_names_all_it_takes(embedded: Catalog) -> None:
    found = one_of(with_workflow(embedded, record(GOOD)), "it")
    assert (found.verdict, found.entry.pin, found.pinned, found.missing) == (Verdict.RUNNABLE, Pin.COMMIT, True, ())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"href": f"{HUB}/a/b/blob/v1.0/c.ipynb"}, "The code is at the tag 'v1.0', which can be moved"),
        ({"href": "https://x.example/c.ipynb"}, "Nothing fixes the code at https://x.example/c.ipynb"),
        ({"href": f"{HUB}/a/b"}, "is a whole repository: name the notebook (.ipynb) in it"),
        ({"jupyter:kernel": {}}, "Nothing says what it runs in"),
        ({"jupyter:kernel": {}, "application:container": True}, "runs in a container, but names no image"),
        ({"jupyter:kernel": {}, "application:container": "ghcr.io/a/b:1"}, "ghcr.io/a/b:1 may change"),
        ({"jupyter:kernel": KERNEL | {"envFile": f"{HUB}/a/b/blob/main/e.yml"}}, "e.yml may change: name a commit"),
    ],
)
def test_one_thing_less_and_it_must_be_mended(embedded: Catalog, change: dict[str, object], sentence: str) -> None:
    found = one_of(with_workflow(embedded, record({**GOOD, **change})), "it")
    assert found.verdict is Verdict.AFTER_MENDING
    assert any(sentence in one for one in found.missing), found.missing


def test_a_file_of_no_known_kind(embedded: Catalog) -> None:
    at = f"{HUB}/a/b/blob/{COMMIT}/run.xyz"
    found = one_of(with_workflow(embedded, record(link("git", at))), "it")
    assert found.verdict is Verdict.NOT_EXECUTABLE
    assert "does not say what https://raw.githubusercontent.com/a/b/" in found.missing[0]


def test_an_image_with_its_digest_is_an_environment(embedded: Catalog) -> None:
    image = f"ghcr.io/a/b@sha256:{'0' * 64}"
    found = one_of(
        with_workflow(embedded, record({**GOOD, "jupyter:kernel": {}, "application:container": image})), "it"
    )
    assert (found.verdict, found.runtime.images) == (Verdict.RUNNABLE, (image,))


def experiment(catalog: Catalog, given: bytes, environment: bytes, *links: dict[str, object]) -> Executability:
    both = with_workflow(catalog, record(GOOD))
    document = record(
        link("input", "./input.yaml"), link("environment", "./environment.yaml"), *links, **{"osc:workflow": "it"}
    )
    return one_of(with_experiment(both, document, given=given, environment=environment), "experiments/it")


CONDA = b"dependencies: [python=3.12]\n"
DATA = b"parameters: {year: 2020, token: x}\ninputs: {cube: {href: https://x.example/item.json}}\n"


def test_an_experiment_of_somebody_else_that_names_all_it_takes(embedded: Catalog) -> None:
    found = experiment(embedded, DATA, CONDA)
    assert (found.verdict, found.missing) == (Verdict.RUNNABLE, ())
    assert (found.entry.named_by, found.runtime.python_version) == ("workflow", "3.12")
    assert found.credentials == ("A value for the parameter 'token', which is a secret.",)


def test_code_of_an_experiment_that_starts_nothing_leaves_it_to_the_workflow(embedded: Catalog) -> None:
    found = experiment(embedded, DATA, CONDA, link("git", f"{HUB}/c/d"))
    assert (found.verdict, found.entry.named_by) == (Verdict.RUNNABLE, "workflow")
    other = f"{HUB}/c/d/blob/{COMMIT}/other.ipynb"
    own = experiment(embedded, DATA, CONDA, link("application", other))
    assert (own.entry.named_by, own.entry.href.rpartition("/")[2]) == ("", "other.ipynb")


@pytest.mark.parametrize(
    ("given", "environment", "sentence"),
    [
        (b"", CONDA, "input.yaml is empty"),
        (b"$comment: x\n", CONDA, "input.yaml holds a comment and nothing else"),
        (b"- 1\n", CONDA, "input.yaml is no YAML mapping"),
        (b"inputs: {a: {href: https://x.example/item.json}}\n", CONDA, "has no 'parameters'"),
        (b"parameters: []\n", CONDA, "Nothing names the data that it reads"),
        (DATA.replace(b"2020", b"null"), CONDA, "The parameter 'year' has no value"),
        (DATA, b"", "environment.yaml is empty"),
        (DATA, b"$comment: x\n", "name packages with versions"),
    ],
)
def test_one_thing_less_in_an_experiment(embedded: Catalog, given: bytes, environment: bytes, sentence: str) -> None:
    found = experiment(embedded, given, environment)
    assert found.verdict is Verdict.AFTER_MENDING
    assert any(sentence in one for one in found.missing), found.missing


@pytest.mark.parametrize(("reference", "verdict"), [("main", Verdict.AFTER_MENDING), (COMMIT, Verdict.RUNNABLE)])
def test_an_environment_elsewhere_must_be_fixed(embedded: Catalog, reference: str, verdict: Verdict) -> None:
    both = with_workflow(embedded, record(GOOD))
    elsewhere = link("environment", f"{HUB}/a/b/blob/{reference}/environment.yml")
    document = record(link("input", "./input.yaml"), elsewhere, **{"osc:workflow": "it"})
    found = one_of(with_experiment(both, document, given=DATA), "experiments/it")
    assert found.verdict is verdict
    assert any("may change: name a commit" in one for one in found.missing) is (verdict is Verdict.AFTER_MENDING)


def test_an_experiment_without_links_or_workflow(embedded: Catalog) -> None:
    found = one_of(with_experiment(embedded, record()), "it")
    assert found.verdict is Verdict.NOT_EXECUTABLE
    assert found.missing == (
        "Of what it runs the catalog says nothing: it names no workflow.",
        "It names nothing to start: link its file with the relation 'application' and the media type of it.",
        "It has no 'input' link: write an input.yaml with its parameters and its input data, and link it.",
    )
    lost = one_of(with_experiment(embedded, record(**{"osc:workflow": "nowhere"})), "it")
    assert "its workflow 'nowhere' does not exist" in lost.missing[0]


def test_rights_that_a_link_says_it_needs(embedded: Catalog) -> None:
    links = [
        link("input", "s3://bucket/item.json"),
        link("application", "https://x.example/a.ipynb", **{"auth:refs": ["oidc"], "storage:requester_pays": True}),
    ]
    document = record(*links, **{"auth:schemes": {"oidc": {"type": "openIdConnect"}}})
    assert one_of(with_workflow(embedded, document), "it").credentials == (
        "Credentials for the S3 bucket bucket.",
        "Access by 'oidc' (openIdConnect) to https://x.example/a.ipynb.",
        "An account that pays for reading https://x.example/a.ipynb.",
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"rel": "application", "application_type": "jupyter-notebook", "form": CodeForm.FOLDER}, Technology.NOTEBOOK),
        ({"rel": "git", "media_type": "application/cwl+yaml; version=1"}, Technology.CWL),
        ({"rel": "application", "media_type": "application/x-argo-workflow-yaml"}, Technology.ARGO),
        ({"rel": "process_graph", "media_type": "application/json"}, Technology.OPENEO),
        ({"rel": "via", "href": "https://x.example/a.py", "form": CodeForm.FILE}, Technology.SCRIPT),
        ({"rel": "via", "href": "https://x.example/a.py?x=1", "form": CodeForm.FILE}, Technology.SCRIPT),
        ({"rel": "via", "href": "https://x.example/m/MLmodel", "form": CodeForm.FILE}, Technology.MLFLOW),
        ({"rel": "git", "media_type": "application/json", "form": CodeForm.REPOSITORY}, Technology.NONE),
        ({"rel": "download", "href": "https://x.example/a.json", "form": CodeForm.FILE}, Technology.NONE),
    ],
)
def test_kinds_are_told_conservatively(said: dict[str, object], kind: Technology) -> None:
    base = {"written": "", "href": "https://x.example/", "form": CodeForm.PAGE, "pin": Pin.NOTHING}
    assert technology_of(CodeLink.model_validate(base | said)) is kind


def test_what_the_whole_record_declares_counts_for_what_is_started_alone() -> None:
    base = {"written": "", "href": "https://x.example/", "form": CodeForm.PAGE, "pin": Pin.NOTHING}
    assert technology_of(CodeLink.model_validate(base | {"rel": "application"}), "cwl") is Technology.CWL
    assert technology_of(CodeLink.model_validate(base | {"rel": "git"}), "cwl") is Technology.NONE


@given(st.sets(st.sampled_from(ENGINES)))
def test_more_engines_never_make_it_worse(engines: set[str]) -> None:
    files = {Kind.WORKFLOW.path("it"): b'{"type": "Feature", "properties": {}, "links": []}'}
    (found,) = report(Catalog(files), engines).records
    assert found.verdict is Verdict.NOT_EXECUTABLE
    order = [Verdict.NO_ENGINE, Verdict.AFTER_MENDING, Verdict.RUNNABLE]
    good = with_workflow(Catalog({}), record(GOOD))
    few, many = one_of(good, "it", engines=tuple(engines)), one_of(good, "it")
    assert order.index(few.verdict) <= order.index(many.verdict)
