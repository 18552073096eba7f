"""Does the description fit the catalog it is to be published in, and will a reader be able to use it?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from earthcode_platform.errors import nearest
from earthcode_platform.models.experiment import Catalogued, Experiment
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.platform import Vocabulary

__all__ = ["check"]

_SHORT: Final = 40
"""Characters below which a description hardly says what was done."""

_LISTED: Final = 8

_LONGEST_ID: Final = 80
"""Characters of an id that is made here."""


def check(experiment: Experiment, vocabulary: Vocabulary | None) -> Iterator[Finding]:
    """Yield what a catalog would refuse in the description, and what its readers would miss.

    Args:
        experiment: What the author declared.
        vocabulary: The ids of the catalog; None if there is no catalog to hold the description against.
    """
    if vocabulary is None:
        message = "the ids in 'osc' were held against no catalog."
        yield _found("catalog-not-checked", Severity.NOTE, "osc", message, "Name a catalog to check them.")
    else:
        yield from _ids(experiment, vocabulary)
        yield from _existing(experiment, vocabulary)
    yield from _twice(experiment)
    yield from _new(experiment)
    yield from _same_ids(experiment)
    yield from _thin(experiment)
    yield from _license(experiment)


def _found(code: str, severity: Severity, key: str, message: str, remedy: str) -> Finding:
    where = f"experiment.yaml: {key}"
    return Finding(code=f"metadata-{code}", severity=severity, where=where, message=message, remedy=remedy)


def _ids(experiment: Experiment, vocabulary: Vocabulary) -> Iterator[Finding]:
    osc = experiment.osc
    declared = (osc.project,) if osc.new_project else ()
    for key, word, named, known in (
        ("project", "project", (osc.project,), vocabulary.projects | {*declared}),
        ("themes", "theme", osc.themes, vocabulary.themes),
        ("variables", "variable", osc.variables, vocabulary.variables | {one.id for one in osc.new_variables}),
        ("missions", "mission", osc.missions, vocabulary.missions),
        *((key, "theme", themes, vocabulary.themes) for key, themes in _themes_of_new(osc)),
    ):
        for name in named:
            if name not in known:
                message = f"the catalog has no {word} {name!r}."
                yield _found(f"unknown-{word}", Severity.ERROR, f"osc.{key}", message, _known(name, known))


def _known(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = nearest(name, names)
    if close:
        return f"Did you mean {close!r}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"It has: {', '.join(names[:_LISTED])}{more}." if names else "It has none yet."


def _twice(experiment: Experiment) -> Iterator[Finding]:
    osc = experiment.osc
    new = ("new_variables", tuple(one.id for one in osc.new_variables))
    lists = (("themes", osc.themes), ("variables", osc.variables), ("missions", osc.missions), new)
    for key, named in (*lists, *_themes_of_new(osc)):
        for name, count in Counter(named).items():
            if count > 1:
                message = f"{name!r} is listed {count} times; each would become a link of its own."
                yield _found("listed-twice", Severity.ERROR, f"osc.{key}", message, "Keep one.")


def _themes_of_new(osc: Catalogued) -> list[tuple[str, tuple[str, ...]]]:
    project = [("new_project.themes", osc.new_project.themes)] if osc.new_project else []
    return [*project, *((f"new_variables[{at}].themes", one.themes) for at, one in enumerate(osc.new_variables))]


def _new(experiment: Experiment) -> Iterator[Finding]:
    """Yield what is wrong with a declared project or variable whatever the catalog holds."""
    osc = experiment.osc
    for at, one in enumerate(osc.new_variables):
        if one.id not in osc.variables:
            message = f"the new variable {one.id!r} is not among the variables of the product."
            remedy = "Name it in osc.variables too, or take it out."
            yield _found("new-variable-unnamed", Severity.ERROR, f"osc.new_variables[{at}].id", message, remedy)
    if osc.new_project is not None and len(osc.project) > _LONGEST_ID:
        message = f"the id of the new project has {len(osc.project)} characters."
        yield _found("id-too-long", Severity.ERROR, "osc.project", message, f"Take one of at most {_LONGEST_ID}.")


def _existing(experiment: Experiment, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield what is declared as new and exists: it is compared when it is published, and never overwritten."""
    osc = experiment.osc
    found = [("project", "new_project", osc.project)] if osc.new_project and osc.project in vocabulary.projects else []
    found += [("variable", "new_variables", one.id) for one in osc.new_variables if one.id in vocabulary.variables]
    for word, key, name in found:
        message = f"the catalog has the {word} {name!r} already."
        remedy = "It stays as it is; what is declared here must say the same, or publishing is refused."
        yield _found("exists-already", Severity.NOTE, f"osc.{key}", message, remedy)


def _same_ids(experiment: Experiment) -> Iterator[Finding]:
    """Yield ids that stand for two things: readers of the catalog cannot tell which one a text means."""
    others = (("workflow.id", experiment.workflow_id), ("product.id", experiment.product.id))
    for key, name in others:
        if name == experiment.id:
            message = f"{name!r} is the id of the experiment too."
            yield _found("same-id", Severity.WARNING, key, message, "Take another one, so that each names one thing.")


def _thin(experiment: Experiment) -> Iterator[Finding]:
    text = experiment.description
    if len(text) < _SHORT or text == experiment.title:
        message = f"the description has {len(text)} characters and says little: {text[:_SHORT]!r}."
        remedy = "Say what question the experiment answers, from which data, and how."
        yield _found("short-description", Severity.WARNING, "description", message, remedy)
    if not any(contact.email for contact in experiment.contacts):
        message = "no contact has an e-mail address, so nobody can ask."
        yield _found("no-email", Severity.WARNING, "contacts", message, "Add an 'email' to one of them.")
    if not experiment.osc.variables:
        message = "the product names no variable, so nobody who searches by variable finds it."
        yield _found("no-variable", Severity.WARNING, "osc.variables", message, "List the variables it holds.")


def _license(experiment: Experiment) -> Iterator[Finding]:
    if experiment.license == "proprietary":
        message = "the licence 'proprietary' allows nobody to use the product without asking."
        remedy = "Take an open one, such as CC-BY-4.0, unless that is meant."
        yield _found("license-not-open", Severity.WARNING, "license", message, remedy)
    if experiment.license == "various":
        message = "the licence 'various' does not say what holds for which file."
        yield _found("license-various", Severity.NOTE, "license", message, "Say so in the description.")
