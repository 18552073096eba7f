"""Reports of `check` for machines and for pages."""

import json
from pathlib import Path
from typing import Any

import factories
import jsonschema_rs
import pytest
from breaks import RASTER, declared, graph, together, with_bytes

from earthcode_platform.cli.app import app
from earthcode_platform.cli.check_report import as_json, as_sarif
from earthcode_platform.finding_codes.registry import explained
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.gate_report import GateReport

HOSTILE = "<script>alert(1)</script> | `x` [y](z)\n# no"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = factories.experiment_folder(tmp_path / "repository" / "maps" / "small")
    (tmp_path / "repository" / ".git").mkdir()
    together(declared("configuration factr", 2), with_bytes(RASTER, b""), graph("mean process_id", "reduce_dimensoin"))(
        made
    )
    return made


def _report(*findings: Finding) -> GateReport:
    return GateReport(experiment="small", findings=findings)


def _finding(where: str, code: str = "inputs-file-empty", message: str = "It is empty.") -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=where, message=message, remedy="Fetch it.")


def _results(report: GateReport, folder: Path) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(as_sarif(report, folder))["runs"][0]["results"]
    return results


def _placed(result: dict[str, Any]) -> tuple[str, int, str]:
    (location,) = result["locations"]
    named = location.get("logicalLocations", [{"fullyQualifiedName": ""}])[0]["fullyQualifiedName"]
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"], named


@pytest.mark.parametrize("form", ["json", "markdown", "sarif"])
def test_a_report_is_printed_or_written(form: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["check", str(folder), "--format", form], result_action="return_value") == 1
    printed = capsys.readouterr().out
    assert "configuration-unknown-value" in printed
    out = folder.parent / "report"
    assert app(["check", str(folder), "--format", form, "--output", str(out)], result_action="return_value") == 1
    assert out.read_text(encoding="utf-8") == printed
    assert capsys.readouterr().out.startswith("small: refused (3 errors, 2 notes)")


def test_sarif_has_the_line_of_a_key_and_the_file_of_a_node(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app(["check", str(folder), "--format", "sarif"], result_action="return_value")
    log = json.loads(capsys.readouterr().out)
    (run,) = log["runs"]
    placed = {one["ruleId"]: _placed(one) for one in run["results"]}
    lines = (folder / "experiment.yaml").read_text().splitlines()
    line = next(at for at, text in enumerate(lines, 1) if '"factr"' in text)
    prefix = "maps/small"
    assert placed["configuration-unknown-value"] == (f"{prefix}/experiment.yaml", line, "configuration.factr")
    assert placed["workflow-unsupported-process"] == (f"{prefix}/workflow.json", 1, "node 'mean'")
    assert placed["inputs-file-empty"] == (f"{prefix}/experiment.yaml", 1, "scenes: scene-2023-08-01/B01")
    rules = run["tool"]["driver"]["rules"]
    for one in run["results"]:
        rule = rules[one["ruleIndex"]]
        assert rule["id"] == one["ruleId"]
        assert rule["shortDescription"]["text"] == explained(one["ruleId"]).what
    assert run["automationDetails"]["id"] == "check/small/"


def test_sarif_knows_lines_strangers_and_equal_results(tmp_path: Path) -> None:
    twice = _finding("experiment.yaml:7: osc.project")
    foreign = _finding("/elsewhere/a.json", "fortran-too-old")
    found = _results(_report(twice, twice, foreign, _finding("tools/a.cwl:3: step 'x'")), tmp_path)
    assert [_placed(one)[:2] for one in found] == [
        ("experiment.yaml", 7), ("experiment.yaml", 7), ("experiment.yaml", 1), ("tools/a.cwl", 3)
    ]  # fmt: skip
    assert len({one["partialFingerprints"]["primaryLocationLineHash"] for one in found}) == 4


def test_sarif_meets_the_official_schema(shared: Path, tmp_path: Path) -> None:
    schema = next((shared / "schemas").rglob("sarif-schema-2.1.0.json"), None)
    if schema is None:
        pytest.skip("needs sarif-schema-2.1.0.json of OASIS in the mirror of schemas")
    validator = jsonschema_rs.validator_for(json.loads(schema.read_bytes()), validate_formats=True)
    log = json.loads(as_sarif(_report(_finding("x.json, node 'y'", message=HOSTILE)), tmp_path))
    assert [error.message for error in validator.iter_errors(log)] == []


def test_a_page_makes_nothing_of_hostile_texts() -> None:
    page = _report(_finding("a`b", message=HOSTILE)).markdown()
    assert "<script>" not in page
    assert "\n# no" not in page
    assert "at `a'b`" in page
    assert page.startswith("# small: refused (1 error)\n")


def test_a_page_spells_twenty_of_a_thousand_out() -> None:
    page = _report(*(_finding(f"scenes: {number}/B01") for number in range(1000))).markdown()
    assert page.count("- **error**") == 20
    assert "and 980 more of `inputs-file-empty`" in page


def test_nothing_found_is_said() -> None:
    assert _report().markdown() == "# small: accepted\n\nNothing was found.\n"
    assert json.loads(as_json(_report()))["refused"] is False


def test_a_folder_without_an_experiment_has_a_report_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["check", str(tmp_path), "--format", "sarif"], result_action="return_value") == 1
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["ruleId"] == "metadata-no-file"
    out = tmp_path / "report.json"
    assert app(["check", str(tmp_path), "--json", "--output", str(out)], result_action="return_value") == 1
    assert json.loads(out.read_text(encoding="utf-8"))["findings"][0]["code"] == "metadata-no-file"


def test_a_waiver_of_the_command_needs_a_policy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waiver = {"code": "inputs-file-empty", "reason": "It is empty for a reason.", "by": "Ada"}
    declared("waivers", [waiver])(folder)
    app(["check", str(folder)], result_action="return_value")
    assert "policy-waiver-not-permitted" in capsys.readouterr().out
    policy = folder.parent / "policy.json"
    policy.write_text('{"permissions": [{"codes": ["inputs-*"]}]}', encoding="utf-8")
    app(["check", str(folder), "--policy", str(policy)], result_action="return_value")
    assert "Waived by Ada: It is empty for a reason." in capsys.readouterr().out
    policy.write_text('{"permission": []}', encoding="utf-8")
    assert app(["check", str(folder), "--policy", str(policy)], result_action="return_value") == 1
    assert "permission: Extra inputs" in capsys.readouterr().err
