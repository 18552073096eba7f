"""What the results repository in object storage says when the store refuses, is full or is gone; and never a key."""

import logging
from datetime import timedelta
from pathlib import Path

import deliveries
import factories
import pytest
from botocore import auth
from s3_server import BUCKET, KEY, QUICK, SECRET, S3Server, proxied, running
from small_disk import small_disk, turned

from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.s3 import failures
from earthcode_platform.stores.s3.place import Place
from earthcode_platform.stores.s3.store import S3Store
from earthcode_platform.web.signing import ObjectStorage

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("small_parts")]

OTHER, TOKEN = "wrong-wrong", "token-of-a-session"
_SAID = b"<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>"
DENIED = b"HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_SAID), _SAID)


def test_wrong_keys_and_a_missing_bucket_are_not_tried_again(server: S3Server, tmp_path: Path) -> None:
    made = deliveries.delivery(tmp_path / "d", "refused")
    with pytest.raises(InputError, match=r"does not accept our signature.*Mend the key") as wrong:
        S3Store(server.place(secret=OTHER)).deliver(made)
    with pytest.raises(InputError, match=r"no such bucket.*Create it"):
        S3Store(server.place(bucket="nowhere")).deliver(made)
    assert OTHER not in str(wrong.value)
    assert KEY not in str(wrong.value)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (503, UnavailableError, "reduce your request rate"),
        (507, UnavailableError, "is full.*Free some space"),
    ],
)
def test_what_a_store_answers_is_said_plainly(
    server: S3Server, tmp_path: Path, status: int, kind: type[EarthCodeError], words: str
) -> None:
    made = deliveries.delivery(tmp_path / "d", "answered")
    with proxied(server.port) as proxy:
        proxy.answering = status
        with pytest.raises(kind, match=words):
            server.store(proxy.port).deliver(made)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_clock_is_said_plainly(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    before = deliveries.delivery(tmp_path / "b", f"in-time{hours}", large=0, small=2)
    server.store().deliver(before)
    made = deliveries.delivery(tmp_path / "d", f"out-of-time{hours}", large=0)
    now, ours = auth.get_current_datetime, failures._now  # noqa: SLF001 - the clock of this machine, as both ask for it
    monkeypatch.setattr(auth, "get_current_datetime", lambda: now() + timedelta(hours=hours))
    monkeypatch.setattr(failures, "_now", lambda: ours() + timedelta(hours=hours))
    # This server says so of a clock that is ahead; of one that is late, only that access is denied.
    with pytest.raises(InputError, match=r"more than a quarter of an hour apart.*Set the clock of this machine"):
        server.store().deliver(made)
    monkeypatch.undo()
    assert not (server.bucket / "archive" / made.prefix).exists()
    deliveries.require_whole(server.store(), before)


def test_a_store_that_is_not_there_is_said_plainly(server: S3Server, tmp_path: Path) -> None:
    made = deliveries.delivery(tmp_path / "d", "nobody")
    with pytest.raises(UnavailableError, match="run it again"):
        server.store(9).deliver(made)


@pytest.mark.parametrize("state", ["full", "read-only"])
def test_a_full_and_a_read_only_disk_behind_the_store(tmp_path: Path, state: str) -> None:
    with small_disk(tmp_path / "disk", "256k") as root, running(root, tmp_path / "log") as server:
        before = deliveries.delivery(tmp_path / "b", "before", large=0, small=2)
        server.store().deliver(before)
        made = deliveries.delivery(tmp_path / "d", "disk", large=0 if state == "read-only" else 400_000)
        if state == "read-only":
            turned(root, "ro")
        with pytest.raises(EarthCodeError, match=r"results store failed.*disk may be full or read-only") as caught:
            server.store().deliver(made)
        assert "disk/1.0.0" in caught.value.where
        assert deliveries.partly_visible(server.store(), "disk/1.0.0") == []
        assert list(server.store().versions()) == ["before/1.0.0"]
        deliveries.require_whole(server.store(), before)
        turned(root, "rw", "size=8m")
        server.store().deliver(made)
        deliveries.require_whole(server.store(), made)


def test_a_key_that_may_only_read_is_refused_and_reads_on(server: S3Server, tmp_path: Path) -> None:
    before = deliveries.delivery(tmp_path / "b", "may-read", large=250_000)
    server.store().deliver(before)
    made = deliveries.delivery(tmp_path / "d", "may-not-write", large=0)
    with proxied(server.port) as proxy:
        proxy.rewriting = lambda head, _client: None if head.startswith((b"GET ", b"HEAD ")) else DENIED
        store = server.store(proxy.port)
        with pytest.raises(InputError, match=r"does not let us do this \(AccessDenied\).*is the store read-only") as no:
            store.deliver(made)
        assert no.value.where == f"s3://results/archive/.deliveries/may-not-write/1.0.0/{made.identity}"
        deliveries.require_whole(store, before)
    assert not (server.bucket / "archive/may-not-write").exists()
    assert not (server.bucket / "archive/.deliveries/may-not-write").exists()


def test_no_key_is_told_anywhere(
    server: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-somebody-else")
    store = S3Store(server.place(token=TOKEN), settle=0.1)
    told = [repr(store), repr(store.place), repr(store.place.storage)]
    with caplog.at_level(logging.DEBUG):
        for name in ("boto3", "botocore", "urllib3"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
        pinned = pinned.model_copy(
            update={"experiment": pinned.experiment.model_copy(update={"product": product_named(pinned, "secretive")})}
        )
        product = archive(pinned, factories.run(pinned, tmp_path / "w"), store, tmp_path / "w")
        for place in (server.place(secret=OTHER, token=TOKEN), server.place(bucket="nowhere", token=TOKEN)):
            with pytest.raises(InputError) as caught:
                S3Store(place).deliver(deliveries.delivery(tmp_path / place.bucket, "never", large=0))
            told += [str(caught.value), repr(caught.value.__dict__)]
        with proxied(9) as proxy, pytest.raises(UnavailableError) as failed:
            S3Store(Place(server.place(proxy.port, token=TOKEN).storage, BUCKET, "x", QUICK)).read("a/b")
        told += [str(failed.value), caplog.text, product.model_dump_json()]
    assert "botocore" in caplog.text
    assert "put_object" in caplog.text.lower() or "PutObject" in caplog.text
    written = [path for path in (*server.root.rglob("*"), *tmp_path.rglob("*")) if path.is_file()]
    assert len(written) > 10
    told += [path.read_bytes().decode("latin-1") for path in written]
    for secret in (KEY, SECRET, TOKEN, "X-Amz-Signature=", "X-Amz-Credential="):
        assert [text[:200] for text in told if secret in text] == [], secret


def product_named(pinned, name: str):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - as the model has it
    return pinned.experiment.product.model_copy(update={"id": name})


def test_a_bucket_name_is_checked_and_buckets_may_be_hosts() -> None:
    with pytest.raises(InputError, match="no name of a bucket"):
        Place(ObjectStorage(), "a/b")
    with pytest.raises(InputError, match=r"https://s3\.example\.org: the endpoint carries a user name") as caught:
        Place(ObjectStorage("https://ada:hunter2@s3.example.org"), "results")
    assert "hunter2" not in repr(caught.value.__dict__)
    storage = ObjectStorage("https://{bucket}.s3.example.org", "eu", "k" * 8, "s" * 8)
    store = S3Store(Place(storage, "results", "archive"))
    assert store.href("p/1/x y.tif") == "https://results.s3.example.org/archive/p/1/x%20y.tif"
    assert store.key("https://results.s3.example.org/archive/p/1/x%20y.tif") == "p/1/x y.tif"
    assert store.link("p/1/x.tif", 60).startswith("https://results.s3.example.org/archive/p/1/x.tif?X-Amz-")
    control = store.place.control()
    signed = control.generate_presigned_url("get_object", Params={"Bucket": "results", "Key": "archive/p/1/x.tif"})
    assert signed.startswith("https://results.s3.example.org/archive/p/1/x.tif?")
    assert S3Store(Place(storage, "results"), "https://open.example.org/a").href("p") == "https://open.example.org/a/p"
