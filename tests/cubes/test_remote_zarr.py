"""Zarr in one zip file is read where it lies over HTTP: by parts, and again where a server stumbles."""

import json
import pickle
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from cube_factories import cube, item
from data_server import serving_files

from earthcode_platform.cubes import spans
from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.remote_zarr import remote_zarr
from earthcode_platform.cubes.spans import read_span
from earthcode_platform.cubes.write import write
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.gates.assets import check
from earthcode_platform.models.experiment import InputReference, ProductFormat

VALUES = np.random.default_rng(6).normal(size=(2, 2, 40, 33)).astype("float32")


def written(folder: Path, store: str = "zip") -> Path:
    path = folder / f"a.zarr{'.zip' * (store == 'zip')}"
    options = {"store": store, "chunks": {"t": 1, "y": 8, "x": 8}, "shards": {"t": 1, "y": 24, "x": 16}}
    made = cube(VALUES, bands=("sst", "ice"), units=("K", "")).astype("float32")
    write(made, path, ProductFormat.ZARR, "A cube", read_options(options, ProductFormat.ZARR))
    return path


@contextmanager
def answering(*statuses: int, content: bytes = b"0123456789") -> Iterator[str]:
    """Serve ten bytes, whole and without ranges, after these statuses."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = left.pop(0) if left else 200
            body = content if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_zip_behind_an_address_is_an_input_like_any_other(tmp_path: Path) -> None:
    written(tmp_path)
    with serving_files(tmp_path) as address:
        asset = {"href": f"{address}/a.zarr.zip", "type": "application/vnd.zarr+zip; version=3"}
        (tmp_path / "item.json").write_text(json.dumps(item("one", "2020-01-01T00:00:00Z", {"data": asset})))
        source = pin_input("scenes", InputReference(href=f"{address}/item.json"), Path())
        assert [found for _, found in check(source.assets)] == []
        found = load(source, ["ice"])
        assert found.chunks is not None
        np.testing.assert_array_equal(found.values[:, 0], VALUES[:, 1])
        store = pickle.loads(pickle.dumps(remote_zarr(f"{address}/a.zarr.zip")))  # noqa: S301 - our own bytes
        assert store == remote_zarr(f"{address}/a.zarr.zip")


def test_what_cannot_be_read_where_it_lies_is_refused(tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "b.zarr"), "zip", written(tmp_path, "directory"))
    (tmp_path / "c.zarr.zip").write_bytes(b"PK\x03\x04 and no more")
    with serving_files(tmp_path) as address:
        with pytest.raises(InputError, match=r"not behind an address.*\.zarr\.zip"):
            open_gridded(f"{address}/a.zarr", Container.ZARR)
        with pytest.raises(InputError, match="compressed once more"):
            open_gridded(f"{address}/b.zarr.zip", Container.ZARR)
        with pytest.raises(InputError, match="cannot be read as a zip file"):
            open_gridded(f"{address}/c.zarr.zip", Container.ZARR)
        with pytest.raises(InputError, match="the server answered 404"):
            open_gridded(f"{address}/gone.zarr.zip", Container.ZARR)


def test_a_server_that_stumbles_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_PAUSES", (0.0, 0.0, None))
    with answering(503, 429) as address:
        assert read_span(f"{address}/a", 0, 10) == (b"0123456789", 10)
        with pytest.raises(InputError, match="sends the whole file"):
            read_span(f"{address}/a?X-Amz-Signature=secret", 3, 5)
    with (
        answering(503, 503, 503) as address,
        pytest.raises(UnavailableError, match="the server answered 503") as caught,
    ):
        read_span(f"{address}/a?X-Amz-Signature=secret", 0, 10)
    assert "secret" not in str(caught.value)
