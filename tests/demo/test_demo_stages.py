from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from demo.stages import reached, seconds_by_stage, stage_of, timings

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@dataclass
class Step:
    stage: str
    start_time: datetime | None
    end_time: datetime | None

    @property
    def name(self) -> str:
        return f"{self.stage}: step-1ab" if self.stage else "step-1ab"


DEVELOP = [Step("develop", at(0), at(1)), Step("develop", at(1.5), at(2))]
VALIDATE = [Step("validate", at(3), at(5)), Step("validate", at(3), at(4))]
WAITING = Step("execute", None, None)


def test_a_stage_lasts_from_the_start_of_its_first_step_to_the_end_of_its_last() -> None:
    assert seconds_by_stage([*VALIDATE, *DEVELOP]) == {"develop": 2.0, "validate": 2.0}


def test_stages_come_in_the_order_in_which_they_began() -> None:
    assert list(seconds_by_stage([*VALIDATE, *DEVELOP])) == ["develop", "validate"]


def test_a_stage_with_a_running_step_has_no_time_yet() -> None:
    running = Step("execute", at(6), None)
    assert list(seconds_by_stage([*DEVELOP, running, Step("execute", at(5), at(6))])) == ["develop"]


def test_a_step_that_waits_counts_for_nothing() -> None:
    assert [timing.stage for timing in timings([*DEVELOP, WAITING])] == ["develop"]


@pytest.mark.parametrize("stage", ["", "rerun", "executed", "execute "])
def test_steps_of_no_stage_are_left_out(stage: str) -> None:
    step = Step(stage, at(0), at(9))
    assert stage_of(step) == ""
    assert timings([step]) == []


def test_a_stage_is_done_when_the_next_has_begun() -> None:
    assert reached(timings(DEVELOP), over=False) == []
    assert [timing.stage for timing in reached(timings([*DEVELOP, *VALIDATE]), over=False)] == ["develop"]


def test_every_finished_stage_is_done_when_the_run_is_over() -> None:
    known = timings([*DEVELOP, *VALIDATE, Step("execute", at(6), None)])
    assert [timing.stage for timing in reached(known, over=True)] == ["develop", "validate"]
