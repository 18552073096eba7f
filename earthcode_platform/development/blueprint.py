"""What a new experiment is about, before there is a folder: complete, checked, and nothing written yet."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.experiment import Contact, WorkflowKind
from earthcode_platform.models.frozen import Frozen, Identifier, Text
from earthcode_platform.models.platform import Vocabulary
from earthcode_platform.models.spdx import License

__all__ = ["KINDS", "Blueprint", "blueprint"]

KINDS: Final = (WorkflowKind.OPENEO, WorkflowKind.CWL, WorkflowKind.NOTEBOOK, WorkflowKind.MLFLOW)
"""The languages that a new experiment can be written in."""


class Blueprint(Frozen):
    """A new experiment."""

    id: Identifier
    """Its id, and the name of its folder."""
    kind: WorkflowKind
    """The language of its workflow; one of `KINDS`."""
    title: Text
    """Its title in the catalog."""
    description: Text
    """What question it answers, and how."""
    license: License
    """SPDX identifier of the product's licence."""
    contacts: tuple[Contact, ...]
    """Who answers for it; at least one."""
    project: Text
    """Id of the project that pays for it."""
    themes: tuple[Text, ...]
    """Ids of the themes that it serves; at least one."""
    variables: tuple[Text, ...] = ()
    """Ids of the variables that its product holds."""
    missions: tuple[Text, ...] = ()
    """Ids of the EO missions that its inputs come from."""
    region: Text | None = None
    """Name of the region, in words."""


_OPTIONS: Final = {"id": "NAME", "themes": "--theme", "contacts": "--author", "kind": "--kind"}


def blueprint(answers: Mapping[str, object], vocabulary: Vocabulary) -> Blueprint:
    """Return the blueprint that `answers` make, with ids that `vocabulary` knows.

    Args:
        answers: A value for each field of `Blueprint`.
        vocabulary: The ids of the catalog that it is to be published in.

    Raises:
        InputError: A value cannot be used; the message shows it.
        UnknownNameError: The kind is none, or the catalog has no entry of an id; the message suggests the nearest.
    """
    if answers.get("kind") not in KINDS:
        raise UnknownNameError.among(
            "kind of workflow", str(answers.get("kind")), [kind.value for kind in KINDS], where="--kind"
        )
    try:
        made = Blueprint.model_validate(dict(answers))
    except ValidationError as error:
        raise _unusable(error) from None
    for key, word, named, known in (
        ("project", "project", (made.project,), vocabulary.projects),
        ("theme", "theme", made.themes, vocabulary.themes),
        ("variable", "variable", made.variables, vocabulary.variables),
        ("mission", "EO mission", made.missions, vocabulary.missions),
    ):
        for name in named:
            if name not in known:
                raise UnknownNameError.among(word, name, known, where=f"--{key}")
    for key, given in (("--theme", made.themes), ("--author", made.contacts)):
        if not given:
            raise InputError("at least one is needed.", where=key, remedy="Name one.")
    return made


def _unusable(error: ValidationError) -> InputError:
    first = error.errors()[0]
    key = str(first["loc"][0])
    where = _OPTIONS.get(key, f"--{key}")
    if key == "id":
        return InputError(
            f"{first['input']!r} is no id of an experiment.",
            where=where,
            remedy="Take lower-case letters and digits, at most 80, with single '.', '_' or '-' between them.",
        )
    told = str(first["msg"]).removeprefix("Value error, ")
    return InputError(f"{first['input']!r} cannot be used: {told}.", where=where, remedy="Mend the option.")
