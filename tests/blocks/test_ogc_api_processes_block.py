"""The block of an OGC API - Processes: what it hands out."""

import pytest
from pydantic import SecretStr, ValidationError

from blocks.ogc_api_processes import OGCAPIProcesses
from earthcode_platform.errors import InputError

CANARY = "c4n4ry-in-a-block"
URL = "https://processing.example.org/ogc-api"


def test_it_hands_out_the_options_of_the_engine() -> None:
    block = OGCAPIProcesses(
        url=URL,
        token=SecretStr(CANARY),
        processes={"water-mask": "theirs"},
        replaces=True,
        undeploys=True,
        deletes=True,
        hours=1,
        gigabytes=2,
        allowed=["results.internal"],
        poll_seconds=1,
        patience_seconds=9,
    )
    endpoint = block.get_endpoint()
    assert (endpoint.url, endpoint.limit, endpoint.largest) == (URL, 3600.0, 2_000_000_000)
    assert (endpoint.replaces, endpoint.undeploys, endpoint.deletes) == (True, True, True)
    assert (endpoint.processes, endpoint.allowed) == ({"water-mask": "theirs"}, {"results.internal"})
    assert (endpoint.pace.first, endpoint.pace.patience) == (1, 9)
    assert endpoint.secrets() == [CANARY]
    assert CANARY not in repr(block) + str(block) + repr(endpoint) + str(block.model_dump())


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "names no provider"),
        ({"url": "http://processing.example.org", "token": CANARY}, "https"),
        ({"url": "ftp://processing.example.org"}, "begins with https"),
    ],
)
def test_settings_that_cannot_work_are_told(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refused:
        OGCAPIProcesses.model_validate(settings).get_endpoint()
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("settings", [{"url": f"https://ada:{CANARY}@x.org"}, {"hours": 6}, {"token": [CANARY]}])
def test_what_is_refused_is_not_shown(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        OGCAPIProcesses.model_validate(settings)
    assert CANARY not in str(refused.value)
