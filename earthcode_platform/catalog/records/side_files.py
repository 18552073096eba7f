"""What `input` and `environment` links lead to: YAML files beside a record, and whatever else people link there."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

import yaml
from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, section, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link
from earthcode_platform.catalog.records.places import BARE_DOI, place_of
from earthcode_platform.catalog.records.readings import Readings
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.experiments.scalars import CoreResolver
from earthcode_platform.models.catalog_code import CodeForm, InputForm, InputLink, Pin, RecordParameter
from earthcode_platform.models.shown import shown

__all__ = ["SideFile", "named_data", "read_parameters", "side_files"]

_FORMS: Final = {
    CodeForm.REPOSITORY: InputForm.REPOSITORY,
    CodeForm.FOLDER: InputForm.REPOSITORY,
    CodeForm.LANDING_PAGE: InputForm.LANDING_PAGE,
    CodeForm.PAGE: InputForm.PAGE,
}
_PACKAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PYTHON: Final = re.compile(r"(?:[\w-]+::)?python\s*==?\s*(?P<version>\d[\d.]*)(?:\.\*)?")
_STAC: Final = re.compile(r"/(?:collection|catalog|item)\.json(?:\?|$)|/collections/[^/]+(?:/items/[^/]+)?/?(?:\?|$)")
"""How the address of a STAC document ends, in a static catalog and in an API."""
_READ: Final = (".yaml", ".yml", ".json")
_MOST_BYTES: Final = 1024 * 1024
_MOST_VALUES: Final = 10_000
"""How many values of one file are read: aliases let a small file name very many."""


class SideFile:
    """What one link leads to.

    Args:
        link: As it is told.
        content: What the file says; empty if it is no file of the catalog or says nothing.
    """

    def __init__(self, link: InputLink, content: JsonObject | None = None) -> None:
        self.link = link
        self.content: JsonObject = content or {}


def side_files(catalog: Catalog, path: str, rel: str, readings: Readings) -> tuple[SideFile, ...]:
    """Return what the links of the record at `path` with the relation `input` or `environment` lead to."""
    return tuple(
        _outside(link, readings)
        if link.target is None or BARE_DOI.match(link.href)
        else _inside(catalog, link, posixpath.normpath(link.target))
        for link in catalog.links(path)
        if link.rel == rel
    )


def read_parameters(content: JsonObject, readings: Readings) -> tuple[RecordParameter, ...]:
    """Return the parameters of an input file: a map of values, or a list of descriptions, each with a `name`."""
    written = content.get("parameters")
    if isinstance(written, dict):
        return tuple(
            RecordParameter(name=str(name), value=value, has_value=value is not None) for name, value in written.items()
        )
    if not isinstance(written, list):
        return ()
    described = [one for one in written if isinstance(one, dict) and isinstance(one.get("name"), str)]
    if not written:
        readings.note("parameters of its input file is an empty list; read as no parameters.")
    elif len(described) != len(written):
        readings.note("parameters of its input file is a list with entries that have no name; they are left out.")
    return tuple(_described(one) for one in described)


def named_data(content: JsonObject) -> Iterator[InputLink]:
    """Yield the data that an input file names: a map `inputs` of descriptions, each with an `href`."""
    for name, described in section(content, "inputs").items():
        href = text(described, "href") if isinstance(described, dict) else ""
        if href:
            place = place_of(href)
            form = (
                InputForm.STAC if href.partition("?")[0].endswith(".json") else _FORMS.get(place.form, InputForm.FILE)
            )
            yield InputLink(name=name, href=place.href, form=form)


def _described(one: JsonObject) -> RecordParameter:
    value = one.get("value", one.get("default"))
    return RecordParameter(
        name=str(one["name"]),
        value=value,
        has_value=value is not None,
        has_schema=any(key in one for key in ("schema", "type")),
    )


def _outside(link: Link, readings: Readings) -> SideFile:
    place = place_of(link.href)
    form = _FORMS.get(place.form, InputForm.FILE)
    if form is not InputForm.FILE and "yaml" in link.media_type:
        readings.note(f"The {link.rel!r} link says it is {link.media_type}; it leads to a {form}.")
    if _STAC.search(place.href) and form in (InputForm.FILE, InputForm.PAGE):
        form = InputForm.STAC
    return SideFile(InputLink(name=link.title or link.rel, href=place.href, form=form, pin=place.pin))


def _inside(catalog: Catalog, link: Link, target: str) -> SideFile:
    form, said = _held(catalog, link.rel, target)
    comment = said.get("$comment")
    return SideFile(
        InputLink(
            name=link.title or link.rel,
            href=target,
            form=form,
            pin=Pin.NOTHING if form is InputForm.MISSING else Pin.COMMIT,
            comment=comment.strip() if isinstance(comment, str) else "",
            packages=tuple(dict.fromkeys(_packages(said.get("dependencies")))),
            python_version=_python(said),
        ),
        said,
    )


def _held(catalog: Catalog, rel: str, target: str) -> tuple[InputForm, JsonObject]:
    """Return what a file of the catalog is, and what it says if that is read."""
    if target not in catalog:
        return InputForm.MISSING, {}
    content = catalog.content(target)
    if not content.strip():
        return InputForm.EMPTY, {}
    if not target.endswith(_READ):
        return InputForm.FILE, {}
    if Kind.of(target) is not None:
        return InputForm.STAC, {}
    said = _mapping(content)
    if said is None:
        return InputForm.UNREADABLE, {}
    return (InputForm.STAC, {}) if "stac_version" in said else (_form(rel, said), said)


def _form(rel: str, said: JsonObject) -> InputForm:
    if not said.keys() - {"$comment"}:
        return InputForm.COMMENT
    if isinstance(said.get("dependencies"), list):
        return InputForm.CONDA
    if section(section(said, "engine"), "libraries"):
        return InputForm.RECORDED
    return InputForm.PARAMETERS if rel == "input" else InputForm.FILE


def _python(said: JsonObject) -> str:
    """Return the version of Python that a recorded environment names, or a conda environment fixes."""
    dependencies = said.get("dependencies")
    for one in dependencies if isinstance(dependencies, list) else ():
        fixed = _PYTHON.fullmatch(one.strip()) if isinstance(one, str) else None
        if fixed:
            return fixed["version"]
    return text(said, "python")


def _mapping(content: bytes) -> JsonObject | None:
    """Return the mapping that a YAML file holds; None if it holds none, or is far too large."""
    if len(content) > _MOST_BYTES:
        return None
    try:
        said = yaml.load(content, CoreResolver)  # noqa: S506 - a safe loader, with the plain scalars of YAML 1.2
        read = _Counted().value(said)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


class _Counted:
    """Turns what YAML may hold into what JSON may hold, up to a number of values."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def value(self, said: object) -> JsonValue:
        self._left -= 1
        if self._left < 0:
            raise ValueError("it holds too many values")
        if isinstance(said, dict):
            return {shown(str(key)): self.value(one) for key, one in said.items()}
        if isinstance(said, list | tuple | set):
            return [self.value(one) for one in said]
        return said if said is None or isinstance(said, bool | int | float) else shown(str(said))


def _packages(dependencies: JsonValue) -> Iterator[str]:
    """Yield the names of the packages that a conda environment installs, those of pip included."""
    for one in dependencies if isinstance(dependencies, list) else ():
        if isinstance(one, dict):
            yield from _packages(one.get("pip"))
        elif isinstance(one, str):
            named = _PACKAGE.match(one.rpartition("::")[2].strip())
            if named:
                yield named.group().lower()
