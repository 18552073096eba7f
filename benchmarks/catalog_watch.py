"""The watch on a whole catalog, twice: wall time, CPU time, requests made and findings.

Run it with `.venv/bin/python -m benchmarks.catalog_watch [CATALOG] [--schemas DIR] [--pace SECONDS]` in a checkout. By
default it unpacks the real catalog from `../shared` and takes the mirror of schemas there. The flow `revalidate` runs
on a Prefect server of its own, with one request per host and second. The public internet is replaced by a proxy on
loopback which ends TLS itself and answers for every host in a way that hangs on the address alone: most addresses are
there and have an entity tag, some moved, are gone, refuse HEAD, ask to be patient, or are out of order. The aim: the
second run says "nothing new".
"""

import argparse
import hashlib
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.catalog_validation import SHARED, unpacked

AIM: Final = "nothing new"
_TIMES: Final = 2


class _Internet(ThreadingHTTPServer):
    """A proxy that answers for everybody.

    Args:
        trust: What it shows of itself to those who ask for https.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.trust = trust
        self.asked: Counter[str] = Counter()
        self.impatient: set[str] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who asks may leave when it knows enough."""


class _Answer(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server: _Internet
    inside = ""

    def do_CONNECT(self) -> None:
        """Become the host that is asked for."""
        self.send_response(200)
        self.end_headers()
        self.inside = f"https://{self.path.removesuffix(':443')}"
        self.connection = self.server.trust.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)  # type: ignore[assignment] # as socketserver makes them
        self.close_connection = False

    def do_HEAD(self) -> None:
        """Answer as the address wants it."""
        self._answer()

    def do_GET(self) -> None:
        """Answer as the address wants it."""
        self._answer()

    def _answer(self) -> None:
        url = self.inside + self.path
        self.server.asked[urlsplit(url).hostname or ""] += 1
        chance = hashlib.sha256(url.encode()).digest()[0]
        tag = f'"{chance}"'
        # Of 256 addresses as many as the numbers here are apart.
        if chance < 8:
            self._say(404)
        elif chance < 14 and not self.path.endswith("/new"):
            self._say(301, Location=f"{self.path}/new")
        elif chance < 18:
            self._say(503)
        elif chance < 24 and self.command == "HEAD":
            self._say(405)
        elif 24 <= chance < 27 and url not in self.server.impatient:
            self.server.impatient.add(url)
            self._say(429, **{"Retry-After": "2"})
        elif self.headers.get("If-None-Match") == tag:
            self._say(304, ETag=tag)
        else:
            self._say(200, b"x" if self.command == "GET" else b"", ETag=tag)

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server calls it
        """Say nothing: there are thousands."""


@contextmanager
def _internet(folder: Path, hosts: list[str]) -> Iterator[_Internet]:
    """Yield the stand-in for the internet; the environment of this process makes everybody ask it and trust it."""
    names = ",".join(f"DNS:{host}" for host in hosts)
    settings, key, certificate = (folder / name for name in ("settings.cnf", "key.pem", "certificate.pem"))
    settings.write_text(
        "[req]\ndistinguished_name=name\nx509_extensions=ext\nprompt=no\n[name]\nCN=everybody\n"
        f"[ext]\nbasicConstraints=CA:TRUE\nsubjectAltName={names}\n"
    )
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", str(settings)]
    subprocess.run(["openssl", *words, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate, key)
    with _Internet(trust) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.server_address[1]}"
        os.environ |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(certificate)}
        os.environ |= {"NO_PROXY": "127.0.0.1,localhost", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        yield server
        server.shutdown()


def _bare(catalog: Path, folder: Path) -> Path:
    """Return a bare repository with the catalog as its only commit."""
    bare = folder / "catalog.git"
    git = ["git", "-c", "user.name=watch", "-c", "user.email=watch@example.org", "--git-dir", str(bare)]
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(bare)], check=True)
    for words in (["add", "--all"], ["commit", "--quiet", "-m", "as it is"]):
        subprocess.run([*git, "--work-tree", str(catalog), *words], check=True, cwd=catalog)
    return bare


def main(catalog: Path, schemas: Path, pace: float) -> None:
    """Print what each of two runs took and found."""
    from earthcode_platform.catalog.checkout import read_catalog
    from earthcode_platform.catalog.outside.places import external_links

    links = external_links(read_catalog(catalog))
    hosts = sorted({host for url in links if (host := urlsplit(url).hostname)})
    print(f"{catalog.name}: {len(links)} distinct addresses on {len(hosts)} hosts, a request per host each {pace} s")
    with tempfile.TemporaryDirectory() as name, _internet(Path(name), hosts) as internet:
        os.environ["EARTHCODE_HOME"] = str(Path(name) / "home")
        for said in _watched(_bare(catalog, Path(name)), schemas, pace):
            print(f"  {said}", flush=True)
        print(f"  the stand-in counted {internet.asked.total()} requests, {max(internet.asked.values())} to one host")


def _watched(bare: Path, schemas: Path, pace: float) -> Iterator[str]:
    from prefect.testing.utilities import prefect_test_harness

    from blocks.catalog import OpenScienceCatalog
    from blocks.web_access import WebAccess
    from flows.revalidate import revalidate

    with prefect_test_harness(server_startup_timeout=120):
        OpenScienceCatalog(url=str(bare)).save("watched", overwrite=True)
        WebAccess(per_host_seconds=pace).save("watched", overwrite=True)
        verdict: Any = None
        for _ in range(_TIMES):
            began, cpu = time.monotonic(), _cpu()
            verdict = revalidate(catalog="watched", schemas=str(schemas), web="watched")
            took, worked = time.monotonic() - began, _cpu() - cpu
            yield f"{took:7.1f} s, {worked:5.1f} CPU s, {verdict.requests:5d} requests: {verdict}"
        yield f'aim "{AIM}" the second time: {"holds" if AIM in str(verdict) else "falls short"}'


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("catalog", nargs="?", type=Path, help="folder of the catalog; the real one of ../shared")
    asked.add_argument("--schemas", type=Path, default=SHARED / "schemas", help="mirror of the schemas")
    asked.add_argument("--pace", type=float, default=1.0, help="seconds between two requests to one host")
    return asked.parse_args()


if __name__ == "__main__":
    options = _asked()
    if not options.schemas.is_dir():
        sys.exit(f"there is no folder {options.schemas}: name a mirror of the schemas with --schemas")
    with unpacked(options.catalog) as folder:
        main(folder, options.schemas.resolve(), options.pace)
