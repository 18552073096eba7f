"""Deliveries to try stores with, and a reader that never believes a store."""

import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from earthcode_platform import checksums
from earthcode_platform.errors import EarthCodeError, InputError
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores.contract import Delivery, Source, Store
from earthcode_platform.stores.delivery import read_manifest
from earthcode_platform.stores.manifest import Manifest

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def delivery(folder: Path, product: str, seed: int = 0, *, small: int = 6, large: int = 300_000) -> Delivery:
    """Write files of random bytes and return them as version 1.0.0 of `product`; the same seed, the same bytes."""
    drawn = random.Random(seed)  # noqa: S311 - bytes, not secrets
    sizes = {f"{product}/{number}.bin": drawn.randrange(2_000, 30_000) for number in range(small)}
    sizes |= {f"{product}/large.bin": large} if large else {}
    for key, size in sizes.items():
        _write(folder / key, drawn.randbytes(size))
    item = f"{product}/{product}.json"
    _write(folder / item, json.dumps({"assets": sorted(sizes)}).encode())
    _write(folder / "collection.json", json.dumps({"item": item}).encode())
    keys = [*sizes, item, "collection.json"]
    known = {key: checksums.of_file(folder / key) for key in keys}
    # Of every second one the checksum is not known before it is sent.
    sources = [Source(key, folder / key, known[key] if at % 2 else None) for at, key in enumerate(keys)]

    def seal(below: str, files: Sequence[StoredFile]) -> bytes:
        assert {file.key: file.checksum for file in files} == known
        return manifest(product, below, item, files).model_dump_json().encode()

    identity = sha256(json.dumps(known).encode()).hexdigest()[:32]
    return Delivery(f"{product}/1.0.0", identity, (tuple(sources[:-2]), (sources[-2],), (sources[-1],)), seal)


def manifest(product: str, below: str, item: str, files: Sequence[StoredFile]) -> Manifest:
    """Return a manifest that names these files."""
    return Manifest(
        product=product, version="1.0.0", folder=below, experiment="e", title="t", created=MOMENT,
        collection="collection.json", item=item, quicklook=item, declaration=item, workflow=item, data_checksums={},
        bbox=(0, 0, 1, 1), start=MOMENT, end=MOMENT, files=tuple(sorted(files, key=lambda file: file.key)),
    )  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def require_whole(store: Store, made: Delivery) -> None:
    """Check that the version is there, complete, with the bytes of the delivery and nothing else."""
    found, _ = read_manifest(store, made.prefix)
    base = found.base(made.prefix)
    sources = {source.key: source.path for group in made.groups for source in group}
    assert {file.key: file.checksum for file in found.files} == {
        key: checksums.of_file(path) for key, path in sources.items()
    }
    assert store.verify(base, found.files) == []
    assert set(store.listed(base)) - {"manifest.json"} == set(sources)


def partly_visible(store: Store, prefix: str) -> list[str]:
    """Return what a reader finds missing or wrong who begins at the manifest, or at a collection."""
    try:
        found, _ = read_manifest(store, prefix)
    except InputError:
        below = store.listed(prefix)
        wrong = []
        for key in (key for key in below if key.endswith("collection.json")):
            base = key.removesuffix("collection.json")
            item = json.loads(store.read(f"{prefix}/{key}"))["item"]
            assets = json.loads(store.read(f"{prefix}/{base}{item}"))["assets"]
            wrong += [asset for asset in assets if f"{base}{asset}" not in below]
        return wrong
    return [f"{amiss.file.key} {amiss.fault}" for amiss in store.verify(found.base(prefix), found.files)]


@contextmanager
def reading(store: Store, prefixes: Sequence[str]) -> Iterator[Callable[[], list[str]]]:
    """Read versions again and again until the block ends; what is handed out tells what was ever seen in part."""
    seen: list[str] = []
    looks = 0
    stopped = threading.Event()

    def look() -> None:
        nonlocal looks
        while not stopped.wait(0.05):
            for prefix in prefixes:
                try:
                    seen.extend(partly_visible(store, prefix))
                except EarthCodeError as error:
                    seen.append(str(error))
            looks += 1

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield lambda: seen
    finally:
        stopped.set()
        thread.join()
    assert looks > 0
