from prefect import flow, task
from prefect.states import State

from earthcode_platform.errors import InputError, UnavailableError
from tasks import archive, develop, execute, publish, rerun, validate, withdraw
from tasks.policies import PATIENT, try_again

STAGES = ("develop", "validate", "execute", "archive", "publish", "rerun", "withdraw")
TASKS = [
    getattr(module, name)
    for module in (develop, validate, execute, archive, publish, rerun, withdraw)
    for name in module.__all__
    if hasattr(getattr(module, name), "retry_condition_fn")
]


def attempts(error: Exception) -> tuple[int, State[None]]:
    made: list[int] = []

    @task(**(PATIENT | {"retry_delay_seconds": 0}))
    def step() -> None:
        made.append(1)
        raise error

    @flow
    def once() -> None:
        step()

    state = once(return_state=True)
    return len(made), state


def test_a_service_that_does_not_answer_is_tried_again() -> None:
    count, state = attempts(UnavailableError("no answer."))
    assert count == 1 + PATIENT["retries"]
    assert state.is_failed()


def test_wrong_input_is_never_tried_again() -> None:
    count, state = attempts(InputError("wrong."))
    assert count == 1
    assert state.is_failed()


def test_every_task_says_its_stage_and_states_a_policy() -> None:
    assert len(TASKS) >= 15
    for each in TASKS:
        assert each.name.partition(": ")[0] in STAGES, each.name
        assert "etried" in (each.__doc__ or "").lower() or "never" in (each.__doc__ or "").lower(), each.name
        assert (each.retries > 0) == (each.retry_condition_fn is try_again), each.name
