"""The links of a record that lead to code, in the form in which they can be used."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, section, sections, text, texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import target_of
from earthcode_platform.catalog.records.places import Place, place_of
from earthcode_platform.catalog.records.readings import Readings
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_code import CodeForm, CodeLink, InputForm, InputLink, Kernel, Pin
from earthcode_platform.redaction import public

__all__ = ["access_needed", "code_links", "data_sets", "kernel", "openeo_backends", "platforms"]

_CODE: Final = ("application", "process_graph", "jupyter-notebook", "git", "vcs", "download", "code", "via")
"""Relations under which records link code, in small letters."""
_EDITOR: Final = "web editor"
_GRAPH: Final = ("process", "wizard~processurl")
"""Names in the query of a web editor's address under which the process graph stands."""
_PLATFORMS: Final = ("application-originating-platform", "application-platform")


def code_links(catalog: Catalog, path: str, readings: Readings) -> tuple[CodeLink, ...]:
    """Return the links of the record at `path` to code, in order and each address once.

    A process graph that stands only in the query of a link to the openEO web editor is one of them, and so is a file
    beside the record.
    """
    document = catalog.document(path)
    found: dict[tuple[str, str], CodeLink] = {}
    for link in sections(document, "links"):
        graph = _editor(link).get("graph", "")
        if graph:
            link = _graph_link(link, graph, document, readings)  # noqa: PLW2901 - the graph stands for the editor
        target = target_of(path, text(link, "href"))
        if not _is_code(link):
            continue
        if target is not None and (target not in catalog or Kind.of(target) is not None):
            readings.note(f"The {text(link, 'rel')!r} link to {text(link, 'href')!r} leads to no file; it is left out.")
            continue
        code = _code(link, target, readings)
        kept = found.get((code.href, code.path))
        # The same file may be linked twice, once with all that is known of it.
        if kept is None or _weight(code) > _weight(kept):
            found[code.href, code.path] = code
    return tuple(found.values())


def openeo_backends(document: JsonObject, readings: Readings) -> tuple[str, ...]:
    """Return the addresses of the openEO back-ends that links to the web editor name in their query."""
    named = [_editor(link).get("server", "") for link in sections(document, "links")]
    found = tuple(dict.fromkeys(filter(None, named)))
    for one in found:
        readings.note(f"The openEO back-end {one} is named only in the query of a link to the openEO web editor.")
    return found


def kernel(document: JsonObject, said: JsonObject, readings: Readings) -> Kernel | None:
    """Return what a notebook ran on: from the link to it (`jupyter:kernel`) or from `jupyter_kernel_info`.

    Args:
        document: The record.
        said: Its properties.
        readings: Takes the quirks.
    """
    linked = [section(link, "jupyter:kernel") for link in sections(document, "links")]
    for found, version, environment in (
        *((one, "pythonVersion", "envFile") for one in linked if one),
        (section(said, "jupyter_kernel_info"), "python_version", "env_file"),
    ):
        if found:
            place = place_of(text(found, environment))
            return Kernel(
                name=text(found, "name"),
                python_version=readings.version(found, version),
                environment=place.href,
                environment_pin=place.pin,
            )
    return None


def platforms(document: JsonObject) -> tuple[str, ...]:
    """Return the titles of the platforms that a record was made on."""
    return tuple(
        dict.fromkeys(
            public(text(link, "title") or text(link, "href"))
            for link in sections(document, "links")
            if text(link, "rel") in _PLATFORMS
        )
    )


def data_sets(path: str, document: JsonObject) -> tuple[InputLink, ...]:
    """Return the data sets that a record names under relations such as `Additional required dataset`."""
    found = []
    for link in sections(document, "links"):
        rel = text(link, "rel").lower()
        if ("dataset" in rel or "data set" in rel) and target_of(path, text(link, "href")) is None:
            place = place_of(text(link, "href"))
            form = {CodeForm.LANDING_PAGE: InputForm.LANDING_PAGE, CodeForm.PAGE: InputForm.PAGE}.get(
                place.form, InputForm.FILE
            )
            found.append(InputLink(name=text(link, "title") or text(link, "rel"), href=place.href, form=form))
    return tuple(found)


def access_needed(document: JsonObject) -> tuple[str, ...]:
    """Return the rights that links say they need (STAC authentication extension; requester pays; s3 addresses)."""
    schemes = section(document, "auth:schemes") or section(section(document, "properties"), "auth:schemes")
    found: dict[str, None] = {}
    for link in sections(document, "links"):
        href = text(link, "href")
        for name in texts(link, "auth:refs"):
            kind = text(section(schemes, name), "type") or "unknown kind"
            found[f"Access by {name!r} ({kind}) to {public(href)}."] = None
        if link.get("storage:requester_pays") is True:
            found[f"An account that pays for reading {public(href)}."] = None
        elif href.startswith("s3://"):
            found[f"Credentials for the S3 bucket {href.split('/')[2]}."] = None
        if public(href) != href and "@" in href:
            found[f"A user name and a password for {public(href)}."] = None
    return tuple(found)


def _is_code(link: JsonObject) -> bool:
    rel, href = text(link, "rel").lower(), text(link, "href")
    if rel not in _CODE or not href:
        return False
    # Pages about a record are `via` links too; only a file or a repository is code.
    return rel != "via" or place_of(href).form not in (CodeForm.PAGE, CodeForm.LANDING_PAGE)


def _code(link: JsonObject, target: str | None, readings: Readings) -> CodeLink:
    rel, written, media = text(link, "rel"), text(link, "href"), text(link, "type")
    if target is None:
        place = place_of(written, branch=text(link, "vcs:branch"))
    else:
        # A file of the catalog is fixed by the catalog's commit.
        place = Place(target, CodeForm.FILE, pin=Pin.COMMIT)
    form = place.form
    if form is CodeForm.PAGE and rel.lower() in ("git", "vcs"):
        form = CodeForm.REPOSITORY
    if rel != rel.lower():
        readings.note(f"A relation is written {rel!r}; read as {rel.lower()!r}.")
    if form is CodeForm.FILE and target is None and place.href != written:
        readings.note(f"The {rel!r} link shows a page about a file; read as {place.href}.")
    elif form is CodeForm.REPOSITORY and "/tree/" in written:
        readings.note(f"The {rel!r} link shows a page of a repository; read as {place.href}.")
    elif form is CodeForm.FOLDER:
        readings.note(f"The {rel!r} link shows a page of a folder; read as the folder {place.path} of {place.href}.")
    if media == "application/json" and form is not CodeForm.FILE:
        readings.note(f"The {rel!r} link says it is {media}; it leads to a {form}.")
    pin = Pin.DIGEST if text(link, "file:checksum") else place.pin
    return CodeLink(
        rel=rel,
        written=written,
        href=place.href,
        form=form,
        pin=pin,
        reference=place.reference,
        path=place.path,
        media_type=media,
        application_type=text(link, "application:type"),
        title=text(link, "title"),
    )


def _weight(code: CodeLink) -> tuple[bool, bool]:
    return bool(code.application_type), code.pin is Pin.DIGEST


def _editor(link: JsonObject) -> dict[str, str]:
    """Return the process graph and the back-end that the address of an openEO web editor names in its query."""
    href = text(link, "href")
    if "server=" not in href:
        return {}
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(href).query)}
    except ValueError:
        return {}
    graph = next((query[name] for name in _GRAPH if _is_address(query.get(name))), "")
    server = query.get("server", "")
    return {"graph": graph, "server": server} if _is_address(server) else {}


def _graph_link(link: JsonObject, graph: str, document: JsonObject, readings: Readings) -> JsonObject:
    """Return the link to a process graph in the place of the link to the editor that names it."""
    beside: Iterator[JsonObject] = (one for one in sections(document, "links") if text(one, "href") == graph)
    held = next(beside, None)
    rel = text(held, "rel") if held else ""
    if rel.lower() not in _CODE:
        how = f"linked as {rel!r}" if rel else "named only in the query of a link"
        readings.note(f"The openEO process graph {graph} is {how}; read as the process graph of the openEO {_EDITOR}.")
    return {
        "title": text(link, "title"),
        **(held or {}),
        "rel": "process_graph",
        "href": graph,
        "type": "application/json",
    }


def _is_address(value: JsonValue) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))
