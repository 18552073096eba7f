"""What is known of a new experiment: what was given, and what is taken where nobody said otherwise."""

import re
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from earthcode_platform.cli.new import NewOptions

__all__ = ["USUAL", "completed", "given", "person", "usual"]

_SCIENCE: Final = {
    "openeo": "The median over all dates of the vegetation index NDVI of Sentinel-2, by an openEO process graph.",
    "cwl": "The median over all dates of the vegetation index NDVI of Sentinel-2, by a CWL application package.",
    "notebook": "The median over all dates of the vegetation index NDVI of Sentinel-2, by a notebook.",
    "mlflow": "Which pixels are green, by a decision tree on the red and near-infrared reflectance of Sentinel-2.",
}
"""What the templates compute."""

USUAL: Final[dict[str, JsonValue]] = {
    "kind": "openeo",
    "license": "CC-BY-4.0",
    "project": "earthcode-examples",
    "themes": ["land"],
    "variables": ["vegetation-index"],
    "missions": ["sentinel-2"],
}
"""What is taken where nobody says otherwise: ids of the catalog that comes with the platform."""

_PERSON: Final = re.compile(r"\s*(?P<name>[^<>]*[^<>\s])\s*(?:<(?P<email>[^<>\s]+)>)?\s*")


def given(name: str, kind: str, options: "NewOptions") -> dict[str, JsonValue]:
    """Return what the call said, under the names of the fields of a blueprint.

    Raises:
        InputError: An author cannot be read.
    """
    said: dict[str, JsonValue] = {
        "id": name,
        "kind": kind,
        "title": options.title,
        "description": options.description,
        "license": options.license,
        "project": options.project,
        "themes": list(options.themes),
        "variables": list(options.variables),
        "missions": list(options.missions),
        "region": options.region,
        "contacts": [person(text, options.organization) for text in options.authors],
    }
    return {key: value for key, value in said.items() if value}


def person(text: str, organization: str | None = None) -> dict[str, JsonValue]:
    """Return the contact that `Name <e-mail>` names.

    Raises:
        InputError: It has another form.
    """
    found = _PERSON.fullmatch(text)
    if found is None:
        raise InputError(
            f"{text!r} names nobody.", where="--author", remedy="Write it as 'Ada Example <ada@example.org>'."
        )
    said: dict[str, JsonValue] = {"name": found["name"], "email": found["email"], "organization": organization}
    return {key: value for key, value in said.items() if value}


def usual(answers: dict[str, JsonValue], key: str) -> JsonValue:
    """Return what is taken for a field that nobody gave; None if there is nothing to take."""
    kind = str(answers.get("kind") or USUAL["kind"])
    if key == "title":
        return str(answers.get("id", "")).replace("-", " ").replace("_", " ").replace(".", " ").capitalize()
    if key == "description":
        return _SCIENCE.get(kind)
    if key == "contacts":
        return _whom_git_names()
    return USUAL.get(key)


def completed(answers: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the answers with what is usual for the rest.

    Raises:
        InputError: Nobody is named who answers for it, and git names nobody either.
    """
    keys = ("kind", "title", "description", "license", "project", "themes", "variables", "missions", "contacts")
    full = {**{key: usual(answers, key) for key in keys}, **answers}
    if not full["contacts"]:
        raise InputError(
            "nobody is named who answers for the experiment.",
            where="--author",
            remedy="Say who: --author 'Ada Example <ada@example.org>'.",
        )
    return full


def _whom_git_names() -> JsonValue:
    from earthcode_platform.development.repository import git_identity

    named = git_identity()
    if named is None:
        return None
    return [{"name": named.name, "email": named.email}] if "@" in named.email else [{"name": named.name}]
