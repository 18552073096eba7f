"""Whose an entry is: a submission may replace its own entries, and nobody else's."""

from packaging.version import InvalidVersion, Version

from earthcode_platform.catalog.documents import facts, sections, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.submission import Submission
from earthcode_platform.errors import ConflictError, InputError
from earthcode_platform.models.product import PublishedExperiment

__all__ = ["earlier_version", "require_ownership", "shares_workflow", "users_of"]


def earlier_version(submission: Submission) -> PublishedExperiment | None:
    """Return what the catalog holds of the experiment already; None if it holds nothing.

    Raises:
        ConflictError: The id is taken by an experiment that the platform did not publish.
    """
    if submission.experiment_path not in submission.catalog:
        return None
    try:
        return find(submission.catalog, submission.experiment.id)
    except InputError as error:
        raise ConflictError(
            f"the id {submission.experiment.id!r} is taken by an experiment that somebody wrote by hand "
            f"({error.message.removesuffix('.')}).",
            where=submission.experiment_path,
            remedy="Give the experiment another id.",
        ) from None


def require_ownership(submission: Submission) -> None:
    """Check that every entry which publishing would replace is the submission's own.

    Raises:
        ConflictError: An id belongs to another experiment or project, or the catalog holds a newer version, or other
            data under the same version.
    """
    earlier = earlier_version(submission)
    if earlier is not None:
        _require_project(submission, Kind.EXPERIMENT, submission.experiment_path)
        _require_newer(submission, earlier)
    if submission.product_path in submission.catalog:
        _require_product(submission)
    if submission.workflow_path in submission.catalog:
        _require_workflow(submission)


def shares_workflow(submission: Submission) -> bool:
    """Tell whether the workflow's entry is another's too and names the same file: it stays, and gains a link."""
    return (
        submission.workflow_path in submission.catalog
        and not _only_ours(submission)
        and submission.pinned.workflow.checksum in _recorded_checksums(submission)
    )


def users_of(catalog: Catalog, workflow: str) -> set[str]:
    """Return the ids of the experiments that name a workflow of the catalog, or that it names."""
    naming = {
        entry
        for entry in catalog.ids(Kind.EXPERIMENT)
        if text(facts(catalog.document(Kind.EXPERIMENT.path(entry))), "osc:workflow") == workflow
    }
    targets = [Kind.of(link.target) for link in catalog.links(Kind.WORKFLOW.path(workflow)) if link.target]
    return naming | {entry for found in targets if found for kind, entry in [found] if kind is Kind.EXPERIMENT}


def _require_project(submission: Submission, kind: Kind, path: str) -> None:
    found, ours = text(facts(submission.catalog.document(path)), "osc:project"), submission.experiment.osc.project
    if found and found != ours:
        raise ConflictError(
            f"the {kind.label.lower()} belongs to project {found!r}, not to {ours!r}.",
            where=path,
            remedy=f"Give the {kind.label.lower()} another id, or set osc.project to {found!r}.",
        )


def _require_newer(submission: Submission, earlier: PublishedExperiment) -> None:
    ours, where = submission.experiment.version, submission.experiment_path
    if earlier.version == ours:
        if earlier.data_checksums != submission.product.data_checksums:
            raise ConflictError(
                f"version {ours} is published with other data: the checksums of its values differ.",
                where=where,
                remedy="Raise the experiment's version.",
            )
        if earlier.manifest_checksum != submission.product.manifest_checksum:
            raise ConflictError(
                f"version {ours} is published with another archived copy: the checksum of its manifest differs.",
                where=where,
                remedy="Restore the archive that was published, or raise the experiment's version.",
            )
        return
    try:
        older = Version(ours) < Version(earlier.version)
    except InvalidVersion:
        older = False
    if older:
        raise ConflictError(
            f"the catalog holds version {earlier.version}, which is newer than {ours}.",
            where=where,
            remedy=f"Raise the experiment's version above {earlier.version}.",
        )


def _require_product(submission: Submission) -> None:
    owner = text(submission.catalog.document(submission.product_path), "osc:experiment")
    if owner != submission.experiment.id:
        whose = f"to the experiment {owner!r}" if owner else "to no experiment of this platform"
        raise ConflictError(
            f"the product id {submission.product.id!r} is taken: it belongs {whose}.",
            where=submission.product_path,
            remedy="Give the product another id.",
        )
    _require_project(submission, Kind.PRODUCT, submission.product_path)


def _require_workflow(submission: Submission) -> None:
    _require_project(submission, Kind.WORKFLOW, submission.workflow_path)
    if _only_ours(submission) or shares_workflow(submission):
        return
    users = ", ".join(sorted(_users(submission))) or "nobody of this platform"
    raise ConflictError(
        f"the workflow id {submission.experiment.workflow_id!r} is taken: it belongs to {users}, "
        "and its file is not the one of this experiment.",
        where=submission.workflow_path,
        remedy="Give the workflow another id (workflow.id in experiment.yaml).",
    )


def _users(submission: Submission) -> set[str]:
    return users_of(submission.catalog, submission.experiment.workflow_id)


def _only_ours(submission: Submission) -> bool:
    return _users(submission) == {submission.experiment.id}


def _recorded_checksums(submission: Submission) -> set[str]:
    links = sections(submission.catalog.document(submission.workflow_path), "links")
    return {text(link, "file:checksum") for link in links}
