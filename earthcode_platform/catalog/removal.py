"""The exact set of file edits that takes a published experiment out of a catalog. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from earthcode_platform.catalog.changeset import Changeset
from earthcode_platform.catalog.documents import facts, sections, text
from earthcode_platform.catalog.draft import Draft
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link
from earthcode_platform.catalog.ownership import users_of
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import ConflictError, InputError, UnknownNameError

__all__ = ["removal"]

_STRUCTURE: Final = (Kind.PROJECT, Kind.THEME, Kind.VARIABLE, Kind.MISSION)
_SHOWN: Final = 5
_IN_ARCHIVE: Final = re.compile(r"/[^/]+/[^/]+/experiment/[^?#]+$")
"""Product, version and folder of the experiment: where the archive keeps the file of a workflow."""


class _Outgoing(NamedTuple):
    """What goes."""

    experiment: str
    products: tuple[str, ...]
    workflow: str
    """Empty if others use it or wrote it: it stays."""
    files: Mapping[str, bytes]

    @property
    def entries(self) -> tuple[str, ...]:
        workflow = (Kind.WORKFLOW.path(self.workflow),) if self.workflow else ()
        return (*map(Kind.PRODUCT.path, self.products), *workflow, Kind.EXPERIMENT.path(self.experiment))


def removal(catalog: Catalog, experiment_id: str) -> Changeset:
    """Return the edits after which nothing of an experiment is left in `catalog`, and nothing leads to it.

    The folders of the experiment and of its products go, and that of its workflow unless another experiment uses it or
    somebody wrote it by hand.
    Links to them go out of the listings, and out of projects, themes, variables and missions; `related` links go
    wherever they are. A project and variables that came with the experiment stay: others may use them, and what they
    describe goes on existing. Archived data are no part of a catalog: they stay where they are.

    Raises:
        UnknownNameError: The catalog has no such experiment; the message suggests the nearest id.
        ConflictError: The platform did not publish it, or another entry builds on it.
        InputError: A file of the catalog that has to change is not readable, or one that goes has a name that is no
            text.
    """
    _require_published(catalog, experiment_id)
    going = _outgoing(catalog, experiment_id)
    draft = Draft(catalog)
    _require_names_in_unicode(going)
    for path in going.files:
        draft.remove(path)
    _require_nobody_builds_on(catalog, going)
    for source, link in _links_to(catalog, going):
        draft.unlink(source, link.rel, link.target or "")
    if going.workflow:
        for project in sorted(catalog.ids(Kind.PROJECT)):
            path = Kind.PROJECT.path(project)
            if going.workflow.encode() in catalog.content(path):
                draft.unname(path, "osc:workflows", going.workflow)
    return Changeset(
        experiment=experiment_id,
        base=catalog.commit,
        edits=draft.edits,
        entries=going.entries,
        digest=_digest(going.files),
    )


def _require_published(catalog: Catalog, experiment_id: str) -> None:
    try:
        find(catalog, experiment_id)
    except UnknownNameError:
        raise
    except InputError as error:
        raise ConflictError(
            f"the experiment {experiment_id!r} was not published by this platform, but written by hand "
            f"({error.message.removesuffix('.')}).",
            where=Kind.EXPERIMENT.path(experiment_id),
            remedy="Have its author or a data steward take it out.",
        ) from None


def _require_names_in_unicode(going: _Outgoing) -> None:
    for path in going.files:
        said = path.encode(errors="backslashreplace").decode()
        if said != path:
            raise InputError(
                "the name of this file is not in UTF-8.",
                where=said,
                remedy="Have it renamed or removed, then try again.",
            )


def _outgoing(catalog: Catalog, experiment: str) -> _Outgoing:
    path = Kind.EXPERIMENT.path(experiment)
    targets = [Kind.of(link.target) for link in catalog.links(path) if link.rel == "child" and link.target]
    children = [found[1] for found in targets if found and found[0] is Kind.PRODUCT]
    products = tuple(
        product
        for product in dict.fromkeys(children)
        if catalog.exists(Kind.PRODUCT, product) and _experiment_of(catalog, product) == experiment
    )
    workflow = text(facts(catalog.document(path)), "osc:workflow")
    if not catalog.exists(Kind.WORKFLOW, workflow) or not _is_ours_alone(catalog, workflow, experiment):
        workflow = ""
    folders = [f"{Kind.EXPERIMENT}/{experiment}/", *(f"{Kind.PRODUCT}/{product}/" for product in products)]
    folders += [f"{Kind.WORKFLOW}/{workflow}/"] if workflow else []
    files = {name: held for name, held in sorted(catalog.files.items()) if name.startswith(tuple(folders))}
    return _Outgoing(experiment, products, workflow, files)


def _is_ours_alone(catalog: Catalog, workflow: str, experiment: str) -> bool:
    """Tell whether nobody else uses a workflow, and the platform wrote its entry: its file lies in our archive.

    An experiment may share the workflow that somebody wrote by hand; that entry stays.
    """
    links = sections(catalog.document(Kind.WORKFLOW.path(workflow)), "links")
    archived = any("file:checksum" in link and _IN_ARCHIVE.search(text(link, "href")) for link in links)
    return archived and users_of(catalog, workflow) == {experiment}


def _experiment_of(catalog: Catalog, product: str) -> str:
    return text(catalog.document(Kind.PRODUCT.path(product)), "osc:experiment")


def _links_to(catalog: Catalog, going: _Outgoing) -> Iterator[tuple[str, Link]]:
    """Yield path and link of everything in the rest of the catalog that leads to a file that goes."""
    # From inside the same folder of kinds an address has only the last two parts of the path.
    needles = [path.split("/", maxsplit=1)[1].encode() for path in going.files]
    for source, content in catalog.files.items():
        if source in going.files or not source.endswith(".json"):
            continue
        if any(needle in content for needle in needles):
            yield from ((source, link) for link in catalog.links(source) if link.target in going.files)


def _require_nobody_builds_on(catalog: Catalog, going: _Outgoing) -> None:
    found = sorted({*_holding_links(catalog, going), *_naming(catalog, going), *_reading(catalog, going)})
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ConflictError(
            f"the experiment {going.experiment!r} cannot be withdrawn, for others build on it: "
            f"{'; '.join(found[:_SHOWN])}{more}.",
            where=Kind.EXPERIMENT.path(going.experiment),
            remedy="Have those entries changed or withdrawn first.",
        )


def _holding_links(catalog: Catalog, going: _Outgoing) -> Iterator[str]:
    for source, link in _links_to(catalog, going):
        if not _may_go(source, link):
            yield f"{source} has a {link.rel!r} link to {link.target}"


def _may_go(source: str, link: Link) -> bool:
    """Tell whether a link can be taken out and leave a sound document behind."""
    if link.rel == "related" or source in {kind.listing for kind in Kind}:
        return True
    holder, held = Kind.of(source), Kind.of(link.target or "")
    if holder is None or held is None or link.rel != "child":
        return False
    return holder[0] in _STRUCTURE or (holder[0] is Kind.WORKFLOW and held[0] is Kind.EXPERIMENT)


def _naming(catalog: Catalog, going: _Outgoing) -> Iterator[str]:
    """Yield what names the experiment as its own: a product that is not among its children."""
    needle = going.experiment.encode()
    for product in catalog.ids(Kind.PRODUCT) - set(going.products):
        path = Kind.PRODUCT.path(product)
        if needle in catalog.content(path) and _experiment_of(catalog, product) == going.experiment:
            yield f"{path} says that it comes from the experiment"


def _reading(catalog: Catalog, going: _Outgoing) -> Iterator[str]:
    """Yield experiments that were given a product that goes, from the catalog or from the archive."""
    for product in going.products:
        path = Kind.PRODUCT.path(product)
        needles = [path, *(_folder(link.href) for link in catalog.links(path) if _leads_to_data(link))]
        for source, content in catalog.files.items():
            if not source.startswith(f"{Kind.EXPERIMENT}/") or source in going.files:
                continue
            given = (
                [link.href.encode() for link in catalog.links(source) if link.rel == "input"]
                if (source.endswith(".json"))
                else [content]
            )
            if any(needle.encode() in one for needle in needles for one in given):
                yield f"{source} takes the product {product!r} as input"


def _leads_to_data(link: Link) -> bool:
    return link.target is None and link.rel in ("via", "child", "item") and "://" in link.href


def _folder(href: str) -> str:
    """Return the address of everything that an archived collection holds."""
    return href.removesuffix("collection.json")


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
