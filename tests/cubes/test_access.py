"""Rights to read inputs hold while a context is open, and only there."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from earthcode_platform.cubes.access import Access, asking, carried, current, readable, require_allowed, using
from earthcode_platform.web.failures import ForbiddenAddressError
from earthcode_platform.web.signing import ObjectStorage

STORAGE = ObjectStorage("https://s3.example.org", "eu-west-1", "key", "hunter2")


def test_access_holds_inside_alone() -> None:
    with using(Access(STORAGE)):
        assert urlsplit(readable("s3://b/a.tif")).netloc == "s3.example.org"
        assert "X-Amz-Signature" in readable("s3://b/a.tif")
        assert readable("https://example.org/a.tif") == "https://example.org/a.tif"
    assert readable("s3://b/a.tif") == "https://s3.us-east-1.amazonaws.com/b/a.tif"


def test_it_is_carried_to_threads() -> None:
    with using(Access(STORAGE)), ThreadPoolExecutor(1) as pool:
        assert pool.submit(carried(current)).result().storage is STORAGE
        assert pool.submit(current).result() == Access()


def test_connections_serve_again() -> None:
    with asking("https://example.org/a") as outer, asking("https://other.example/b") as inner:
        assert inner is outer


def test_the_variables_of_the_tools_are_read() -> None:
    told = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "r", "AWS_SESSION_TOKEN": "t"}
    found = Access.of({**told, "AWS_ENDPOINT_URL": "https://any.example", "AWS_ENDPOINT_URL_S3": "https://s3.example"})
    assert found.storage == ObjectStorage("https://s3.example", "r", "k", "s", "t")
    assert Access.of({}) == Access()
    assert "s" not in repr(found.storage).split("region=")[1].split("'")[1:]


@pytest.mark.parametrize("href", ["http://169.254.169.254/a.tif", "http://localhost/a.tif", "http://0x7f.1/a.tif"])
def test_a_remote_document_does_not_lead_into_the_local_network(href: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        require_allowed(href, "https://example.org/collection.json")
    require_allowed(href, "/data/collection.json")
    require_allowed("http://10.0.0.1:8080/a.tif", "http://10.0.0.1:8080/collection.json")
    with using(Access(allowed=frozenset({urlsplit(href).netloc}))):
        if "0x" not in href:
            require_allowed(href, "https://example.org/collection.json")
