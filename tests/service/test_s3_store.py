"""The results repository in object storage, on a real S3 server: the transaction, its races, and what it says."""

import os
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import deliveries
import factories
import pytest
from s3_server import BUCKET, S3Server, answer, proxied

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, EarthCodeError, InputError, IntegrityError, UnavailableError
from earthcode_platform.models.product import Novelty, PublishedExperiment, StoredFile
from earthcode_platform.stores.contract import Fault, Source
from earthcode_platform.stores.delivery import archive, download, fetch, newest, read_manifest
from earthcode_platform.stores.s3 import reading
from earthcode_platform.stores.s3.leasing import Lease
from earthcode_platform.stores.s3.leftovers import LEAST
from earthcode_platform.stores.s3.sending import Sender
from earthcode_platform.stores.s3.store import S3Store
from earthcode_platform.stores.verification import verify

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("small_parts")]


def below(server: S3Server, prefix: str) -> list[str]:
    folder = server.bucket / "archive" / prefix
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_version_is_delivered_read_back_and_never_replaced(server: S3Server, tmp_path: Path) -> None:
    store, made = server.store(), deliveries.delivery(tmp_path / "d", "first")
    checksum = store.deliver(made)
    assert checksum == checksums.of_bytes(store.read("first/1.0.0/manifest.json"))
    deliveries.require_whole(store, made)
    assert newest(store, "first") == "first/1.0.0"
    with pytest.raises(ConflictError, match="archived already"):
        store.deliver(deliveries.delivery(tmp_path / "o", "first", seed=1))
    deliveries.require_whole(store, made)
    download(store, "first/1.0.0", tmp_path / "copy")
    assert (tmp_path / "copy/first/large.bin").read_bytes() == (tmp_path / "d/first/large.bin").read_bytes()
    assert below(server, ".deliveries") == below(server, ".claims") == []


def test_an_experiment_is_archived_found_again_and_fetched(server: S3Server, tmp_path: Path) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    pinned = factories.pinned(folder)
    store = server.store()
    product = archive(pinned, factories.run(pinned, tmp_path / "one"), store, tmp_path / "one")
    again = archive(pinned, factories.run(pinned, tmp_path / "two"), store, tmp_path / "two")
    assert (product.novelty, again.novelty) == (Novelty.NEW, Novelty.UNCHANGED)
    assert again.manifest_checksum == product.manifest_checksum
    with pytest.raises(ConflictError, match="other content"):
        archive(pinned, factories.run(pinned, tmp_path / "w", 6.0), store, tmp_path / "w")
    published = PublishedExperiment(
        id=product.experiment, version=product.version, title="t", product=product.id, workflow="w",
        experiment_href=product.experiment_href, manifest_checksum=product.manifest_checksum,
        data_checksums=product.data_checksums, commit="c",
    )  # fmt: skip
    package = fetch(published, store, tmp_path / "fetched")
    assert (package / "workflow.json").read_bytes() == (folder / "workflow.json").read_bytes()
    with pytest.raises(InputError, match="no address of this results store"):
        fetch(published, S3Store(server.place(bucket="other")), tmp_path / "fetched")


def raced(store: S3Store, made: list[deliveries.Delivery]) -> list[str]:
    """Deliver all at once, and return what became of each."""
    outcomes: list[str] = []

    def attempt(one: deliveries.Delivery) -> None:
        try:
            store.deliver(one)
            outcomes.append("won")
        except ConflictError:
            outcomes.append("lost")

    threads = [threading.Thread(target=attempt, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.parametrize("honoured", [True, False], ids=["If-None-Match", "claims"])
def test_of_several_who_archive_one_version_exactly_one_wins(server: S3Server, tmp_path: Path, honoured: bool) -> None:  # noqa: FBT001 - a parameter
    lock = threading.Lock()
    product = f"raced-{honoured}".lower()
    made = [deliveries.delivery(tmp_path / str(seed), product, seed, large=0, small=2) for seed in (0, 1, 2, 2)]
    with proxied(server.port) as proxy:
        if honoured:
            proxy.rewriting = lambda head, client: conditional(head, client, server, lock)
        outcomes = raced(server.store(proxy.port, settle=0.5), made)
    assert outcomes == ["lost", "lost", "lost", "won"]
    store = server.store()
    kept, _ = read_manifest(store, f"{product}/1.0.0")
    (winner,) = {one.identity: one for one in made if one.identity == kept.folder}.values()
    deliveries.require_whole(store, winner)


def conditional(head: bytes, client: socket.socket, server: S3Server, lock: threading.Lock) -> bytes | None:
    """Answer as a server that honours `If-None-Match: *`: what is there is not overwritten."""
    first, _, rest = head.partition(b"\r\n")
    if not first.startswith(b"PUT ") or b"if-none-match: *" not in rest.lower():
        return None
    name = first.split()[1].decode().removeprefix(f"/{BUCKET}/")
    target = server.bucket / name
    with lock:
        if not target.exists():
            fields, _, body = rest.partition(b"\r\n\r\n")
            length = next(
                int(line[15:]) for line in fields.split(b"\r\n") if line.lower().startswith(b"content-length:")
            )
            if not body:
                client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            while len(body) < length:
                body += client.recv(length - len(body))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            return b'HTTP/1.1 200 OK\r\nETag: "x"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
    said = b"<Error><Code>PreconditionFailed</Code></Error>"
    return b"HTTP/1.1 412 No\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)


def test_a_manifest_that_is_refused_while_there_is_none_may_be_tried_again(server: S3Server, tmp_path: Path) -> None:
    made = deliveries.delivery(tmp_path / "d", "contended", large=0, small=1)

    lock = threading.Lock()

    def refuse(head: bytes, client: socket.socket) -> bytes | None:
        first, _, rest = head.partition(b"\r\n")
        asked = first.startswith(b"PUT ") and b"/manifest.json" in first and b"if-none-match: *" in rest.lower()
        return answer(409) if asked else conditional(head, client, server, lock)

    with proxied(server.port) as proxy:
        proxy.rewriting = refuse
        with pytest.raises(UnavailableError, match="refused the manifest, and there is none"):
            server.store(proxy.port, settle=0.5).deliver(made)


def test_a_broken_run_leaves_nothing_visible_and_is_taken_up_again(server: S3Server, tmp_path: Path) -> None:
    store, made = server.store(), deliveries.delivery(tmp_path / "d", "broken")
    (last,) = made.groups[-1]
    content = last.path.read_bytes()
    last.path.unlink()
    with pytest.raises(EarthCodeError):
        store.deliver(made)
    last.path.write_bytes(content)
    assert list(store.versions()).count("broken/1.0.0") == 0
    folder = server.bucket / "archive/broken/1.0.0" / made.identity
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.bin")}
    (folder / "broken/0.bin").write_bytes(b"x" * (folder / "broken/0.bin").stat().st_size)
    store.deliver(made)
    deliveries.require_whole(store, made)
    sent = {path.name for path, moment in before.items() if path.stat().st_mtime_ns != moment}
    assert sent == {"0.bin"}, "only what is not as it was sent goes again"


@pytest.mark.parametrize("trouble", ["a part is refused", "other bytes than recorded"])
def test_an_upload_in_parts_that_fails_is_forgotten_by_the_store(
    server: S3Server, tmp_path: Path, trouble: str
) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(3_000_000))
    source = Source("large.bin", path, checksums.of_file(path))
    if trouble == "other bytes than recorded":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    with proxied(server.port) as proxy:
        if trouble == "a part is refused":
            proxy.rewriting = lambda head, _client: answer(503) if b"partNumber=9&" in head else None
        place = server.place(proxy.port)
        error = UnavailableError if trouble == "a part is refused" else IntegrityError
        with pytest.raises(error):
            Sender(place, place.bulk(), lambda: None).send([source], "forgotten")
    listed = server.place().control()
    assert "Uploads" not in listed.list_multipart_uploads(Bucket=BUCKET, Prefix="archive/forgotten/")
    assert below(server, "forgotten") == []


def test_a_large_file_is_read_back_in_ranges(server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_SMALL", 1_000), ("_RANGE", 40_000), ("_BLOCK", 7_000)):
        monkeypatch.setattr(reading, name, value)
    store, content = server.store(), os.urandom(333_333)
    path = server.bucket / "archive/ranges/a.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    file = StoredFile(key="a.bin", size=len(content), checksum=checksums.of_bytes(content))
    assert store.verify("ranges", [file]) == []
    assert store.get("ranges/a.bin", tmp_path / "a.bin") == file.checksum
    assert (tmp_path / "a.bin").read_bytes() == content
    for other in (content[:150_000] + b"?" + content[150_001:], content[:-1], content + b"?"):
        path.write_bytes(other)
        time.sleep(0.02)
        (amiss,) = store.verify("ranges", [file])
        assert (amiss.fault, amiss.found) == (Fault.DIFFERS, checksums.of_bytes(other))


def test_leftovers_are_found_and_cleaned_and_nothing_else(server: S3Server, tmp_path: Path) -> None:
    store, made = server.store(), deliveries.delivery(tmp_path / "d", "left")
    store.deliver(made)
    broken = deliveries.delivery(tmp_path / "b", "left-too", seed=3)
    broken.groups[-1][0].path.unlink()
    with pytest.raises(EarthCodeError):
        store.deliver(broken)
    upload = (
        server.place()
        .control()
        .create_multipart_upload(Bucket=BUCKET, Key=f"archive/left-too/1.0.0/{broken.identity}/half.bin")
    )
    assert upload["UploadId"]
    with pytest.raises(InputError, match="too short"):
        store.leftovers(timedelta(minutes=1))
    assert store.leftovers(LEAST) == []
    unread = server.bucket / "archive/left-too/1.0.0/manifest.json"
    unread.write_text("{")
    time.sleep(0.02)
    with pytest.raises(IntegrityError, match="the archived manifest cannot be read") as caught:
        store.leftovers(LEAST)
    assert caught.value.where.endswith("left-too/1.0.0/manifest.json")
    unread.unlink()
    time.sleep(0.02)
    # A lost manifest makes no leftover of what it named.
    (server.bucket / "archive/left/1.0.0/manifest.json").rename(tmp_path / "kept.json")
    aged(server, 7200)
    found = {one.place: one for one in store.leftovers(timedelta(hours=1)) if "left" in one.place}
    assert found == {}, "the upload that began just now says that somebody is at it"
    server.place().control().abort_multipart_upload(
        Bucket=BUCKET, Key=f"archive/left-too/1.0.0/{broken.identity}/half.bin", UploadId=upload["UploadId"]
    )
    (one,) = [one for one in store.leftovers(timedelta(hours=1)) if "left" in one.place]
    assert one.place == f".deliveries/left-too/1.0.0/{broken.identity}"
    assert one.objects == 8
    assert one.age > timedelta(hours=1)
    Lease(server.place(), server.place().control(), one.place).take()
    assert not store.clean(one), "somebody took it up again"
    aged(server, 7200)
    assert store.clean(one)
    assert below(server, "left-too") == []
    assert f"{made.identity}/collection.json" in below(server, "left/1.0.0")


def test_what_a_killed_run_left_beside_a_newer_one_is_found_and_removed(server: S3Server, tmp_path: Path) -> None:
    store = S3Store(replace(server.place(), prefix="beside"), settle=0.1)
    broken = deliveries.delivery(tmp_path / "b", "twice", seed=3)
    broken.groups[-1][0].path.unlink()
    with pytest.raises(EarthCodeError):
        store.deliver(broken)
    made = deliveries.delivery(tmp_path / "d", "twice", seed=4)
    store.deliver(made)
    assert verify(store, deliveries.MOMENT).findings == (), "what is under way is nobody's fault"
    aged(server, 7200)
    (left,) = store.leftovers(timedelta(hours=1))
    assert (left.place, left.objects) == (f".deliveries/twice/1.0.0/{broken.identity}", 8)
    assert store.clean(left)
    assert store.leftovers(LEAST) == []
    deliveries.require_whole(store, made)
    assert verify(store, deliveries.MOMENT).findings == ()


def aged(server: S3Server, seconds: float) -> None:
    """Let everything in the store be older."""
    for path in server.bucket.rglob("*"):
        os.utime(path, (time.time() - seconds,) * 2)
    time.sleep(0.02)
