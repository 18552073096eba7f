import json
from pathlib import Path

import factories
import pytest
from prefect.client.orchestration import get_client

from blocks.results_delivery import ResultsDelivery
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import ExecutionError, InputError
from flows.deliver import deliver
from flows.lifecycle import lifecycle

pytestmark = pytest.mark.service


def test_a_product_is_packed_and_an_application_package_takes_it(home: Path, small: Path) -> None:
    officer = {"name": "Bob Example", "email": "bob@example.org", "roles": ["technical_officer"]}
    contacts = [{"name": "Ada Example", "email": "ada@example.org"}, officer]
    factories.write_json(small / "experiment.yaml", factories.declaration(contacts=contacts))
    lifecycle(str(small))
    (receipt,) = deliver("small-mean")
    told = json.loads(Path(receipt).read_text())
    package = Path(receipt).parent.parent / "package"
    files = json.loads((package / "manifest.json").read_text())["files"]
    assert told == {"product": "small-mean", "version": "1.0.0", "files": len(files), "complete": True}
    with get_client(sync_client=True) as client:
        asked = {"artifacts": {"key": {"any_": ["handover-small-mean"]}}}
        (artifact,) = client.request("POST", "/artifacts/filter", json=asked).json()
    assert "Bob Example <bob@example.org>" in artifact["data"]
    assert home in package.parents


def test_of_two_outputs_with_one_name_both_are_kept(tmp_path: Path) -> None:
    from earthcode_platform.engines.cwl.step import run_step

    script = 'for one in a b; do mkdir "$one"; echo "$one" > "$one/receipt.txt"; done'
    tool = {
        "cwlVersion": "v1.2", "class": "CommandLineTool", "baseCommand": ["sh", "-euc", script],
        "inputs": {"package": "Directory"},
        "outputs": {one: {"type": "File", "outputBinding": {"glob": f"{one}/receipt.txt"}} for one in "ab"},
    }  # fmt: skip
    document = factories.write_json(tmp_path / "tool.cwl", tool)
    factories.write_json(tmp_path / "package" / "x.json", {})
    found = run_step(
        document, {"package": tmp_path / "package"}, tmp_path / "back", ResultsDelivery().get_settings(Settings())
    )
    assert sorted(one.read_text().strip() for one in found) == ["a", "b"]


def test_a_package_that_is_not_complete_is_not_taken(tmp_path: Path) -> None:
    from earthcode_platform.engines.cwl.step import run_step

    block, package = ResultsDelivery(), tmp_path / "package"
    factories.write_json(package / "handover.json", {"product": "p", "version": "1"})
    factories.write_json(package / "manifest.json", {"files": [{"key": "x.bin", "checksum": "1220"}]})
    (package / "x.bin").write_bytes(b"x")
    with pytest.raises(ExecutionError, match=r"x\.bin is not what the manifest says"):
        run_step(block.get_package(), {"package": package}, tmp_path / "back", block.get_settings(Settings()))
    with pytest.raises(InputError, match=r"takes \['package'\], but \['other'\]"):
        run_step(block.get_package(), {"other": package}, tmp_path / "back", block.get_settings(Settings()))
    other = ResultsDelivery(application_package=str(tmp_path / "none.cwl"))
    with pytest.raises(InputError, match="no such application package"):
        run_step(other.get_package(), {"package": package}, tmp_path / "back", other.get_settings(Settings()))
