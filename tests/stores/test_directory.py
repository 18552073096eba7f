import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import deliveries
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_disk import small_disk, turned

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, InputError, IntegrityError, UnavailableError
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores import directory
from earthcode_platform.stores.contract import Delivery, Fault
from earthcode_platform.stores.delivery import download, newest, read_manifest
from earthcode_platform.stores.directory import STAGING, DirectoryStore
from earthcode_platform.stores.disk import kept
from earthcode_platform.stores.verification import verify


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "a rchive")


@pytest.fixture
def made(tmp_path: Path) -> Delivery:
    return deliveries.delivery(tmp_path / "delivery", "p", large=0, small=3)


def visible(store: DirectoryStore) -> list[str]:
    return [path.name for path in store.root.rglob("*") if path.is_file()] if store.root.exists() else []


def test_what_is_delivered_comes_back_with_its_checksums(store: DirectoryStore, made: Delivery, tmp_path: Path) -> None:
    checksum = store.deliver(made)
    assert checksum == checksums.of_file(store.root / "p/1.0.0/manifest.json")
    deliveries.require_whole(store, made)
    assert list(store.versions()) == ["p/1.0.0"]
    foreign = store.root / "p/draft/manifest.json"
    foreign.parent.mkdir()
    foreign.write_text("{}")
    assert newest(store, "p") == "p/1.0.0"
    shutil.rmtree(foreign.parent)
    download(store, "p/1.0.0", tmp_path / "copy")
    assert (tmp_path / "copy/p/1.bin").read_bytes() == (tmp_path / "delivery/p/1.bin").read_bytes()
    with pytest.raises(InputError, match="there already"):
        download(store, "p/1.0.0", tmp_path / "copy")
    assert store.link("p/1.0.0/manifest.json", 60) == store.href("p/1.0.0/manifest.json")


def test_names_are_on_the_disk_before_and_after_a_version_becomes_visible(
    store: DirectoryStore, made: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def noted(folder: Path) -> None:
        kept(folder)
        asked.append((folder.relative_to(store.root).as_posix(), (store.root / "p/1.0.0").exists()))

    monkeypatch.setattr(directory, "kept", noted)
    store.deliver(made)
    staged = f"{STAGING}/{made.identity}"
    assert asked == [(staged, False), (f"{staged}/p", False), ("p", True), (".", True)]


def test_a_stored_file_can_be_read_by_a_web_server(store: DirectoryStore, made: Delivery) -> None:
    store.deliver(made)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((store.root / "p/1.0.0/p/1.bin").stat().st_mode) == 0o666 & ~mask


def test_a_version_is_written_once(store: DirectoryStore, made: Delivery, tmp_path: Path) -> None:
    store.deliver(made)
    other = deliveries.delivery(tmp_path / "other", "p", seed=1, large=0, small=2)
    with pytest.raises(ConflictError, match="never overwritten"):
        store.deliver(other)
    deliveries.require_whole(store, made)
    assert store.leftovers(timedelta(0)) == []


def test_changed_bytes_and_missing_files_are_named(store: DirectoryStore, made: Delivery) -> None:
    store.deliver(made)
    kept, _ = read_manifest(store, "p/1.0.0")
    (store.root / "p/1.0.0/p/0.bin").write_bytes(b"other")
    (store.root / "p/1.0.0/p/1.bin").unlink()
    amiss = {one.file.key: one for one in store.verify("p/1.0.0", kept.files)}
    assert {key: one.fault for key, one in amiss.items()} == {"p/0.bin": Fault.DIFFERS, "p/1.bin": Fault.MISSING}
    assert amiss["p/0.bin"].found == checksums.of_bytes(b"other")


def test_a_failed_delivery_leaves_nothing(store: DirectoryStore, made: Delivery) -> None:
    (made.groups[0][0].path).unlink()
    with pytest.raises(IntegrityError, match="No such file or directory"):
        store.deliver(made)
    assert visible(store) == []


def test_a_full_disk_is_said_plainly_and_may_be_tried_again(made: Delivery, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "512k") as root:
        store = DirectoryStore(root / "archive")
        store.deliver(made)
        large = deliveries.delivery(tmp_path / "other", "q", large=600_000)
        with pytest.raises(UnavailableError, match=r"No space left on device\. Free some space") as caught:
            store.deliver(large)
        assert caught.value.where == f"{root}/archive/q/1.0.0"
        assert list(store.versions()) == ["p/1.0.0"]
        assert store.leftovers(timedelta(0)) == []
        deliveries.require_whole(store, made)
        turned(root, "size=4m")
        store.deliver(large)
        deliveries.require_whole(store, large)


@pytest.mark.parametrize("how", ["mount", "permissions"])
def test_a_read_only_store_refuses_and_can_still_be_read(made: Delivery, tmp_path: Path, how: str) -> None:
    if how == "permissions" and os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    with small_disk(tmp_path / "disk", "4m") if how == "mount" else nullcontext(tmp_path / "disk") as root:
        store = DirectoryStore(root / "archive")
        store.deliver(made)
        turned(root, "ro") if how == "mount" else (root / "archive").chmod(0o555)
        words = "read-only" if how == "mount" else "Allow this user to write"
        with pytest.raises(InputError, match=f"results store failed: .*{words}.*choose another place") as caught:
            store.deliver(deliveries.delivery(tmp_path / "other", "q", large=0))
        assert caught.value.where == f"{root}/archive/q/1.0.0"
        deliveries.require_whole(store, made)
        assert verify(store, deliveries.MOMENT).findings == ()
        (root / "archive").chmod(0o755) if how == "permissions" else None


def test_what_is_replaced_between_reading_back_and_the_last_step_is_refused(
    store: DirectoryStore, made: Delivery
) -> None:
    staged = store.root / STAGING / made.identity

    def seal(below: str, files: Sequence[StoredFile]) -> bytes:
        path = staged / "p/1.bin"
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
        return made.seal(below, files)

    with pytest.raises(IntegrityError, match=r"p/1\.bin: it was stored and read back, and is gone or changed now"):
        store.deliver(replace(made, seal=seal))
    assert visible(store) == []
    store.deliver(made)
    deliveries.require_whole(store, made)


def test_a_root_that_cannot_be_written_is_not_tried_again(made: Delivery, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"Not a directory.*choose another place"):
        DirectoryStore(tmp_path / "file").deliver(made)


def test_what_a_killed_process_left_is_taken_up_again(
    store: DirectoryStore, made: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = store.root / STAGING / made.identity
    (staged / "p").mkdir(parents=True)
    (staged / "p/0.bin").write_bytes(made.groups[0][0].path.read_bytes())
    (staged / "p/1.bin").write_bytes(b"half")
    (staged / "p/stray.bin").write_bytes(b"of an older program")
    written: list[bool] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        written.append(stat.S_ISREG(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(directory.os, "fsync", noted)
    store.deliver(made)
    deliveries.require_whole(store, made)
    assert written.count(True) == 4 + 1, "all but the one that was there, and the manifest"


@pytest.fixture
def busy(store: DirectoryStore) -> Iterator[str]:
    """A delivery that another process works on."""
    place = f"{STAGING}/busy"
    (store.root / place).mkdir(parents=True)
    (store.root / place / "x.bin").write_bytes(b"12345")
    lock = store.root / f"{place}.lock"
    code = "import fcntl, sys; held = open(sys.argv[1], 'ab'); fcntl.flock(held, 2); print('held', flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield place
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_leftovers_are_found_by_age_and_never_taken_from_a_running_process(store: DirectoryStore, busy: str) -> None:
    old = store.root / STAGING / "old"
    old.mkdir()
    (old / "y.bin").write_bytes(b"123")
    hour_ago = time.time() - 3600
    for path in (old / "y.bin", old, store.root / busy / "x.bin", store.root / busy, store.root / f"{busy}.lock"):
        os.utime(path, (hour_ago, hour_ago))
    (found,) = store.leftovers(timedelta(minutes=30))
    assert (found.place, found.objects, found.size) == (f"{STAGING}/old", 1, 3)
    assert found.age >= timedelta(minutes=59)
    assert store.leftovers(timedelta(hours=2)) == []
    assert store.clean(found)
    assert not old.exists()
    assert (store.root / busy / "x.bin").exists()


def test_only_leftovers_can_be_removed(store: DirectoryStore, made: Delivery) -> None:
    store.deliver(made)
    (store.root / STAGING / "n").mkdir(parents=True)
    (found,) = store.leftovers(timedelta(0))
    with pytest.raises(InputError, match="only what lies under"):
        store.clean(directory.Leftover("p/1.0.0", 0, 0, found.age))
    (store.root / STAGING / "n" / "z.bin").write_bytes(b"somebody went on")
    assert not store.clean(found)
    deliveries.require_whole(store, made)


@given(key=st.text(min_size=1, max_size=20))
def test_every_key_stays_inside_and_its_address_leads_back(key: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = DirectoryStore(tmp_path_factory.getbasetemp() / "é", "https://results.example.org/a b/")
    try:
        href = store.href(key)
        assert store.key(href) == key
        store.exists(key)
    except (InputError, UnicodeEncodeError):
        return
    assert (store.root / key).resolve().is_relative_to(store.root.resolve())


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../../x", "a\\b", "", "."])
def test_keys_that_leave_the_store_are_refused(store: DirectoryStore, key: str) -> None:
    with pytest.raises(InputError, match="is no key"):
        store.read(key)


def test_addresses_of_other_stores_are_refused(store: DirectoryStore) -> None:
    with pytest.raises(InputError, match="is no address of this results store"):
        store.key("https://example.org/x.bin")


def test_what_changed_since_it_was_recorded_is_refused(store: DirectoryStore, made: Delivery) -> None:
    recorded = next(source for source in made.groups[0] if source.checksum)
    recorded.path.write_bytes(b"changed")
    with pytest.raises(IntegrityError, match="was recorded"):
        store.deliver(made)
    assert visible(store) == []
