"""Rules for experiment records: OGC API Records, Part 1 (OGC 20-004)."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.contacts import emails
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import children_are, has_type, is_record_core, says
from earthcode_platform.catalog.validate.references import back_links, references, theme_references
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook
from earthcode_platform.models.finding import Severity

__all__ = ["EXPERIMENT"]

EXPERIMENT: Final = RuleBook()
"""The rules of experiments."""


@EXPERIMENT.gate("type-wrong")
def _is_experiment(entry: Inspection) -> Iterator[Fault]:
    """An experiment is a Feature. Source: validator, experiment record."""
    yield from has_type(entry, "Feature")


@EXPERIMENT.excepted("EX05", "type-wrong")
def _says_experiment(entry: Inspection) -> Iterator[Fault]:
    """`properties.type` is experiment. Source: the catalog's documentation, experiment record."""
    yield from says(entry, "type", "experiment")


@EXPERIMENT.gate("conformance-missing")
def _conforms(entry: Inspection) -> Iterator[Fault]:
    """`conformsTo` holds the record core. Source: validator, experiment record."""
    yield from is_record_core(entry)


@EXPERIMENT.gate("input-missing")
def _has_input(entry: Inspection) -> Iterator[Fault]:
    """A link has the relation `input`. Source: validator, experiment record."""
    yield from _has_some(entry, "input")


@EXPERIMENT.gate("environment-missing")
def _has_environment(entry: Inspection) -> Iterator[Fault]:
    """A link has the relation `environment`. Source: validator, experiment record."""
    yield from _has_some(entry, "environment")


@EXPERIMENT.excepted("EX06", "input-repeated")
def _has_one_input(entry: Inspection) -> Iterator[Fault]:
    """No more than one has the relation `input`. Source: the catalog's documentation, experiments."""
    yield from _has_one(entry, "input")


@EXPERIMENT.excepted("EX06", "environment-repeated")
def _has_one_environment(entry: Inspection) -> Iterator[Fault]:
    """No more than one has the relation `environment`. Source: the catalog's documentation, experiments."""
    yield from _has_one(entry, "environment")


@EXPERIMENT.strict("input-file-missing")
def _has_input_file(entry: Inspection) -> Iterator[Fault]:
    """The file that an `input` link names exists. Source: the catalog's documentation, experiments."""
    yield from _file_exists(entry, "input")


@EXPERIMENT.strict("environment-file-missing")
def _has_environment_file(entry: Inspection) -> Iterator[Fault]:
    """The file that an `environment` link names exists. Source: the catalog's documentation, experiments."""
    yield from _file_exists(entry, "environment")


@EXPERIMENT.strict("theme-unlinked", Severity.WARNING)
def _has_every_theme(entry: Inspection) -> Iterator[Fault]:
    """The concepts of every themes object exist and are linked. Source: docs/decisions/0009."""
    yield from theme_references(entry, first=False)


@EXPERIMENT.strict("email-wrong")
def _has_valid_emails(entry: Inspection) -> Iterator[Fault]:
    """Every e-mail address of every contact is one. Source: STAC contacts extension 0.1.1."""
    yield from emails(entry)


EXPERIMENT.gate("workflow-unknown")(references("osc:workflow", Kind.WORKFLOW, required=True))
EXPERIMENT.gate("child-wrong")(children_are(Kind.PRODUCT))
EXPERIMENT.strict("record-link-missing", Severity.WARNING)(back_links("osc:workflow", Kind.WORKFLOW, "child"))


def _has_some(entry: Inspection, rel: str) -> Iterator[Fault]:
    if not any(link.href for link in entry.rel(rel)):
        at = "/links" if "links" in entry.document else ""
        yield Fault(at, f"no link has the relation {rel!r}.", "There must be one.")


def _has_one(entry: Inspection, rel: str) -> Iterator[Fault]:
    found = entry.rel(rel)
    if len(found) > 1:
        yield Fault(f"/links/{found[1].index}", f"{len(found)} links have the relation {rel!r}.", "There must be one.")


def _file_exists(entry: Inspection, rel: str) -> Iterator[Fault]:
    for link in entry.rel(rel):
        if link.target is not None and link.target not in entry.catalog:
            message = f"the {rel} file {link.href!r} does not exist."
            yield Fault(f"/links/{link.index}/href", message, "Add the file, or mend the href.", link.href)
