from datetime import UTC, datetime, timedelta
from pathlib import Path

import deliveries
import pytest

from earthcode_platform.errors import InputError
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.stores.verification import Turn, verify

NOW = datetime(2026, 11, 26, 3, 43, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    held = DirectoryStore(tmp_path / "archive")
    for seed, product in enumerate(("a", "b")):
        held.deliver(deliveries.delivery(tmp_path / product, product, seed, large=0))
    return held


def test_an_archive_that_is_as_it_was_is_intact(store: DirectoryStore) -> None:
    report = verify(store, NOW)
    assert (report.versions, report.files, report.compared, report.findings) == (2, 16, 16, ())
    assert report.size == sum(
        path.stat().st_size for path in store.root.rglob("*") if path.name != "manifest.json" and path.is_file()
    )
    assert str(report) == "intact: 2 versions, 16 of 16 files read back"
    assert verify(DirectoryStore(store.root / "nothing"), NOW).versions == 0


def test_rot_and_what_is_missing_or_extra_are_errors_with_the_name_of_the_file(store: DirectoryStore) -> None:
    version = store.root / "a/1.0.0"
    rotten = version / "a/0.bin"
    content = rotten.read_bytes()
    rotten.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    (version / "a/1.bin").write_bytes(b"short")
    (version / "a/2.bin").unlink()
    (version / "a/stray.bin").write_bytes(b"?")
    (store.root / "b/1.0.0/manifest.json").write_text("{}")
    report = verify(store, NOW)
    assert {(found.code, found.where) for found in report.findings} == {
        ("archive-file-differs", "a/1.0.0/a/0.bin"),
        ("archive-file-differs", "a/1.0.0/a/1.bin"),
        ("archive-file-missing", "a/1.0.0/a/2.bin"),
        ("archive-file-extra", "a/1.0.0/a/stray.bin"),
        ("archive-manifest-unreadable", "b/1.0.0/manifest.json"),
    }
    assert report.errors == 5
    assert "5 bytes" in next(found.message for found in report.findings if found.where.endswith("1.bin"))
    (store.root / "b/1.0.0/manifest.json").unlink()
    assert [found.code for found in verify(store, NOW).findings if found.where.startswith("b")] == [
        "archive-manifest-missing"
    ]


def test_every_file_has_its_turn_in_as_many_days_as_there_are_parts(store: DirectoryStore) -> None:
    rotten = store.root / "a/1.0.0/a/0.bin"
    content = rotten.read_bytes()
    rotten.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    reports = [verify(store, NOW, Turn.of_day(NOW + timedelta(days=day), 5)) for day in range(5)]
    assert sum(report.compared for report in reports) == 16
    assert sorted(report.turn for report in reports) == [0, 1, 2, 3, 4]
    assert [report.errors for report in reports].count(1) == 1
    assert verify(store, NOW, Turn.of_day(NOW, 5)) == reports[0]
    # What is missing is seen each day.
    rotten.unlink()
    assert all(verify(store, NOW, Turn(number, 5)).errors == 1 for number in range(5))


@pytest.mark.parametrize(("number", "parts"), [(5, 5), (-1, 5), (0, 0)])
def test_a_part_that_there_is_not_is_refused(number: int, parts: int) -> None:
    with pytest.raises(InputError, match="there is no part"):
        Turn(number, parts)
