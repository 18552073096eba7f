"""Rules for workflow records: OGC API Records, Part 1 (OGC 20-004)."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.documents import text, texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.contacts import emails
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import children_are, has_type, is_record_core, says
from earthcode_platform.catalog.validate.references import back_links, references, theme_references
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook
from earthcode_platform.models.finding import Severity

__all__ = ["WORKFLOW"]

WORKFLOW: Final = RuleBook()
"""The rules of workflows."""


@WORKFLOW.gate("type-wrong")
def _is_workflow(entry: Inspection) -> Iterator[Fault]:
    """A workflow is a Feature. Source: validator, workflow record."""
    yield from has_type(entry, "Feature")


@WORKFLOW.excepted("EX05", "type-wrong")
def _says_workflow(entry: Inspection) -> Iterator[Fault]:
    """`properties.type` is workflow. Source: the catalog's documentation, workflow record."""
    yield from says(entry, "type", "workflow")


@WORKFLOW.gate("conformance-missing")
def _conforms(entry: Inspection) -> Iterator[Fault]:
    """`conformsTo` holds the record core. Source: validator, workflow record."""
    yield from is_record_core(entry)


@WORKFLOW.strict("theme-unlinked", Severity.WARNING)
def _has_every_theme(entry: Inspection) -> Iterator[Fault]:
    """The concepts of every themes object exist and are linked. Source: docs/decisions/0009."""
    yield from theme_references(entry, first=False)


@WORKFLOW.strict("email-wrong")
def _has_valid_emails(entry: Inspection) -> Iterator[Fault]:
    """Every e-mail address of every contact is one. Source: STAC contacts extension 0.1.1."""
    yield from emails(entry)


@WORKFLOW.strict("record-link-missing", Severity.WARNING)
def _is_named_by_project(entry: Inspection) -> Iterator[Fault]:
    """`osc:workflows` of the project names the workflow. Source: the catalog's documentation, back links."""
    project = Kind.PROJECT.path(text(entry.facts, "osc:project"))
    if project in entry.catalog and entry.id not in texts(entry.catalog.document(project), "osc:workflows"):
        yield Fault(
            entry.at("osc:project"), f"osc:workflows of {project} lacks {entry.id!r}.", "Add it there.", entry.id
        )


WORKFLOW.gate("project-unknown")(references("osc:project", Kind.PROJECT, required=True))
WORKFLOW.gate("child-wrong")(children_are(Kind.EXPERIMENT))
WORKFLOW.strict("record-link-missing", Severity.WARNING)(back_links("osc:project", Kind.PROJECT, "related"))
