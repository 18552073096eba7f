"""The exact set of file edits that publishes a product, its workflow and its experiment. Pure."""

import hashlib
from collections.abc import Iterable

from earthcode_platform.catalog.documents import facts, sections, serialize, text, texts
from earthcode_platform.catalog.draft import Draft
from earthcode_platform.catalog.entries import experiment_entry, product_entry, workflow_entry
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.new_entries import new_entries, require_agreement
from earthcode_platform.catalog.ownership import earlier_version, require_ownership, shares_workflow
from earthcode_platform.catalog.recipe import environment_file, input_file
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.submission import Submission
from earthcode_platform.errors import InputError, RefusedError
from earthcode_platform.models.experiment import Catalogued
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.run import RunResult

__all__ = ["Changeset", "changeset"]


class Changeset(Frozen):
    """What has to change in a catalog; empty if it says everything already."""

    experiment: str
    """Id of the experiment."""
    base: str
    """Commit of the catalog it was computed on."""
    edits: dict[str, bytes | None]
    """New content by path, sorted; None for a file that goes."""
    entries: tuple[str, ...]
    """Paths of the product's, the workflow's and the experiment's entry; of those that go, for a withdrawal."""
    created: tuple[str, ...] = ()
    """Paths of the project and the variables that come with it."""
    digest: str
    """SHA-256 in hexadecimal over the submission's own files as they will be, whatever else the catalog holds."""


def changeset(catalog: Catalog, pinned: PinnedExperiment, run: RunResult, product: Product) -> Changeset:
    """Return the edits that make `catalog` hold the three entries and every link between them and the rest.

    A project and variables that the experiment declares are written too if the catalog lacks them.

    Entries of an earlier version of the same experiment are replaced; links that only they justified are taken out.
    Existing files change only by the inserted, retitled or removed links.

    Raises:
        RefusedError: The experiment names a project, theme, variable or mission that the catalog does not know, and
            declares no such project or variable.
        ConflictError: An id belongs to another experiment or project, the catalog holds a newer version, or it says
            something else of a declared project or variable.
        InputError: A file of the catalog that has to change is not readable, or the run or the product is another's.
    """
    submission = Submission(catalog, pinned, run, product)
    _require_one_experiment(submission)
    RefusedError.if_any(tuple(submission.unknown()), where=submission.experiment.id)
    require_ownership(submission)
    require_agreement(submission)
    draft = Draft(catalog)
    created = new_entries(submission)
    for path, document in created.items():
        draft.write(path, serialize(document))
    own = _write_entries(draft, submission)
    _link_back(draft, submission, created)
    _withdraw(draft, submission)
    _retitle(draft, submission)
    return Changeset(
        experiment=submission.experiment.id,
        base=catalog.commit,
        edits=draft.edits,
        entries=(submission.product_path, submission.workflow_path, submission.experiment_path),
        created=tuple(created),
        digest=_digest(draft.merged, own, submission.experiment.osc),
    )


def _require_one_experiment(submission: Submission) -> None:
    """Check that run and product are those of the experiment: a mix would be published as one."""
    declared, made = submission.experiment, submission.product
    ours = (declared.id, declared.id, declared.version, declared.product.id)
    if (submission.run.experiment, made.experiment, made.version, made.id) != ours:
        raise InputError(
            f"the run of {submission.run.experiment!r} and the product {made.id!r} {made.version} of "
            f"{made.experiment!r} do not belong to {declared.id!r} {declared.version}.",
            where=declared.id,
            remedy="Publish a product with the run and the experiment it comes from.",
        )


def _write_entries(draft: Draft, submission: Submission) -> list[str]:
    """Write the submission's own files and return their paths; a shared workflow's entry is not among them."""
    own = {submission.product_path: serialize(product_entry(submission))}
    title = submission.experiment.workflow.title
    if shares_workflow(submission):
        title = submission.catalog.title(submission.workflow_path)
    else:
        own[submission.workflow_path] = serialize(workflow_entry(submission))
    own[submission.experiment_path] = serialize(experiment_entry(submission, title, _other_products(submission)))
    own[submission.input_path] = input_file(submission)
    own[submission.environment_path] = _environment(submission)
    for path, content in own.items():
        draft.write(path, content)
    return sorted(own)


def _environment(submission: Submission) -> bytes:
    """Return `environment.yaml`: the published one as long as the archive holds what that environment made."""
    earlier = earlier_version(submission)
    kept = earlier is not None and earlier.manifest_checksum == submission.product.manifest_checksum
    if kept and submission.environment_path in submission.catalog:
        return submission.catalog.content(submission.environment_path)
    return environment_file(submission)


def _other_products(submission: Submission) -> list[str]:
    """Return the ids of products, other than the submission's, that the experiment published before and keeps."""
    catalog = submission.catalog
    if submission.experiment_path not in catalog:
        return []
    targets = [link.target for link in catalog.links(submission.experiment_path) if link.rel == "child" and link.target]
    found = [entry for entry in map(Kind.of, targets) if entry and entry[0] is Kind.PRODUCT]
    return [
        product
        for _, product in found
        if product != submission.product.id
        and catalog.exists(Kind.PRODUCT, product)
        and text(catalog.document(Kind.PRODUCT.path(product)), "osc:experiment") == submission.experiment.id
    ]


def _link_back(draft: Draft, submission: Submission, created: Iterable[str]) -> None:
    """Make every document that has to name one of the entries name it, with its title."""
    merged = draft.merged
    for path in created:
        kind = Kind(path.split("/", maxsplit=1)[0])
        draft.link(kind.listing, kind.listed_as, path, merged.title(path))
    paths = {
        Kind.PRODUCT: submission.product_path,
        Kind.WORKFLOW: submission.workflow_path,
        Kind.EXPERIMENT: submission.experiment_path,
    }
    for kind, path in paths.items():
        draft.link(kind.listing, kind.listed_as, path, merged.title(path))
    for kind, entry, _ in submission.named:
        draft.link(kind.path(entry), "child", paths[Kind.PRODUCT], submission.product.title)
    draft.link(paths[Kind.WORKFLOW], "child", paths[Kind.EXPERIMENT], submission.experiment.title)
    workflow = submission.experiment.workflow_id
    draft.relate(submission.project_path, Kind.WORKFLOW, workflow, merged.title(paths[Kind.WORKFLOW]))
    draft.name(submission.project_path, "osc:workflows", workflow)


def _withdraw(draft: Draft, submission: Submission) -> None:
    """Take out the back links that an earlier version justified and this one does not."""
    catalog = submission.catalog
    if submission.product_path in catalog:
        before = catalog.document(submission.product_path)
        concepts = [
            text(concept, "id") for theme in sections(before, "themes") for concept in sections(theme, "concepts")
        ]
        named = {
            Kind.THEME: concepts,
            Kind.VARIABLE: texts(before, "osc:variables"),
            Kind.MISSION: texts(before, "osc:missions"),
        }
        for kind, entries in named.items():
            for entry in set(entries) - set(submission.ids(kind)):
                if catalog.exists(kind, entry):
                    draft.unlink(kind.path(entry), "child", submission.product_path)
    if submission.experiment_path in catalog:
        workflow = text(facts(catalog.document(submission.experiment_path)), "osc:workflow")
        if workflow != submission.experiment.workflow_id and catalog.exists(Kind.WORKFLOW, workflow):
            draft.unlink(Kind.WORKFLOW.path(workflow), "child", submission.experiment_path)


def _retitle(draft: Draft, submission: Submission) -> None:
    """Correct the titles of all links to an entry whose title changed."""
    merged = draft.merged
    for path in (submission.product_path, submission.workflow_path, submission.experiment_path):
        before = submission.catalog.title(path) if path in submission.catalog else ""
        if before and before != merged.title(path):
            draft.retitle(path, before, merged.title(path))


def _digest(merged: Catalog, paths: list[str], osc: Catalogued) -> str:
    digest = hashlib.sha256()
    declared = [osc.new_project, *osc.new_variables]
    # What is declared, not what is written: the digest must not depend on what others published in between.
    digest.update(b"".join(one.model_dump_json().encode() for one in declared if one is not None))
    for path in paths:
        content = merged.content(path)
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
