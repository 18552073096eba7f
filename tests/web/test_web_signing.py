"""Objects in storage get addresses that may be read for a while, as Amazon documents it."""

import pickle
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public
from earthcode_platform.web.signing import ObjectStorage

# The key, the object and the signature of the example in Amazon's documentation of signatures in queries.
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION = "t/1"
MOMENT = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_signature_is_that_of_the_documentation() -> None:
    storage = ObjectStorage("https://{bucket}.s3.amazonaws.com", "us-east-1", KEY, SECRET)
    address = storage.address("s3://examplebucket/test.txt", 86_400, MOMENT)
    assert address.startswith("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    query = parse_qs(urlsplit(address).query)
    assert query["X-Amz-Signature"] == ["aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"]
    assert query["X-Amz-Credential"] == [f"{KEY}/20130524/us-east-1/s3/aws4_request"]


@pytest.mark.parametrize(
    ("endpoint", "region", "expected"),
    [
        ("", "eu-central-1", "https://s3.eu-central-1.amazonaws.com/b/k/a%20b%2Bc%3F%23.tif"),
        ("https://eodata.example.org/", "default", "https://eodata.example.org/b/k/a%20b%2Bc%3F%23.tif"),
        ("http://10.0.0.1:9000/s3", "default", "http://10.0.0.1:9000/s3/b/k/a%20b%2Bc%3F%23.tif"),
        ("https://{bucket}.example.org", "default", "https://b.example.org/k/a%20b%2Bc%3F%23.tif"),
    ],
)
def test_without_a_key_an_object_is_asked_for_as_anybody_may(endpoint: str, region: str, expected: str) -> None:
    assert ObjectStorage(endpoint, region).address("s3://b/k/a b+c?#.tif", 60) == expected


def test_a_temporary_key_brings_its_token() -> None:
    address = ObjectStorage("https://x.example.org", key=KEY, secret=SECRET, token=SESSION).address(
        "s3://b/k", 60, MOMENT
    )
    assert parse_qs(urlsplit(address).query)["X-Amz-Security-Token"] == ["t/1"]


def test_keys_and_signatures_are_told_to_nobody() -> None:
    storage = ObjectStorage("https://x.example.org", key=KEY, secret=SECRET, token=SESSION)
    address = storage.address("s3://b/k", 60, MOMENT)
    told = f"{storage} {public(address)} {InputError('it failed', where=address)}"
    signature = parse_qs(urlsplit(address).query)["X-Amz-Signature"][0]
    assert [secret for secret in (KEY, SECRET, "t/1", "t%2F1", signature) if secret in told] == []
    assert SECRET not in address
    assert pickle.loads(pickle.dumps(storage)) == storage  # noqa: S301 - our own bytes
