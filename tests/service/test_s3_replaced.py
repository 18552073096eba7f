"""What somebody replaces in object storage behind the platform's back: before, while and after it archives."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import deliveries
import factories
import pytest
from s3_server import S3Server

from earthcode_platform.errors import IntegrityError
from earthcode_platform.models.product import Novelty, StoredFile
from earthcode_platform.stores.contract import Fault
from earthcode_platform.stores.delivery import archive, download, read_manifest
from earthcode_platform.stores.s3.store import S3Store
from earthcode_platform.stores.verification import verify

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("small_parts")]


def test_what_was_replaced_behind_our_back_is_named(server: S3Server, tmp_path: Path) -> None:
    store, made = server.store(), deliveries.delivery(tmp_path / "d", "replaced")
    store.deliver(made)
    kept, _ = read_manifest(store, "replaced/1.0.0")
    base = server.bucket / "archive" / kept.base("replaced/1.0.0")
    large, small = base / "replaced/large.bin", base / "replaced/1.bin"
    large.write_bytes(b"?" + large.read_bytes()[1:])
    small.write_bytes(b"other")
    (base / "replaced/2.bin").unlink()
    time.sleep(0.02)
    amiss = {one.file.key: one for one in store.verify(kept.base("replaced/1.0.0"), kept.files)}
    assert {key: one.fault for key, one in amiss.items()} == {
        "replaced/large.bin": Fault.DIFFERS,
        "replaced/1.bin": Fault.DIFFERS,
        "replaced/2.bin": Fault.MISSING,
    }
    assert amiss["replaced/1.bin"].found == "5 bytes"
    with pytest.raises(IntegrityError, match=r"1\.bin.*changed in the archive"):
        download(store, "replaced/1.0.0", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_is_replaced_between_reading_back_and_the_last_step_is_refused(server: S3Server, tmp_path: Path) -> None:
    store, made = server.store(), deliveries.delivery(tmp_path / "d", "meddled")
    folder = server.bucket / "archive/meddled/1.0.0" / made.identity

    def seal(below: str, files: Sequence[StoredFile]) -> bytes:
        # The clock of an answer tells whole seconds: a change within the second of the reading back is not told apart.
        time.sleep(1.2)
        for name in ("1.bin", "large.bin"):
            content = (folder / "meddled" / name).read_bytes()
            (folder / "meddled" / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])
        (folder / "meddled/2.bin").write_bytes((folder / "meddled/2.bin").read_bytes())
        return made.seal(below, files)

    with pytest.raises(
        IntegrityError, match=r"meddled/1\.bin: it was stored and read back, and is gone or changed now"
    ):
        store.deliver(replace(made, seal=seal))
    assert list(store.versions()).count("meddled/1.0.0") == 0
    store.deliver(made)
    deliveries.require_whole(store, made)


def test_what_was_replaced_after_archiving_is_an_error_of_verify_and_of_archiving_again(
    server: S3Server, tmp_path: Path
) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    store = S3Store(replace(server.place(), prefix="rotten"), settle=0.1)
    product = archive(pinned, factories.run(pinned, tmp_path / "one"), store, tmp_path / "one")
    (data,) = (server.bucket / "rotten/small-mean/1.0.0").rglob("small-mean.tif")
    content = data.read_bytes()
    data.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    where = data.relative_to(server.bucket / "rotten").as_posix()
    (found,) = verify(store, deliveries.MOMENT).findings
    assert (found.code, found.where) == ("archive-file-differs", where)
    with pytest.raises(IntegrityError, match=r"archived file differs.*Restore it from a copy") as caught:
        archive(pinned, factories.run(pinned, tmp_path / "two"), store, tmp_path / "two")
    assert caught.value.where == store.href(where)
    data.write_bytes(content)
    assert verify(store, deliveries.MOMENT).findings == ()
    again = archive(pinned, factories.run(pinned, tmp_path / "three"), store, tmp_path / "three")
    assert (again.novelty, again.manifest_checksum) == (Novelty.UNCHANGED, product.manifest_checksum)
