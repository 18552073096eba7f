"""Which entries belong together, read from both sides: half of the links of real records lead one way only."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator

from earthcode_platform.catalog.documents import facts, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog

__all__ = ["Relations", "linked", "named_project", "named_themes"]

_DOWN = ("child", "item", "related")


class Relations:
    """Products, experiments, workflows and projects of a catalog by what they belong to.

    Args:
        catalog: The catalog.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._products: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._experiments: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._of_project: dict[Kind, defaultdict[str, dict[str, None]]] = {
            kind: defaultdict(dict) for kind in (Kind.PRODUCT, Kind.WORKFLOW)
        }
        for entry in sorted(catalog.ids(Kind.EXPERIMENT)):
            self._experiment(entry)
        for entry in sorted(catalog.ids(Kind.WORKFLOW)):
            self._workflow(entry)
        for entry in sorted(catalog.ids(Kind.PRODUCT)):
            said = catalog.document(Kind.PRODUCT.path(entry))
            if "osc:experiment" in said:
                self._products[text(said, "osc:experiment")][entry] = None
            self._of_project[Kind.PRODUCT][text(said, "osc:project")][entry] = None

    def products(self, kind: Kind, entry: str) -> tuple[str, ...]:
        """Return the ids of the products of an experiment, of a workflow by its experiments, or of a project."""
        if kind is Kind.PROJECT:
            return tuple(self._of_project[Kind.PRODUCT].get(entry, ()))
        made_by = self.experiments(entry) if kind is Kind.WORKFLOW else (entry,)
        return tuple(dict.fromkeys(product for one in made_by for product in self._products.get(one, ())))

    def experiments(self, workflow: str) -> tuple[str, ...]:
        """Return the ids of the experiments of a workflow."""
        return tuple(self._experiments.get(workflow, ()))

    def workflows(self, project: str) -> tuple[str, ...]:
        """Return the ids of the workflows of a project."""
        return tuple(self._of_project[Kind.WORKFLOW].get(project, ()))

    def _experiment(self, entry: str) -> None:
        path = Kind.EXPERIMENT.path(entry)
        said = facts(self._catalog.document(path))
        if text(said, "osc:workflow"):
            self._experiments[text(said, "osc:workflow")][entry] = None
        named = [text(said, "osc:product")] if text(said, "osc:product") else []
        for product in [*named, *linked(self._catalog, path, Kind.PRODUCT, _DOWN)]:
            self._products[entry][product] = None

    def _workflow(self, entry: str) -> None:
        path = Kind.WORKFLOW.path(entry)
        for experiment in linked(self._catalog, path, Kind.EXPERIMENT, _DOWN):
            self._experiments[entry][experiment] = None
        self._of_project[Kind.WORKFLOW][named_project(self._catalog, path)][entry] = None


def linked(catalog: Catalog, path: str, kind: Kind, rels: Iterable[str]) -> Iterator[str]:
    """Yield the ids of the entries of a kind that the document at `path` links by one of `rels`, in order."""
    wanted = frozenset(rels)
    for link in catalog.links(path):
        if link.rel in wanted and link.target is not None:
            found = Kind.of(posixpath.normpath(link.target))
            if found is not None and found[0] is kind:
                yield found[1]


def named_project(catalog: Catalog, path: str) -> str:
    """Return the id of an entry's project: by `osc:project`, or else by its first link to one."""
    said = text(facts(catalog.document(path)), "osc:project")
    return said or next(linked(catalog, path, Kind.PROJECT, ("related",)), "")


def named_themes(catalog: Catalog, path: str) -> tuple[str, ...]:
    """Return the ids of an entry's themes, whatever their scheme, in order."""
    held = facts(catalog.document(path)).get("themes")
    concepts = [one.get("concepts") for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    ids = [
        text(concept, "id")
        for listed in concepts
        if isinstance(listed, list)
        for concept in listed
        if isinstance(concept, dict)
    ]
    return tuple(dict.fromkeys(filter(None, ids)))
