import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, InputError, IntegrityError, UnavailableError
from earthcode_platform.stores.directory import STAGING, DirectoryStore


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "a rchive")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(b"content" * 1000)
    return path


def test_what_is_put_comes_back_with_its_checksum(store: DirectoryStore, file: Path, tmp_path: Path) -> None:
    stored = store.put(file, "x/y.bin")
    assert (stored.key, stored.size, stored.checksum) == ("x/y.bin", 7000, checksums.of_file(file))
    assert store.verify("x/y.bin", stored.checksum) == stored
    store.get("x/y.bin", tmp_path / "new" / "z.bin")
    assert (tmp_path / "new" / "z.bin").read_bytes() == file.read_bytes()


def test_a_stored_file_can_be_read_by_a_web_server(store: DirectoryStore, file: Path) -> None:
    store.put(file, "x.bin")
    assert stat.S_IMODE((store.root / "x.bin").stat().st_mode) == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_key_is_written_once(store: DirectoryStore, file: Path) -> None:
    store.put(file, "x.bin")
    with pytest.raises(ConflictError, match=r"x\.bin: the key is taken"):
        store.put(file, "x.bin")


def test_changed_bytes_and_missing_files_do_not_verify(store: DirectoryStore, file: Path) -> None:
    stored = store.put(file, "x.bin")
    (store.root / "x.bin").write_bytes(b"other")
    with pytest.raises(IntegrityError, match="was recorded"):
        store.verify("x.bin", stored.checksum)
    with pytest.raises(IntegrityError, match="missing"):
        store.verify("y.bin", stored.checksum)


def test_a_failed_put_leaves_nothing(store: DirectoryStore, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No such file or directory"):
        store.put(tmp_path / "missing", "x/y.bin")
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full, which is always out of space")
def test_a_full_disk_is_said_plainly(store: DirectoryStore, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.root.mkdir()
    (store.root / ".full.part").symlink_to("/dev/full")

    class Fixed:
        hex = "full"

    monkeypatch.setattr("earthcode_platform.stores.directory.uuid4", Fixed)
    monkeypatch.setattr("earthcode_platform.stores.directory._MODE", "wb")
    with pytest.raises(UnavailableError, match="Free some space") as caught:
        store.put(file, "x.bin")
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert not store.exists("x.bin")


def test_a_version_appears_in_one_step_and_is_never_replaced(store: DirectoryStore, file: Path) -> None:
    store.put(file, f"{STAGING}/one/a.bin")
    assert not store.exists("p/1/a.bin")
    store.promote(f"{STAGING}/one", "p/1")
    assert store.exists("p/1/a.bin")
    store.put(file, f"{STAGING}/two/b.bin")
    with pytest.raises(ConflictError, match="never overwritten"):
        store.promote(f"{STAGING}/two", "p/1")
    assert not store.exists("p/1/b.bin")


def test_only_staged_files_can_be_discarded(store: DirectoryStore, file: Path) -> None:
    store.put(file, f"{STAGING}/one/a.bin")
    store.put(file, "p/1/a.bin")
    store.discard(f"{STAGING}/one")
    assert not store.exists(f"{STAGING}/one/a.bin")
    with pytest.raises(InputError, match="only what lies under"):
        store.discard("p/1")
    assert store.exists("p/1/a.bin")


@given(key=st.text(min_size=1, max_size=20))
def test_every_key_stays_inside_and_its_address_leads_back(key: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = DirectoryStore(tmp_path_factory.getbasetemp() / "é", "https://results.example.org/a b/")
    try:
        href = store.href(key)
        assert store.key(href) == key
    except (InputError, UnicodeEncodeError):
        return
    assert (store.root / key).resolve().is_relative_to(store.root.resolve())


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../../x", "a\\b", "", "."])
def test_keys_that_leave_the_store_are_refused(store: DirectoryStore, key: str, file: Path) -> None:
    with pytest.raises(InputError, match="is no key"):
        store.put(file, key)


def test_addresses_of_other_stores_are_refused(store: DirectoryStore) -> None:
    with pytest.raises(InputError, match="is no address of this results store"):
        store.key("https://example.org/x.bin")
