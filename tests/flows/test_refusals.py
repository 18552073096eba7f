"""The table of broken experiments once more, through the flow: the same words, and nothing left behind."""

from pathlib import Path

import broken
import pytest

from earthcode_platform.errors import RefusedError
from flows.lifecycle import lifecycle

GATES = ("metadata", "workflow", "inputs", "configuration")
# Three of each gate: a run of the flow takes about a second, and the library's own tests take them all.
CHOSEN = [case for gate in GATES for case in [each for each in broken.CASES if each.gate == gate][::4][:3]]


def test_every_gate_is_among_them() -> None:
    assert {case.gate for case in CHOSEN} == set(GATES)
    assert len(CHOSEN) >= 10


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.id)
def test_the_run_fails_with_the_finding_and_leaves_nothing(case: broken.Broken, home: Path, tmp_path: Path) -> None:
    state = lifecycle(str(broken.build(case, tmp_path / "broken")), return_state=True)
    assert state.is_failed()
    with pytest.raises(RefusedError) as caught:
        state.result()
    (found,) = [each for each in caught.value.findings if each.code == case.code]
    assert case.told in str(found)
    assert broken.SECRET not in str(state.message)
    assert not (home / "archive").exists()
    assert not (home / "runs").exists()
    assert not list((home / "catalog.git").glob("refs/heads/publish/*"))
