"""The block of an openEO back-end: what it hands out."""

import pytest
from pydantic import SecretStr, ValidationError

from blocks.openeo_backend import OpenEOBackend
from earthcode_platform.engines.remote_openeo.backend import Authentication
from earthcode_platform.errors import InputError

CANARY = "c4n4ry-in-a-block"
URL = "https://openeo.example.org"


def test_it_hands_out_the_options_of_the_engine() -> None:
    block = OpenEOBackend(
        url=URL,
        authentication="oidc-client-credentials",
        client_id="machine",
        client_secret=SecretStr(CANARY),
        collections={"sentinel-2-l2a": "SENTINEL2_L2A"},
        plan="free",
        budget=10,
        hours=1,
        gigabytes=2,
        deletes=True,
        allowed=["results.internal"],
    )
    backend = block.get_backend()
    assert backend.credentials.method is Authentication.CLIENT_CREDENTIALS
    assert (backend.url, backend.limit, backend.largest, backend.deletes) == (URL, 3600.0, 2_000_000_000, True)
    assert backend.allowed == {"results.internal"}
    assert backend.credentials.secrets() == [CANARY]
    assert CANARY not in repr(block) + str(block) + repr(backend) + str(block.model_dump())


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "names no back-end"),
        ({"url": URL, "authentication": "basic", "username": "ada"}, "needs 'password'"),
        ({"url": URL, "authentication": "oidc-refresh-token"}, "needs 'refresh_token'"),
        ({"url": "http://openeo.example.org", "authentication": "basic", "username": "a", "password": CANARY}, "https"),
        ({"url": "ftp://openeo.example.org"}, "begins with https"),
    ],
)
def test_settings_that_cannot_work_are_told(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refused:
        OpenEOBackend.model_validate(settings).get_backend()
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("settings", [{"url": f"https://ada:{CANARY}@x.org"}, {"hours": 6}, {"password": [CANARY]}])
def test_what_is_refused_is_not_shown(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        OpenEOBackend.model_validate(settings)
    assert CANARY not in str(refused.value)
