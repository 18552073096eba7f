"""The official JSON Schemas, from a local mirror or from their addresses, compiled once each."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib.parse import urljoin, urlsplit

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, texts
from earthcode_platform.catalog.validate.formats import FORMATS
from earthcode_platform.catalog.validate.rulebook import Fault
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import StaleSchema

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator

    from earthcode_platform.catalog.validate.schema_cache import CacheLimits
    from earthcode_platform.web.asking import Web

__all__ = ["NoSchema", "SchemaSource", "Schemas"]

_MOST: Final = 10


class SchemaSource(Protocol):
    """Where schemas come from."""

    @property
    def stale(self) -> tuple[StaleSchema, ...]:
        """Those that were read and may have changed since."""

    def prepare(self, urls: Iterable[str]) -> None:
        """Bring what is at these addresses, and what it refers to, nearer."""

    def read(self, url: str) -> "JsonObject | NoSchema":
        """Return the schema at an address, or why there is none."""


@dataclass(frozen=True, slots=True)
class NoSchema:
    """There is no schema at an address, or it cannot be told."""

    reason: str
    """Why."""
    certain: bool
    """Whether there is none for certain, so that whoever names the address is wrong."""


class Schemas:
    """Schemas by address. Made like this they come from a folder laid out by host and path, and nothing is fetched.

    Args:
        folder: The mirror; None if there is none, and every check is counted as skipped.

    Raises:
        InputError: There is no such folder.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None and not folder.is_dir():
            raise InputError(
                "there is no folder of schemas here.",
                where=str(folder),
                remedy="Name a mirror, or leave --schemas out.",
            )
        self._mirror = folder
        self._source: SchemaSource | None = None if folder is None else _Mirror(folder)
        self._compiled: dict[str, Draft7Validator | NoSchema] = {}
        self.skipped: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}

    @classmethod
    def fetched(
        cls,
        cache: Path,
        *,
        offline: bool = False,
        allowed: frozenset[str] = frozenset(),
        limits: "CacheLimits | None" = None,
        web: "Web | None" = None,
    ) -> Self:
        """Return schemas that are fetched from their addresses into a cache, which several processes may share.

        Args:
            cache: Folder of the cache; it is made when the first schema is kept.
            offline: Ask nobody: take what the cache holds, however old, and count the rest as skipped.
            allowed: Hosts, as `host` or `host:port`, that may be asked although they are not on the public internet.
            limits: How long to wait, and how long what was fetched is taken for granted.
            web: Who asks; by default one that reaches the public internet and `allowed`.
        """
        from earthcode_platform.catalog.validate.schema_cache import CacheLimits, SchemaCache

        made = cls(None)
        made._source = SchemaCache(cache, offline=offline, allowed=allowed, limits=limits or CacheLimits(), web=web)
        return made

    def __repr__(self) -> str:
        return f"<Schemas of {self._source or 'nowhere'}>"

    @property
    def used(self) -> int:
        """How many schemas something was held against."""
        return sum(not isinstance(found, NoSchema) for found in self._compiled.values())

    @property
    def stale(self) -> tuple[StaleSchema, ...]:
        """The schemas that may have changed since they were fetched."""
        return self._source.stale if self._source else ()

    def prepare(self, urls: Iterable[str]) -> None:
        """Fetch several schemas at once, with what they refer to; those of a mirror are read when they are needed."""
        if self._source is not None:
            self._source.prepare(urls)

    def faults(self, url: str, document: JsonObject) -> Iterator[Fault]:
        """Yield what the schema at `url` has against a document; that there is no schema is a fault of its own.

        Raises:
            InputError: The mirror holds something at the address that is no JSON Schema.
        """
        if self._source is None:
            self.skipped[url] += 1
            return
        if url not in self._compiled:
            self._compiled[url] = self._compile(self._source, url)
        validator = self._compiled[url]
        if isinstance(validator, NoSchema):
            self.skipped[url] += 1
            self.reasons[url] = validator.reason
            if validator.certain:
                yield _unresolved(url, document, validator.reason)
        else:
            yield from _against(validator, url, document)

    def _compile(self, source: SchemaSource, url: str) -> "Draft7Validator | NoSchema":
        from jsonschema_rs import Draft7Validator, ValidationError

        def retrieve(address: str) -> JsonObject:
            try:
                found = source.read(address)
            except InputError as error:
                raise ValueError(error.message) from None
            if isinstance(found, NoSchema):
                raise ValueError(f"{address}: {found.reason}")  # noqa: TRY004 - the caller knows this one
            return found

        schema = source.read(url)
        if isinstance(schema, NoSchema):
            return schema
        try:
            return Draft7Validator(_placed(url, schema), validate_formats=True, formats=FORMATS, retriever=retrieve)
        except (ValidationError, ValueError) as error:
            reason = str(error).splitlines()[0]
            if self._mirror is None:
                return NoSchema(f"it cannot be used: {reason}", certain=False)
            raise InputError(
                f"the schema {url} cannot be used: {reason}.", where=str(self._mirror), remedy="Complete the mirror."
            ) from None


class _Mirror:
    """Schemas in a folder."""

    stale: tuple[StaleSchema, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return str(self._folder)

    def prepare(self, urls: Iterable[str]) -> None:
        """Check that this is a mirror at all: one that lacks every schema is another folder, and no document's fault.

        Raises:
            InputError: None of the addresses leads to a file.
        """
        lacking: dict[str, None] = {}
        for url in urls:
            if url not in lacking:
                path = self._path(url)
                # What cannot even be looked at is told when it is read.
                with suppress(OSError):
                    if path is not None and path.is_file():
                        return
                lacking[url] = None
        if lacking:
            wanted = ", ".join(sorted({url.removeprefix("https://").partition("/")[0] for url in lacking})[:3])
            raise InputError(
                f"the folder holds none of the {len(lacking)} schemas that are asked for.",
                where=str(self._folder),
                remedy=f"Name the folder that has one for each host, such as {wanted}.",
            )

    def read(self, url: str) -> JsonObject | NoSchema:
        """Return the schema at an address, or that the folder has none.

        Raises:
            InputError: There is one, and it cannot be read.
        """
        lacking = NoSchema("the mirror lacks it", certain=True)
        path = self._path(url)
        if path is None:
            return lacking
        try:
            schema: object = json.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return lacking
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise _broken(path, f"the schema cannot be read: {reason}") from None
        except (ValueError, RecursionError):
            raise _broken(path, "the schema is not readable as JSON") from None
        if not isinstance(schema, dict):
            raise _broken(path, "the schema is no JSON object")
        return schema

    def _path(self, url: str) -> Path | None:
        """Return where the schema at an address lies; None if it can lie nowhere."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or ".." in (parts.netloc, *parts.path.split("/")) or "\0" in url:
            return None
        return self._folder / parts.netloc / parts.path.lstrip("/")


def _broken(path: Path, message: str) -> InputError:
    return InputError(f"{message}.", where=str(path), remedy="Fetch it into the mirror again.")


def _placed(url: str, schema: JsonObject) -> JsonObject:
    """Return `schema` so that it knows its address; draft 7 has an `$id` beside a `$ref` ignored."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        schema = schema | {"$ref": urljoin(url, reference)}
    return {"$id": url, **schema}


def _against(validator: "Draft7Validator", url: str, document: JsonObject) -> Iterator[Fault]:
    name = url.removeprefix("https://").removesuffix("/schema.json")
    try:
        if validator.is_valid(document):
            return
        errors = list(islice(validator.iter_errors(document), _MOST))
    except ValueError as error:
        # NaN and lone surrogates, which Python's parser lets pass.
        yield Fault("", f"it holds what JSON cannot: {error} ({name}).", "Mend the file.")
        return
    for found in errors:
        pointer = "".join(f"/{_escaped(str(part))}" for part in found.instance_path)
        held = _value(document, found.instance_path)
        yield Fault(pointer, f"{found.message[:300]} ({name}).", "Mend it as the schema says.", held)


def _unresolved(url: str, document: JsonObject, reason: str) -> Fault:
    named = texts(document, "stac_extensions")
    pointer = f"/stac_extensions/{named.index(url)}" if url in named else ""
    message = f"no schema is known at {url}: {reason}."
    return Fault(pointer, message, "Mend the address, or add the schema to the mirror.", url)


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _value(document: JsonObject, path: Sequence[str | int]) -> JsonValue:
    held: JsonValue = document
    for part in path:
        if isinstance(held, dict):
            held = held[str(part)]
        elif isinstance(held, list):
            held = held[int(part)]
    return held if path else None
