"""The official JSON Schemas fetched from their addresses, and kept in a folder for the next time.

What was fetched is taken for granted for a day; then its server is asked whether it has changed. A server that does not
answer leaves what is in the cache in use, and the report says so. Nothing of the network is imported while the cache
holds everything.
"""

import contextlib
import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.validate.schemas import NoSchema
from earthcode_platform.models.catalog_finding import StaleSchema

if TYPE_CHECKING:
    from earthcode_platform.web.asking import Web

__all__ = ["CacheLimits", "SchemaCache", "cache_folder"]

_MEDIA: Final = ("application/json", "application/*json", "text/plain", "application/octet-stream", "binary/*")
"""What servers call a schema; a page for people is none."""
_BUILT_IN: Final = "json-schema.org"
"""The host of the schemas of schemas, which the validator knows by heart."""


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where schemas are kept: below `XDG_CACHE_HOME`, or below `.cache` at home.

    Source: XDG Base Directory Specification 0.8, which has relative paths ignored.
    """
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "earthcode-platform" / "schemas"


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """How long to wait, and how long what was fetched is taken for granted."""

    seconds: float = 20.0
    """Seconds for all fetching of one validation."""
    seconds_per_schema: float = 10.0
    """Seconds for one schema."""
    connect_seconds: float = 6.0
    """Seconds for looking a host up, and for connecting to it, each."""
    fresh: timedelta = timedelta(hours=24)
    """How long a schema is not asked for again."""
    at_once: int = 8
    """How many are asked for at a time."""
    size: int = 5_000_000
    """Bytes of one schema."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A schema as the cache holds it."""

    schema: JsonObject
    confirmed: datetime
    refers: tuple[str, ...]
    etag: str = ""
    modified: str = ""


class SchemaCache:
    """Schemas by address, in memory, in a folder, or from their servers: the first that has them.

    Args:
        folder: The cache. One that cannot be written is done without: all is fetched again the next time.
        offline: Ask nobody.
        allowed: Hosts that may be asked although they are not on the public internet.
        limits: How long to wait, and how long what was fetched is taken for granted.
        web: Who asks; by default one that reaches the public internet and `allowed`. It is left open.
    """

    def __init__(
        self,
        folder: Path,
        *,
        offline: bool = False,
        allowed: frozenset[str] = frozenset(),
        limits: CacheLimits,
        web: "Web | None" = None,
    ) -> None:
        self._folder = folder
        self._offline = offline
        self._allowed = allowed
        self._limits = limits
        self._web = web
        self._left = limits.seconds
        self._known: dict[str, _Kept | NoSchema] = {}
        self._stale: dict[str, StaleSchema] = {}
        self._silent: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"{self._folder}{' (offline)' * self._offline}"

    @property
    def stale(self) -> tuple[StaleSchema, ...]:
        """Those that were read and may have changed since, by address."""
        return tuple(self._stale[url] for url in sorted(self._stale))

    def prepare(self, urls: Iterable[str]) -> None:
        """Bring schemas and all that they refer to into memory, several at once."""
        wave = {_plain(url) for url in set(urls)}
        while wave:
            self._bring(sorted(wave))
            held = (self._known[url] for url in wave)
            wave = {one for kept in held if isinstance(kept, _Kept) for one in kept.refers} - self._known.keys()

    def read(self, url: str) -> JsonObject | NoSchema:
        """Return the schema at an address, or why there is none."""
        plain = _plain(url)
        if plain not in self._known:
            self._bring([plain])
        found = self._known[plain]
        return found if isinstance(found, NoSchema) else found.schema

    def _bring(self, urls: Sequence[str]) -> None:
        now = datetime.now(UTC)
        old: dict[str, _Kept] = {}
        wanted: list[str] = []
        for url in urls:
            kept = self._load(url)
            if kept is not None:
                self._known[url] = old[url] = kept
            if kept is None or not timedelta() <= now - kept.confirmed < self._limits.fresh:
                wanted.append(url)
        if self._offline:
            for url in wanted:
                self._unreached(url, old.get(url), "the network is not asked (offline)")
        elif wanted:
            self._fetch_all(wanted, old)

    def _fetch_all(self, urls: Sequence[str], old: Mapping[str, _Kept]) -> None:
        from concurrent.futures import ThreadPoolExecutor

        from earthcode_platform.web.asking import Web
        from earthcode_platform.web.reach import Reach

        began = time.monotonic()
        web = self._web or Web(Reach(self._allowed), connect_seconds=self._limits.connect_seconds)
        try:
            with ThreadPoolExecutor(self._limits.at_once, thread_name_prefix="schemas") as threads:
                deadline = began + self._left
                for _ in threads.map(lambda url: self._fetch(web, url, old.get(url), deadline), _mixed(urls)):
                    pass
        finally:
            self._left -= time.monotonic() - began
            if self._web is None:
                web.close()

    def _fetch(self, web: "Web", url: str, old: _Kept | None, deadline: float) -> None:
        from earthcode_platform.web.addresses import read_address
        from earthcode_platform.web.failures import (
            Cause,
            ForbiddenAddressError,
            MissingPageError,
            NoAnswerError,
            UnusableAnswerError,
        )
        from earthcode_platform.web.fetching import FetchLimits, Validators, fetch

        over = f"the {self._limits.seconds:g} seconds for fetching schemas are over"
        left = min(deadline - time.monotonic(), self._limits.seconds_per_schema)
        try:
            host = read_address(url).host
        except ForbiddenAddressError as error:
            self._known[url] = NoSchema(error.message.rstrip("."), certain=True)
            return
        if host in self._silent or left <= 0:
            self._unreached(url, old, self._silent.get(host, over))
            return
        limits = FetchLimits(self._limits.size, left, media=_MEDIA)
        try:
            answer = fetch(web, url, limits, Validators(old.etag, old.modified) if old else None)
        except (MissingPageError, UnusableAnswerError) as error:
            self._known[url] = NoSchema(error.message.rstrip("."), certain=True)
        except (NoAnswerError, ForbiddenAddressError) as error:
            reason = error.message.rstrip(".") if time.monotonic() < deadline else over
            if isinstance(error, NoAnswerError) and error.cause not in (Cause.STATUS, Cause.GARBLED, Cause.CUT):
                self._silent[host] = reason
            self._unreached(url, old, reason)
        else:
            self._keep(url, old, answer.content, answer.validators.etag, answer.validators.modified)

    def _unreached(self, url: str, old: _Kept | None, reason: str) -> None:
        if old is None:
            self._known[url] = NoSchema(reason, certain=False)
        else:
            self._stale[url] = StaleSchema(schema_url=url, confirmed=old.confirmed, reason=reason)

    def _keep(self, url: str, old: _Kept | None, content: bytes | None, etag: str, modified: str) -> None:
        now = datetime.now(UTC)
        if content is None and old is not None:
            kept = _Kept(old.schema, now, old.refers, etag, modified)
        else:
            try:
                schema: object = json.loads(content or b"")
            except (ValueError, RecursionError):
                schema = None
            if not isinstance(schema, dict):
                self._known[url] = NoSchema("what is there is no JSON object", certain=True)
                return
            kept = _Kept(schema, now, tuple(sorted(set(_references(url, schema)))), etag, modified)
        self._known[url] = kept
        self._save(url, kept)

    def _path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode(errors='backslashreplace')).hexdigest()[:40]}.json"

    def _load(self, url: str) -> _Kept | None:
        """Return what the folder holds; what cannot be understood is as good as nothing."""
        try:
            held = json.loads(self._path(url).read_bytes())
            confirmed = datetime.fromisoformat(held["confirmed"])
            refers = tuple(str(one) for one in held["refers"])
            kept = _Kept(held["schema"], confirmed, refers, str(held["etag"]), str(held["modified"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return kept if isinstance(kept.schema, dict) and confirmed.tzinfo is not None else None

    def _save(self, url: str, kept: _Kept) -> None:
        """Write it whole or not at all: other processes read the same folder."""
        path = self._path(url)
        temporary = path.with_name(f".{path.stem}.{os.getpid()}.{threading.get_ident()}.part")
        document: JsonObject = {
            "url": url,
            "confirmed": kept.confirmed.isoformat(),
            "etag": kept.etag,
            "modified": kept.modified,
            "refers": list(kept.refers),
            "schema": kept.schema,
        }
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_text(json.dumps(document), encoding="utf-8")
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)


def _plain(url: str) -> str:
    """Return an address without its fragment; what is no address as it is."""
    try:
        return urldefrag(url).url
    except ValueError:
        return url


def _mixed(urls: Sequence[str]) -> list[str]:
    """Return addresses in turns by host, so that several hosts that do not answer are waited for together."""
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, str]] = []
    for url in urls:
        host = url.partition("://")[2].partition("/")[0]
        turns[host] += 1
        ranked.append((turns[host], url))
    return [url for _, url in sorted(ranked)]


def _references(url: str, schema: JsonObject) -> Iterator[str]:
    """Yield the addresses of other schemas that a schema refers to."""
    base, named = url, schema.get("$id")
    if isinstance(named, str):
        with contextlib.suppress(ValueError):
            base = urljoin(url, named)
    waiting: list[JsonValue] = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            reference = value.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                with contextlib.suppress(ValueError):
                    found = urldefrag(urljoin(base, reference)).url
                    if found not in (url, base) and urlsplit(found).hostname != _BUILT_IN:
                        yield found
        elif isinstance(value, list):
            waiting += value
