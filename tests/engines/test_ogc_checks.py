"""What a provider would not do is told before anything is deployed there or any job is made."""

import json
from pathlib import Path
from typing import Any

import cwl_pieces
import factories
import pytest
from openeo_asked import Asked
from processes_api import ProcessesAPI
from processes_runs import endpoint, engine, handed_back, pinned
from pydantic import SecretStr

from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine
from earthcode_platform.errors import ExecutionError, InputError, RefusedError
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment


def findings(provider: ProcessesAPI, experiment: PinnedExperiment, **changes: object) -> dict[str, Finding]:
    """Return the errors and warnings, those of the best practice aside; nothing may be made at the provider."""
    made, packages = provider.jobs.made, dict(provider.packages)
    found = engine(provider, **changes).check(experiment.workflow, experiment.inputs, experiment.experiment)
    assert (provider.jobs.made, provider.packages) == (made, packages)
    return {one.code: one for one in found if one.severity != "note" and "-ogc-" not in one.code}


def test_a_good_experiment_has_no_finding_and_its_inputs_are_parameters(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path)
    assert findings(provider, experiment) == {}
    assert [one.name for one in ProcessesEngine().parameters(experiment.workflow)] == ["scenes", "factor"]


@pytest.mark.parametrize(
    ("without", "severity", "told"),
    [
        ("processes-1/1.0/conf/core", "error", "it is no OGC API - Processes"),
        ("deploy-replace-undeploy", "error", "nothing can be deployed there"),
        ("conf/cwl", "error", "it takes no CWL"),
        ("conf/dismiss", "warning", "a run that is cancelled here goes on there"),
    ],
)
def test_conformance_classes_that_are_missing_are_told(
    provider: ProcessesAPI, tmp_path: Path, without: str, severity: str, told: str
) -> None:
    provider.conforms = [one for one in provider.conforms if not one.endswith(without)]
    (found,) = findings(provider, pinned(provider, tmp_path)).values()
    assert (found.code, found.severity) == ("workflow-backend-feature", severity)
    assert told in found.message


def test_inputs_that_a_provider_cannot_read_are_told(provider: ProcessesAPI, tmp_path: Path) -> None:
    folder = cwl_pieces.folder(tmp_path / "e")
    found = findings(provider, cwl_pieces.pinned(folder))
    assert "'scenes' lies on this machine" in found["workflow-local-input"].message
    with pytest.raises(RefusedError):
        engine(provider).run(cwl_pieces.pinned(folder), tmp_path / "w")
    public = ProcessesEngine(Endpoint("https://processing.example.org/ogc"))
    experiment = pinned(provider, tmp_path / "p")
    # Nobody is asked: a package that cannot be sent need not be.
    told = {one.code: one for one in public.check(experiment.workflow, experiment.inputs)}
    assert "which is no public address" in told["workflow-unreachable-input"].message


@pytest.mark.parametrize("named", [False, True])
def test_items_of_a_collection_of_items_are_sent_by_where_they_say_they_are(
    provider: ProcessesAPI, tmp_path: Path, *, named: bool
) -> None:
    item = json.loads((provider.folder / "scenes" / "scene-2023-08-01" / "scene-2023-08-01.json").read_text())
    address = provider.data("scenes/scene-2023-08-01/scene-2023-08-01.json")
    item["assets"]["B01"]["href"] = provider.data("scenes/scene-2023-08-01/B01.tif")
    item["links"] = [{"rel": "self", "href": address}] if named else []
    factories.write_json(provider.folder / "found.json", {"type": "FeatureCollection", "features": [item]})
    experiment = pinned(provider, tmp_path / "e", inputs={"scenes": {"href": provider.data("found.json")}})
    found = findings(provider, experiment)
    if not named:
        assert "has no address of its own" in found["workflow-unreachable-input"].message
        return
    assert found == {}
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    assert provider.jobs.held["job-1"].request["inputs"]["scenes"]["href"] == address


def test_several_items_in_one_directory_cannot_be_named(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path, inputs={"scenes": {"href": provider.data("scenes/collection.json")}})
    assert "has 2 items" in findings(provider, experiment)["workflow-several-items"].message


def test_several_items_as_one_address_cannot_be_named(provider: ProcessesAPI, tmp_path: Path) -> None:
    app = cwl_pieces.workflow()
    app["inputs"]["scenes"]["type"] = "string"
    tool = cwl_pieces.tool()
    tool["inputs"]["scene"]["type"] = "string"
    files: dict[str, Any] = {"tools/copy.cwl": tool}
    inputs = {"scenes": {"href": provider.data("scenes/collection.json")}}
    found = findings(provider, pinned(provider, tmp_path, app, files, inputs=inputs))
    assert "has 2" in found["workflow-several-items"].message


def test_a_description_leads_to_no_other_address(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path / "e", configuration={"factor": 2})
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    described(provider, factor={"minOccurs": 0, "schema": {"$ref": provider.data("secret.json")}})
    assert findings(provider, experiment) == {}
    described(provider, scenes={"schema": {"$ref": provider.data("secret.json")}})
    assert findings(provider, experiment) == {}
    assert not [one for one in provider.asked if one.path == "/data/secret.json"]


def test_an_answer_that_is_nested_too_deeply_is_told(provider: ProcessesAPI, tmp_path: Path) -> None:
    def nested(asked: Asked) -> None:
        asked.answer(200, b'{"a":' + b"[" * 200_000)

    provider.faults["GET /conformance"] = [nested]
    with pytest.raises(ExecutionError, match="it is no JSON"):
        findings(provider, pinned(provider, tmp_path))


def test_files_beside_the_package_go_into_it_or_are_told(provider: ProcessesAPI, tmp_path: Path) -> None:
    tool = cwl_pieces.tool('test "$(cat "$3")" = 42; cp "$1"/*/B01.tif made.tif')
    tool["inputs"] |= {"table": {"type": "File", "default": {"class": "File", "location": "table.txt"}}}
    files: dict[str, Any] = {"tools/copy.cwl": tool, "tools/table.txt": "42"}
    assert findings(provider, pinned(provider, tmp_path / "small", files=files)) == {}
    files["tools/table.txt"] = "4" * 70_000
    found = findings(provider, pinned(provider, tmp_path / "large", files=files))
    assert "'table.txt', which has 70,000 bytes" in found["workflow-local-file"].message


def test_a_file_of_the_configuration_cannot_be_sent(provider: ProcessesAPI, tmp_path: Path) -> None:
    app = cwl_pieces.workflow()
    app["inputs"] |= {"table": {"type": "File?", "label": "Table", "doc": "Of no use."}}
    files: dict[str, Any] = {"tools/copy.cwl": cwl_pieces.tool(), "tools/table.txt": "42"}
    values = {"table": {"class": "File", "path": "tools/table.txt"}}
    found = findings(provider, pinned(provider, tmp_path, app, files, configuration=values))
    assert found["workflow-local-file"].where == "experiment.yaml: configuration.table"


def test_a_broken_package_is_told_without_asking_the_provider(provider: ProcessesAPI, tmp_path: Path) -> None:
    app = cwl_pieces.workflow(steps={"copy": {"run": "tools/nothing.cwl", "in": {}, "out": ["made"]}})
    experiment = pinned(provider, tmp_path, app)
    before = len(provider.asked)
    assert "workflow-no-tool" in findings(provider, experiment)
    assert len(provider.asked) == before


def described(provider: ProcessesAPI, **inputs: object) -> None:
    """Let the process of the provider be described with these inputs besides its own."""
    provider.changed["/processes/{id}"] = lambda held: held | {"inputs": held["inputs"] | inputs}


@pytest.mark.parametrize(
    ("inputs", "code", "told"),
    [
        ({"threshold": {"schema": {"type": "number"}}}, "workflow-missing-argument", "it needs the input 'threshold'"),
        ({"factor": {"schema": {"enum": [5]}}}, "workflow-argument-value", "does not take 2 as 'factor'"),
    ],
)
def test_values_are_held_against_the_process_that_is_there(
    provider: ProcessesAPI, tmp_path: Path, inputs: dict[str, Any], code: str, told: str
) -> None:
    experiment = pinned(provider, tmp_path / "e", configuration={"factor": 2})
    provider.jobs.instead = handed_back(provider)
    described(provider, **inputs)
    # Once deployed, before its job is made.
    with pytest.raises(RefusedError, match=told):
        engine(provider, undeploys=True).run(experiment, tmp_path / "w")
    assert (provider.jobs.made, provider.packages) == (0, {})
    provider.changed.clear()
    engine(provider).run(experiment, tmp_path / "w")
    described(provider, **inputs)
    found = findings(provider, experiment)[code]
    assert told in found.message
    # Nothing is said of values that are not known.
    assert code not in [one.code for one in engine(provider).check(experiment.workflow, experiment.inputs)]


def test_a_process_without_our_input_and_one_that_cannot_be_waited_for(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    provider.changed["/processes/{id}"] = lambda held: (
        held
        | {
            "inputs": {"scene": held["inputs"]["scenes"] | {"minOccurs": 0}},
            "jobControlOptions": ["sync-execute"],
        }
    )
    found = findings(provider, experiment)
    assert "Did you mean 'scene'?" in found["workflow-unknown-argument"].remedy
    assert "it is executed as sync-execute alone" in found["workflow-backend-feature"].message


def test_a_process_with_our_name_and_other_content_is_refused_or_replaced(
    provider: ProcessesAPI, tmp_path: Path
) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    (name,) = provider.packages
    ours = provider.packages[name]
    provider.packages[name] = {**ours, "cwlVersion": "v1.1"}
    found = findings(provider, experiment)["workflow-process-conflict"]
    assert "deployed with another package than ours" in found.message
    assert findings(provider, experiment, replaces=True) == {}
    engine(provider, replaces=True).run(experiment, tmp_path / "v")
    assert provider.packages == {name: ours}
    assert len(provider.requests("PUT", f"/processes/{name}")) == 1


def test_a_process_that_does_not_show_its_package_is_taken_by_its_name(provider: ProcessesAPI, tmp_path: Path) -> None:
    provider.shows_packages = False
    provider.jobs.instead = handed_back(provider)
    experiment = pinned(provider, tmp_path / "e")
    for number in range(2):
        engine(provider).run(experiment, tmp_path / f"w{number}")
    assert len(provider.requests("POST", "/processes")) == 1


def test_what_is_shown_as_a_package_and_is_none_is_told(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path / "e")
    provider.jobs.instead = handed_back(provider)
    engine(provider).run(experiment, tmp_path / "w")
    (name,) = provider.packages

    def garbage(asked: Asked) -> None:
        asked.answer(200, b"{ no: [yaml", Content_Type="application/cwl+yaml")

    provider.faults[f"GET /processes/{name}/package"] = [garbage]
    with pytest.raises(ExecutionError, match="is no CWL"):
        engine(provider).check(experiment.workflow, experiment.inputs)


def test_a_process_that_the_block_names_must_be_there(provider: ProcessesAPI, tmp_path: Path) -> None:
    found = findings(provider, pinned(provider, tmp_path), processes={"copying": "nobody"})
    assert "has no process of that id" in found["workflow-unknown-process"].message


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "https://ada:hunter2@example.org/ogc"}, "carried a user name"),
        ({"url": "https://example.org/ogc?key=hunter2"}, "carried a user name"),
        ({"url": "ftp://example.org/ogc"}, "its scheme is 'ftp'"),
        ({"url": "http://example.org/ogc", "token": SecretStr("hunter2")}, "sent by https alone"),
    ],
)
def test_addresses_that_cannot_be_used_are_told_without_secrets(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        Endpoint(**settings)
    assert "hunter2" not in str(caught.value)


def test_an_engine_without_a_provider_and_a_page_that_is_no_api(provider: ProcessesAPI, tmp_path: Path) -> None:
    experiment = pinned(provider, tmp_path)
    with pytest.raises(InputError, match="given no provider"):
        ProcessesEngine().check(experiment.workflow, experiment.inputs)
    factories.write_json(provider.folder / "page.json", {})
    with pytest.raises(ExecutionError, match="404"):
        ProcessesEngine(endpoint(provider, url=f"{provider.origin}/nothing")).check(
            experiment.workflow, experiment.inputs
        )
