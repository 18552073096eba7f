"""Reports of `catalog validate` for machines: SARIF 2.1.0, JUnit XML and JSON, to the terminal or to a file."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.cli.app import app
from earthcode_platform.cli.catalog_junit import as_junit
from earthcode_platform.cli.catalog_outcome import Outcome
from earthcode_platform.cli.catalog_sarif import as_sarif
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport, SkippedSchema
from earthcode_platform.models.finding import Severity

LAND = "themes/land/catalog.json"
HOSTILE = 'a <b> & "c" ]]> \x00\x07\x1b[31m \ud7ff\ufffe\uffff \U0001f30d é\r\n'


def finding(**changes: object) -> CatalogFinding:
    said: dict[str, object] = {
        "code": "catalog-id-differs",
        "severity": Severity.ERROR,
        "file": LAND,
        "pointer": "/id",
        "line": 3,
        "value": '"sea"',
        "message": "the id is 'sea'.",
        "mend": "Make them equal.",
    }
    return CatalogFinding.model_validate(said | changes)


def outcome(*findings: CatalogFinding, path: Path = Path("/nowhere"), documents: tuple[str, ...] = ()) -> Outcome:
    skipped = (SkippedSchema(schema_url="https://example.org/<a>.json", documents=2),)
    report = CatalogReport(strict=True, documents=2, schemas=0, findings=findings, skipped=skipped, unchecked=2)
    return Outcome(path=path, report=report, documents=documents or (LAND, "catalog.json"))


def results(*findings: CatalogFinding, path: Path = Path("/nowhere")) -> list[dict[str, Any]]:
    log = json.loads(as_sarif(outcome(*findings, path=path)))
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def fingerprints(*findings: CatalogFinding) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in results(*findings)]


def place(result: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result["locations"][0]["physicalLocation"]
    return found


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - what we have written ourselves


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The embedded catalog with a wrong id, in a folder of a checkout."""
    for name, content in seed_files().items():
        path = tmp_path / "top/my catalog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.replace(b'"id": "land"', b'"id": "sea"') if name == LAND else content)
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "top")], check=True)
    return tmp_path / "top/my catalog"


def validate(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        app(["catalog", "validate", "--offline", *map(str, arguments)])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_sarif_has_what_github_needs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(folder, "--format", "sarif") == 1
    log = json.loads(capsys.readouterr().out)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    driver, found = log["runs"][0]["tool"]["driver"], log["runs"][0]["results"]
    assert driver["name"] == "earthcode-platform"
    assert [one["ruleId"] for one in found] == ["catalog-id-differs"]
    assert place(found[0]) == {
        "artifactLocation": {"uri": f"my%20catalog/{LAND}", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1 + (folder / LAND).read_text().splitlines().index('  "id": "sea",')},
    }
    assert found[0]["message"]["text"] == "the id is 'sea', the folder's name 'land'. Make them equal."
    rule = driver["rules"][found[0]["ruleIndex"]]
    assert (rule["id"], rule["defaultConfiguration"]["level"]) == ("catalog-id-differs", "error")
    assert rule["shortDescription"]["text"] == "The folder's name equals `id`."
    assert "it takes a decision" in rule["help"]["text"]


def test_every_rule_is_described_once_and_strict_ones_in_strict_mode_alone() -> None:
    rules = json.loads(as_sarif(outcome()))["runs"][0]["tool"]["driver"]["rules"]
    by_id = {rule["id"]: rule for rule in rules}
    assert len(by_id) == len(rules) > 40
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert "`key`" not in rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
    assert "--fix` mends it" in by_id["catalog-back-link-missing"]["help"]["text"]
    assert "A product is a Collection" in by_id["catalog-type-wrong"]["fullDescription"]["text"]
    assert "A theme is a Catalog" in by_id["catalog-type-wrong"]["fullDescription"]["text"]
    report = outcome().report.model_copy(update={"strict": False})
    gate = json.loads(as_sarif(Outcome(path=Path("/nowhere"), report=report, documents=())))
    assert "catalog-back-link-missing" not in {one["id"] for one in gate["runs"][0]["tool"]["driver"]["rules"]}


def test_fingerprints_stay_when_lines_move_and_tell_findings_apart() -> None:
    assert fingerprints(finding()) == fingerprints(finding(line=90, pointer="/links/7"))
    assert len(set(fingerprints(finding(), finding(), finding(value='"ocean"'), finding(file="catalog.json")))) == 4
    assert fingerprints(finding(), finding())[0] == fingerprints(finding())[0]


def test_an_address_is_percent_encoded_and_the_rule_of_a_strange_code_is_there() -> None:
    found = results(finding(file="products/é: 100%/a#b?.json", code="catalog-new-rule", severity=Severity.WARNING))
    uri = place(found[0])["artifactLocation"]["uri"]
    assert uri == "products/%C3%A9%3A%20100%25/a%23b%3F.json"
    assert unquote(uri) == "products/é: 100%/a#b?.json"
    assert found[0]["level"] == "warning"


def test_sarif_keeps_the_rules_of_its_specification() -> None:
    log = json.loads(as_sarif(outcome(finding(), finding(pointer="", message=HOSTILE), finding(code="catalog-x"))))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]  # section 3.27.6
        assert one["level"] in ("none", "note", "warning", "error")  # section 3.27.10
        assert one["message"]["text"]  # section 3.11.8
        assert place(one)["region"]["startLine"] >= 1  # section 3.30.5
        assert ":" not in place(one)["artifactLocation"]["uri"]  # section 3.4.4: relative to its base
        assert not place(one)["artifactLocation"]["uri"].startswith("/")
    assert len({rule["id"] for rule in rules}) == len(rules)  # section 3.49.3
    assert set(run) <= {"tool", "automationDetails", "columnKind", "results", "properties"}


def test_sarif_meets_the_official_schema(shared: Path) -> None:
    schema = next((shared / "schemas").rglob("sarif-schema-2.1.0.json"), None)
    if schema is None:
        pytest.skip("needs sarif-schema-2.1.0.json of OASIS in the mirror of schemas")
    validator = jsonschema_rs.validator_for(json.loads(schema.read_bytes()), validate_formats=True)
    log = json.loads(as_sarif(outcome(finding(), finding(pointer="", message=HOSTILE), finding(code="catalog-x"))))
    assert [error.message for error in validator.iter_errors(log)] == []


def test_junit_counts_documents_and_failures() -> None:
    warning = finding(severity=Severity.WARNING, code="catalog-link-repeated", file="themes/oceans/catalog.json")
    paths = (LAND, "catalog.json", "products/x/item.json", "themes/oceans/catalog.json", "themes/catalog.json")
    top = parsed(as_junit(outcome(finding(), finding(line=9), warning, documents=paths)))
    assert (top.tag, top.get("tests"), top.get("failures")) == ("testsuites", "5", "1")
    counts = {suite.get("name"): (suite.get("tests"), suite.get("failures")) for suite in top}
    assert counts == {"items": ("1", "0"), "listings": ("2", "0"), "themes": ("2", "1")}
    land, oceans = top.findall("testsuite[@name='themes']/testcase")
    assert (land.get("name"), land.get("classname"), len(land)) == (LAND, "catalog.themes", 1)
    failure = land[0]
    assert (failure.tag, failure.get("type")) == ("failure", "catalog-id-differs")
    assert failure.get("message") == "the id is 'sea'. (and 1 more)"
    assert str(failure.text).count("error [catalog-id-differs]") == 2
    assert [(one.tag, str(one.text).startswith("warning [catalog-link-repeated]")) for one in oceans] == [
        ("system-out", True)
    ]
    skipped = top.find("testsuite/properties/property[@name='schema-skipped']")
    assert skipped is not None
    assert skipped.get("value") == "https://example.org/<a>.json (2 documents)"


def test_junit_is_well_formed_whatever_a_document_says() -> None:
    hostile = finding(file=HOSTILE, message=HOSTILE, mend=HOSTILE, code="catalog-x", value=HOSTILE)
    case = parsed(as_junit(outcome(hostile, documents=("a\udcff.json",)))).findall("testsuite/testcase")
    assert [str(one.get("name"))[:5] for one in case] == ["a <b>", "a\\udc"]
    told = "".join(case[0].itertext())
    assert 'a <b> & "c" ]]>' in told
    assert "\N{REPLACEMENT CHARACTER}[31m" in told
    assert not set(told) & {"\x00", "\x07", "\x1b", "\ufffe", "\uffff"}


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "text"])
def test_a_report_in_a_file_leaves_the_terminal_to_people(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    validate(folder, "--format", form)
    alone = capsys.readouterr().out
    file = tmp_path / "report"
    assert validate(folder, "--format", form, "--output", file) == 1
    assert file.read_bytes().decode() == alone
    assert "not valid in gate mode: 1 errors" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report"]


def test_json_says_so_in_both_ways(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(folder, "--json") == 1
    first = capsys.readouterr().out
    assert validate(folder, "--format", "json") == 1
    assert capsys.readouterr().out == first
    assert json.loads(first)["findings"][0]["code"] == "catalog-id-differs"
