import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from earthcode_platform.errors import InputError, RefusedError, UnknownNameError
from earthcode_platform.experiments.document import MAX_DEPTH
from earthcode_platform.experiments.read import MAX_BYTES, read_declared, read_experiment
from earthcode_platform.models.finding import Finding

GOOD = """\
id: sst-anomaly
version: '1.0'
title: Anomaly of the sea surface temperature
description: |
  How much warmer was the Pacific?
license: cc-by-4.0
contacts:
  - name: Ada Lovelace
    email: ada@example.org
osc:
  project: earthcode-examples
  themes: [oceans]
workflow: {kind: openeo, entry: graph.json, title: Anomaly}
inputs:
  sst:
    href: data/item.json
    datetime: 2009-12-01/2010-02-28
    bbox: [-170, -5, -120, 5]
configuration:
  threshold: 1e-3
  mode: no
  start: 2009-12-01
  code: 012
  nothing:
product: {id: anomaly, title: Anomaly}
"""


def _folder(tmp_path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / "experiment.yaml").write_bytes(data)
    return tmp_path


def _refused(folder: Path) -> list[Finding]:
    with pytest.raises(RefusedError) as caught:
        read_experiment(folder)
    return list(caught.value.findings)


def test_the_folder_and_the_file_name_the_same_experiment(tmp_path: Path) -> None:
    folder = _folder(tmp_path, GOOD)
    experiment = read_experiment(folder)
    assert experiment == read_experiment(folder / "experiment.yaml")
    assert experiment.license == "CC-BY-4.0"
    assert experiment.inputs["sst"].bbox == (-170.0, -5.0, -120.0, 5.0)
    assert experiment.description == "How much warmer was the Pacific?"


def test_plain_values_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    configuration = read_experiment(_folder(tmp_path, GOOD)).configuration
    assert configuration == {
        "threshold": 0.001,
        "mode": "no",
        "start": "2009-12-01",
        "code": 12,
        "nothing": None,
    }


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    assert read_experiment(_folder(tmp_path, GOOD.encode("utf-8-sig"))).id == "sst-anomaly"


def test_all_errors_come_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = GOOD.replace("version: '1.0'", "version: 1.10").replace("title: Anomaly of", "titel: Anomaly of")
    text = text.replace("kind: openeo", "kind: OpenEO").replace("product: {id: anomaly", "product: {id: An Omaly")
    found = _refused(_folder(tmp_path, text))
    assert [(one.code, one.where) for one in found] == [
        ("metadata-missing-key", "experiment.yaml:1: title"),
        ("metadata-wrong-type", "experiment.yaml:2: version"),
        ("metadata-unknown-key", "experiment.yaml:3: titel"),
        ("metadata-bad-value", "experiment.yaml:13: workflow.kind"),
        ("metadata-bad-value", "experiment.yaml:25: product.id"),
    ]
    assert found[1].message == "1.10 is a number, but text is needed."
    assert found[1].remedy == "Put it in quotes: '1.10'."
    assert found[2].remedy == "Did you mean 'title'?"
    assert "Did you mean 'openeo'?" in found[3].remedy
    assert "'an-omaly'" in found[4].remedy


def test_a_contact_with_errors_is_not_also_a_missing_contact(tmp_path: Path) -> None:
    found = _refused(_folder(tmp_path, GOOD.replace("Ada Lovelace", "''")))
    assert [one.where for one in found] == ["experiment.yaml:8: contacts[0].name"]


def test_an_empty_list_is_refused_as_such(tmp_path: Path) -> None:
    found = _refused(_folder(tmp_path, GOOD.replace("[oceans]", "[]")))
    assert [(one.where, one.message) for one in found] == [
        ("experiment.yaml:12: osc.themes", "the list is empty, but at least one value is needed.")
    ]


@pytest.mark.parametrize("wrong", ["[true, -5, -120, 5]", "['-170', -5, -120, 5]"])
def test_no_value_changes_its_type_on_the_way(tmp_path: Path, wrong: str) -> None:
    found = _refused(_folder(tmp_path, GOOD.replace("[-170, -5, -120, 5]", wrong)))
    assert [(one.code, one.where) for one in found] == [
        ("metadata-wrong-type", "experiment.yaml:18: inputs.sst.bbox[0]")
    ]


def test_a_credential_is_shown_nowhere(tmp_path: Path) -> None:
    secret = "hunter2" + "x" * 80
    text = GOOD.replace("data/item.json", f"https://me:{secret}@example.org/item.json")
    text = text.replace("mode: no", f"https://me:{secret}@example.org/key: 1\n  list: [&a 1]")
    with pytest.raises(RefusedError) as caught:
        read_experiment(_folder(tmp_path, text.replace("  list: [&a 1]", "")))
    assert "carried a user name or password" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert all("hunter2" not in one.model_dump_json() for one in caught.value.findings)
    assert all("hunter2" not in one.model_dump_json() for one in _refused(_folder(tmp_path, text)))


@pytest.mark.parametrize("href", ["/data/item.json", "file:///data/item.json", "C:\\data\\item.json", "~/item.json"])
def test_absolute_paths_belong_to_one_machine(tmp_path: Path, href: str) -> None:
    found = _refused(_folder(tmp_path, GOOD.replace("data/item.json", f"'{href}'")))
    assert "metadata-absolute-path" in [one.code for one in found]
    assert "--input NAME=PATH" in found[0].remedy


def test_depth_is_limited_before_python_gives_up(tmp_path: Path) -> None:
    deep = "[" * 50_000 + "]" * 50_000
    assert [one.code for one in _refused(_folder(tmp_path, f"id: {deep}"))] == ["metadata-too-deep"]
    allowed = "[" * (MAX_DEPTH - 3) + "]" * (MAX_DEPTH - 3)
    assert read_experiment(_folder(tmp_path, GOOD.replace("mode: no", f"mode: {allowed}"))).id == "sst-anomaly"


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    padded = GOOD + "#" * (MAX_BYTES - len(GOOD))
    assert read_experiment(_folder(tmp_path, padded)).id == "sst-anomaly"
    assert [one.code for one in _refused(_folder(tmp_path, padded + "#"))] == ["metadata-too-large"]


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "experiment.yaml")
    assert [one.code for one in _refused(tmp_path)] == ["metadata-no-file"]


def test_another_suffix_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "experiment.yml").write_text(GOOD)
    found = _refused(tmp_path / "experiment.yaml")
    assert found[0].remedy == "Rename 'experiment.yml' to 'experiment.yaml'."


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_the_file(tmp_path: Path, folder: str) -> None:
    found = _refused(tmp_path / folder)
    assert [one.code for one in found] == ["metadata-no-file"]


def test_other_inputs_and_values_for_one_run(tmp_path: Path) -> None:
    folder = _folder(tmp_path, GOOD)
    experiment = read_declared(folder, {"sst": "/elsewhere/item.json"}, {"threshold": 2})
    assert experiment.inputs["sst"].href == "/elsewhere/item.json"
    assert experiment.inputs["sst"].bbox == (-170.0, -5.0, -120.0, 5.0)
    assert experiment.configuration["threshold"] == 2
    with pytest.raises(UnknownNameError, match=r"no input 'ssst'.*Did you mean 'sst'"):
        read_declared(folder, {"ssst": "x.json"}, {})
    with pytest.raises(UnknownNameError, match=r"no configuration value 'treshold'.*Did you mean 'threshold'"):
        read_declared(folder, {}, {"treshold": 1})
    with pytest.raises(InputError, match="scheme 'ftp'") as caught:
        read_declared(folder, {"sst": "ftp://me:hunter2@host/item.json"}, {})
    assert "hunter2" not in str(caught.value)


@given(st.binary(max_size=200) | st.text(alphabet="{}[]:,-'\"&*!|>%@`#\n\t 0ae.", max_size=80).map(str.encode))
@settings(deadline=None, max_examples=300)
@example(b"? [a]\n: b")
@example(b"!!python/object/apply:os.system [id]")
@example(b'id: "\\uD800"')
@example(b"id: !!int x")
@example(b"- 0x" + b"f" * 9000)
@example(b"a: " + b"9" * 9000)
@example(b"configuration: {a: 0x" + b"f" * 9000 + b"}")
@example(b"inputs: {a: {href: [1]}}")
@example(b"inputs: [href]")
@example(b"%YAML 9.9\n---\na: 1")
def test_whatever_the_bytes_the_answer_is_a_refusal(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = _folder(tmp_path_factory.mktemp("bytes"), content)
    found = _refused(folder)
    assert found
    assert all(one.code.startswith("metadata-") and one.message for one in found)


NEW = """\
  new_project:
    title: Ocean Heat
    description: What the oceans take up.
    status: finished
    website: ocean-heat.example.org
    technical_officer:
      name: Ada
      email: ada(at)example.org
  new_variables:
    - id: Heat
      title: ""
      description: Heat.
      themes: []
      definition: https://me:hunter2@example.org/
    - id: salt
      title: Salt
      description: Salt.
"""


def test_everything_wrong_with_what_is_new_is_told_with_its_line(tmp_path: Path) -> None:
    findings = _refused(_folder(tmp_path, GOOD.replace("  themes: [oceans]\n", f"  themes: [oceans]\n{NEW}")))
    found = [tuple(one.where.removeprefix("experiment.yaml:").split(": ")) for one in findings]
    assert found == [
        ("16", "osc.new_project.status"),
        ("17", "osc.new_project.website"),
        ("20", "osc.new_project.technical_officer.email"),
        ("22", "osc.new_variables[0].id"),
        ("23", "osc.new_variables[0].title"),
        ("25", "osc.new_variables[0].themes"),
        ("26", "osc.new_variables[0].definition"),
        ("27", "osc.new_variables[1].themes"),
        ("27", "osc.new_variables[1].definition"),
    ]
    told = "\n".join(map(str, findings))
    assert "Take one of: planned, ongoing, completed." in told
    assert "'ocean-heat.example.org' is no web address. Write it as https://example.org/page" in told
    assert "'ada(at)example.org' is no e-mail address." in told
    assert "hunter2" not in told
