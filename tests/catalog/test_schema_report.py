"""Fetched schemas as those see them who validate: the report, the folder, the modules that are loaded."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from certificates import certified
from loopback import Loopback, reply, serving
from schema_server import AT_ONCE, MAIN, fetching, serving_schemas, told, versioned

from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schema_cache import CacheLimits, cache_folder
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.models.catalog_finding import CatalogReport
from earthcode_platform.web.asking import Web
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving_schemas() as running:
        yield running


@pytest.fixture
def schemas(server: Loopback, tmp_path: Path) -> Iterator[Callable[..., Schemas]]:
    with fetching(server, tmp_path / "cache") as made:
        yield made


def test_the_report_names_what_was_skipped_and_what_is_stale(embedded: Catalog, tmp_path: Path) -> None:
    hosts = ["esa-earthcode.github.io", "stac-extensions.github.io", "schemas.stacspec.org"]
    trusted, client = certified(tmp_path, hosts)
    down: set[str] = {"schemas.stacspec.org"}

    with serving({"*": reply(200, b"{}")}, trusted) as server:

        def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
            assert (port, seconds > 0) == (443, True)
            if host in down:
                raise NoAnswerError.of(Cause.NAME, host)
            return [("127.0.0.1", server.port)]

        def report() -> CatalogReport:
            with Web(Reach(frozenset(hosts), resolver), proxies=Proxies(), trust=client) as web:
                schemas = Schemas.fetched(tmp_path / "cache", web=web, limits=CacheLimits(fresh=AT_ONCE))
                return validate(embedded, schemas=schemas)

        first = report()
        assert (first.valid, first.schemas > 10, first.unchecked, first.stale) == (True, True, 16, ())
        assert {one.reason for one in first.skipped} == {"the name of its host is not known"}
        assert {one.schema_url.split("/")[2] for one in first.skipped} == down
        down.add("stac-extensions.github.io")
        second = report()
        assert (second.schemas, second.skipped) == (first.schemas, first.skipped)
        assert {one.schema_url.split("/")[2] for one in second.stale} == {"stac-extensions.github.io"}


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "c")}) == tmp_path / "c/earthcode-platform/schemas"
    assert cache_folder({"XDG_CACHE_HOME": "relative"}) == tmp_path / ".cache/earthcode-platform/schemas"
    assert cache_folder({}) == tmp_path / ".cache/earthcode-platform/schemas"


def test_a_full_cache_needs_no_client(schemas: Callable[..., Schemas], tmp_path: Path) -> None:
    told(schemas())
    code = (
        "import sys\nfrom pathlib import Path\nfrom earthcode_platform.catalog.validate.schemas import Schemas\n"
        f"schemas = Schemas.fetched(Path({str(tmp_path / 'cache')!r}))\nschemas.prepare([{MAIN!r}])\n"
        f"print([fault.pointer for fault in schemas.faults({MAIN!r}, {{'x': 1}})])\n"
        "print([name for name in ('httpx', 'httpcore', 'ssl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["['/x']", "[]"]


def test_a_private_server_is_asked_if_it_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with serving({"/x.json": versioned({"properties": {"x": {"const": 2}}})}) as server:
        url = server.url("/x.json")
        refused, asked = (Schemas.fetched(tmp_path, allowed=frozenset(names)) for names in ((), (server.name,)))
        assert (told(refused, url), refused.skipped, server.seen) == ([], {url: 1}, [])
        assert "not on the public internet" in refused.reasons[url]
        assert (told(asked, url), asked.used) == (["/x"], 1)
