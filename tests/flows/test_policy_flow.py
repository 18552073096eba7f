"""The policy of a platform in a whole run: who starts it cannot pass it by, and what is waived is archived."""

import json
from collections.abc import Iterator
from pathlib import Path

import factories
import pytest

from blocks.policy import GatePolicy
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.policy import Permission, Waiver
from flows.lifecycle import lifecycle
from flows.validate import validate

CODE = "metadata-no-variable"


@pytest.fixture
def strict() -> Iterator[None]:
    """A platform that refuses products without variables, and lets Ada Example waive that."""
    block = GatePolicy(refused_codes=[CODE], permissions=[Permission(codes=(CODE,), by=("Ada Example",))])
    block.save("default", overwrite=True)
    yield
    GatePolicy.delete("default")


@pytest.fixture
def without_variables(tmp_path: Path) -> Path:
    declared = factories.declaration(id="waived", osc={"project": "earthcode-examples", "themes": ["land"]})
    folder = factories.experiment_folder(tmp_path / "small")
    factories.write_json(folder / "experiment.yaml", declared)
    return folder


@pytest.mark.usefixtures("strict", "home")
def test_a_policy_refuses_a_warning_and_a_waiver_of_somebody_else(without_variables: Path) -> None:
    with pytest.raises(RefusedError, match="This platform refuses it"):
        validate(str(without_variables))
    waiver = Waiver(code=CODE, reason="It holds no variable of the catalog.", by="Bob")
    with pytest.raises(RefusedError, match="'Bob' may not waive it"):
        validate(str(without_variables), waivers=[waiver])


@pytest.mark.usefixtures("strict")
def test_what_is_waived_stands_in_the_provenance_of_the_product(home: Path, without_variables: Path) -> None:
    reason = "It holds no variable of the catalog."
    lifecycle(str(without_variables), waivers=[Waiver(code=CODE, reason=reason, by="Ada Example")])
    (record,) = (home / "archive").rglob("provenance.json")
    (waived,) = json.loads(record.read_text(encoding="utf-8"))["waived"]
    assert (waived["code"], waived["by"], waived["reason"]) == (CODE, "Ada Example", reason)
    (declared,) = (home / "archive").rglob("experiment.yaml")
    assert reason in declared.read_text(encoding="utf-8")
