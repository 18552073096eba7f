"""What is handed in to a catalog: an experiment, its run and its product, beside the catalog that shall hold them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from earthcode_platform.catalog.documents import facts, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import nearest
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.run import RunResult

__all__ = ["Submission"]


@dataclass(frozen=True)
class Submission:
    """Everything that decides the three entries."""

    catalog: Catalog
    """The catalog as it is."""
    pinned: PinnedExperiment
    """What ran."""
    run: RunResult
    """How it ran."""
    product: Product
    """What was archived."""

    @property
    def experiment(self) -> Experiment:
        """What the author declared."""
        return self.pinned.experiment

    @property
    def product_path(self) -> str:
        """Path of the product's entry."""
        return Kind.PRODUCT.path(self.product.id)

    @property
    def workflow_path(self) -> str:
        """Path of the workflow's entry."""
        return Kind.WORKFLOW.path(self.experiment.workflow_id)

    @property
    def experiment_path(self) -> str:
        """Path of the experiment's entry."""
        return Kind.EXPERIMENT.path(self.experiment.id)

    @property
    def input_path(self) -> str:
        """Path of the file that says what the experiment was given."""
        return f"{Kind.EXPERIMENT}/{self.experiment.id}/input.yaml"

    @property
    def environment_path(self) -> str:
        """Path of the file that says what the experiment ran on."""
        return f"{Kind.EXPERIMENT}/{self.experiment.id}/environment.yaml"

    @property
    def project_path(self) -> str:
        """Path of the project's entry."""
        return Kind.PROJECT.path(self.experiment.osc.project)

    @cached_property
    def named(self) -> tuple[tuple[Kind, str, str], ...]:
        """Key in `experiment.yaml`, kind and id of every entry that the experiment names, project first."""
        osc = self.experiment.osc
        ids = {
            Kind.PROJECT: (osc.project,),
            Kind.THEME: osc.themes,
            Kind.VARIABLE: osc.variables,
            Kind.MISSION: osc.missions,
        }
        keys = {Kind.PROJECT: "project", Kind.THEME: "themes", Kind.VARIABLE: "variables", Kind.MISSION: "missions"}
        return tuple((kind, entry, keys[kind]) for kind, entries in ids.items() for entry in dict.fromkeys(entries))

    def ids(self, kind: Kind) -> tuple[str, ...]:
        """Return the ids of a kind that the experiment names, each once, in order."""
        return tuple(entry for named, entry, _ in self.named if named is kind)

    @cached_property
    def declared(self) -> dict[tuple[Kind, str], str]:
        """Titles of the project and the variables that the experiment declares, for a catalog that lacks them."""
        osc = self.experiment.osc
        project = {(Kind.PROJECT, osc.project): osc.new_project.title} if osc.new_project else {}
        return project | {(Kind.VARIABLE, one.id): one.title for one in osc.new_variables}

    def title(self, kind: Kind, entry: str) -> str:
        """Return the title of an entry of the catalog, or of one that comes with the experiment."""
        if self.catalog.exists(kind, entry):
            return self.catalog.title(kind.path(entry))
        return self.declared.get((kind, entry), "")

    def created(self, path: str) -> str | None:
        """Return when the entry at `path` says it was created; None if it does not exist or does not say."""
        return text(facts(self.catalog.document(path)), "created") or None if path in self.catalog else None

    def unknown(self) -> Iterator[Finding]:
        """Yield a finding for each id that neither the catalog nor the experiment knows (codes `publish-unknown-*`)."""
        for kind, entry, key in (*self.named, *self._themes_of_declared):
            if self.catalog.exists(kind, entry) or (kind, entry) in self.declared:
                continue
            close = nearest(entry, self.catalog.ids(kind))
            yield Finding(
                code=f"publish-unknown-{kind.name.lower()}",
                severity=Severity.ERROR,
                where=f"experiment.yaml, osc.{key}",
                message=f"the catalog has no {kind.label} {entry!r}.",
                remedy=f"Did you mean {close!r}?" if close else f"Take one that {kind.listing} lists.",
            )
        for kind, entry in self.declared:
            if entry not in self.ids(kind):
                yield Finding(
                    code="publish-new-variable-unnamed",
                    severity=Severity.ERROR,
                    where="experiment.yaml, osc.new_variables",
                    message=f"the new variable {entry!r} is not among the variables of the product.",
                    remedy="Name it in osc.variables too, or take it out.",
                )

    @property
    def _themes_of_declared(self) -> tuple[tuple[Kind, str, str], ...]:
        osc = self.experiment.osc
        held = {"new_project": osc.new_project.themes} if osc.new_project else {}
        found = [(Kind.THEME, theme, key) for key, themes in held.items() for theme in themes]
        return (*found, *((Kind.THEME, theme, "new_variables") for one in osc.new_variables for theme in one.themes))
