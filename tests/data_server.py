"""Files over HTTP from a process of its own, in ranges: GDAL waits for answers with Python's lock in its hand."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

__all__ = ["serving_files"]


class Files(SimpleHTTPRequestHandler):
    """Serves the current folder."""

    protocol_version = "HTTP/1.1"

    seconds = 0.0
    """How long every answer takes to begin."""

    def do_GET(self) -> None:
        time.sleep(self.seconds)
        path, wanted = Path(self.translate_path(self.path)), self.headers.get("Range", "")
        if not path.is_file() or not wanted.startswith("bytes="):
            super().do_GET()
            return
        content = path.read_bytes()
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(content) - 1), len(content) - 1)
        piece = content[start : end + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        self.send_header("Content-Length", str(len(piece)))
        self.end_headers()
        self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving_files(folder: Path, seconds: float = 0.0) -> Iterator[str]:
    """Serve a folder until the block ends, each answer after some seconds; yields its address."""
    command = [sys.executable, str(Path(__file__).absolute()), str(seconds)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


if __name__ == "__main__":
    Files.seconds = float(sys.argv[1])
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    sys.stdout.write(f"{listening.server_address[1]}\n")
    sys.stdout.flush()
    listening.serve_forever()
