"""What was waived travels with the product."""

import json
from pathlib import Path

import factories

from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.policy import Waived, Waiver
from earthcode_platform.provenance.record import record


def test_the_record_says_who_let_a_finding_pass_without_a_path_of_the_machine(tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    message = f"{pinned.folder}/data/x.tif has 0 bytes."
    finding = Finding(code="inputs-file-empty", severity=Severity.ERROR, where="scenes", message=message)
    waiver = Waiver(code="inputs-file-empty", reason="It was always empty.", by="Ada Example")
    waived = pinned.model_copy(update={"waived": (Waived(finding=finding, waiver=waiver),)})
    run = factories.run(pinned, tmp_path / "run")
    assert json.loads(record(waived, run))["waived"] == [
        {
            "code": "inputs-file-empty",
            "where": "scenes",
            "message": "./data/x.tif has 0 bytes.",
            "reason": "It was always empty.",
            "by": "Ada Example",
        }
    ]
    assert waived.fingerprint == pinned.fingerprint
    assert "waived" not in json.loads(record(pinned, run))
