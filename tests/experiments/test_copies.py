"""Addresses that a workflow names, and the files of the folder that are read in their place."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from earthcode_platform import checksums
from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.models.experiment import Experiment, Grouping, InputReference, WorkflowDeclared, WorkflowKind
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow

ADDRESS = "https://processes.example.org/ndvi.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "processes").mkdir()
    (tmp_path / "processes" / "ndvi.json").write_text("{}", encoding="utf-8")
    (tmp_path / "workflow.json").write_text("[]", encoding="utf-8")
    return tmp_path


def experiment(**workflow: object) -> Experiment:
    return Experiment.model_validate({
        "id": "trial", "version": "1.0.0", "title": "A trial", "description": "A trial.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W", **workflow},
        "inputs": {"scenes": {"href": "collection.json", "stands_for": "SENTINEL2_L2A", "checksum": "1220" + 64 * "0"}},
        "product": {"id": "trial-map", "title": "A trial map"},
    })  # fmt: skip


def test_a_copy_is_pinned_with_its_addresses(folder: Path) -> None:
    copies = {ADDRESS: "./processes/ndvi.json", "http://mirror.example.org/ndvi": "processes/ndvi.json"}
    (pinned,) = pin_workflow(experiment(copies=copies), folder).files
    assert pinned.name == "processes/ndvi.json"
    assert pinned.checksum == checksums.of_bytes(b"{}")
    assert pinned.addresses == ("http://mirror.example.org/ndvi", ADDRESS)


def test_a_file_may_be_declared_twice_over(folder: Path) -> None:
    (folder / "processes" / "more.json").write_text("{}", encoding="utf-8")
    declared = experiment(files=["processes"], copies={ADDRESS: "processes/ndvi.json"})
    assert [(file.name, file.addresses) for file in pin_workflow(declared, folder).files] == [
        ("processes/more.json", ()),
        ("processes/ndvi.json", (ADDRESS,)),
    ]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("processes/missing.json", "workflow-no-file"),
        ("processes", "workflow-not-a-file"),
        ("workflow.json", "workflow-not-a-file"),
    ],
)
def test_a_copy_that_is_no_further_file_is_refused(folder: Path, path: str, code: str) -> None:
    with pytest.raises(RefusedError) as raised:
        pin_workflow(experiment(copies={ADDRESS: path}), folder)
    assert [found.code for found in raised.value.findings] == [code]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("processes/ndvi.json", "is no address with http or https"),
        ("file:///ndvi.json", "is no address with http or https"),
        ("https://me:hunter2@example.org/ndvi.json", "carried a user name or password"),
    ],
)
def test_what_is_no_address_is_refused(address: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as raised:
        WorkflowDeclared.model_validate(
            {"kind": "openeo", "entry": "w.json", "title": "W", "copies": {address: "processes/ndvi.json"}}
        )
    assert "hunter2" not in json.dumps([str(error["msg"]) for error in raised.value.errors()])


def test_what_an_input_stands_for_stays_when_another_place_is_named() -> None:
    changed = experiment().with_overrides({"scenes": "other.json"}, {})
    assert changed.inputs["scenes"] == InputReference(href="other.json", stands_for="SENTINEL2_L2A")


def test_how_items_are_grouped_counts_for_the_fingerprint(folder: Path) -> None:
    declared = experiment()
    plain = PinnedInput(name="scenes", href="/c.json", checksum="1220" + 64 * "0")
    known = {
        PinnedExperiment(
            experiment=declared, folder=str(folder), workflow=pin_workflow(declared, folder), inputs=(source,)
        ).fingerprint
        for source in (plain, plain.model_copy(update={"group": Grouping.SOLAR_DAY}))
    }
    assert len(known) == 2


def test_addresses_and_what_inputs_stand_for_count_for_the_fingerprint(folder: Path) -> None:
    declared = experiment(copies={ADDRESS: "processes/ndvi.json"})
    workflow = pin_workflow(declared, folder)

    def fingerprint(workflow: PinnedWorkflow, stands_for: str | None) -> str:
        source = PinnedInput(name="scenes", href="/c.json", checksum="1220" + 64 * "0", stands_for=stands_for)
        return PinnedExperiment(
            experiment=declared, folder=str(folder), workflow=workflow, inputs=(source,)
        ).fingerprint

    (file,) = workflow.files
    elsewhere = workflow.model_copy(update={"files": (file.model_copy(update={"addresses": ()}),)})
    assert workflow.kind is WorkflowKind.OPENEO
    known = {
        fingerprint(one, name) for one in (workflow, elsewhere) for name in (None, "SENTINEL2_L2A", "SENTINEL2_L1C")
    }
    assert len(known) == 6
