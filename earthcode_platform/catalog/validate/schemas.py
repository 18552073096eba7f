"""The official JSON Schemas, read from a local mirror and compiled once each."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, texts
from earthcode_platform.catalog.validate.formats import FORMATS
from earthcode_platform.catalog.validate.rulebook import Fault
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator

__all__ = ["Schemas"]

_MOST: Final = 10


class Schemas:
    """Schemas by address, from a folder laid out by host and path of the address; nothing is fetched.

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
        self._folder = folder
        self._compiled: dict[str, Draft7Validator | None] = {}
        self.skipped: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"<Schemas of {self._folder or 'nowhere'}>"

    @property
    def used(self) -> int:
        """How many schemas something was held against."""
        return sum(found is not None for found in self._compiled.values())

    def faults(self, url: str, document: JsonObject) -> Iterator[Fault]:
        """Yield what the schema at `url` has against a document; one that the mirror lacks is a fault of its own.

        Raises:
            InputError: The mirror holds something at the address that is no JSON Schema.
        """
        if self._folder is None:
            self.skipped[url] += 1
            return
        if url not in self._compiled:
            self._compiled[url] = self._compile(url)
        validator = self._compiled[url]
        if validator is None:
            self.skipped[url] += 1
            yield _unresolved(url, document)
        else:
            yield from _against(validator, url, document)

    def _compile(self, url: str) -> "Draft7Validator | None":
        from jsonschema_rs import Draft7Validator, ValidationError

        schema = self._read(url)
        if schema is None:
            return None
        try:
            return Draft7Validator(
                {"$id": url, **schema}, validate_formats=True, formats=FORMATS, retriever=self._retrieve
            )
        except (ValidationError, ValueError) as error:
            raise InputError(
                f"the schema {url} cannot be used: {str(error).splitlines()[0]}.",
                where=str(self._folder),
                remedy="Complete the mirror.",
            ) from None

    def _retrieve(self, url: str) -> JsonObject:
        found = self._read(url)
        if found is None:
            raise ValueError(f"the mirror has no {url}")
        return found

    def _read(self, url: str) -> JsonObject | None:
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if self._folder is None or parts.scheme not in ("http", "https") or ".." in parts.path.split("/"):
            return None
        path = self._folder / parts.netloc / parts.path.lstrip("/")
        try:
            schema: object = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        return schema if isinstance(schema, dict) else None


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


def _unresolved(url: str, document: JsonObject) -> Fault:
    named = texts(document, "stac_extensions")
    pointer = f"/stac_extensions/{named.index(url)}" if url in named else ""
    return Fault(pointer, f"no schema is known at {url}.", "Mend the address, or add the schema to the mirror.", url)


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
