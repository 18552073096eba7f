"""What a provider says of itself and of a process, held against what a run needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.ogc_processes.service import CORE, CWL, DEPLOY, PACKAGES
from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["breaches", "check_description", "check_offers", "described_inputs", "described_outputs", "schema_breaches"]

_DISMISS: Final = tuple(one.replace("/core", "/dismiss") for one in CORE)
_MOST: Final = 3


def _found(code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"workflow-{code}", severity=severity, where=where, message=message, remedy=remedy)


def check_offers(conforms: frozenset[str], url: str, *, deploying: bool) -> Iterator[Finding]:
    """Yield what a provider lacks of what a run needs.

    Args:
        conforms: The conformance classes that it declares.
        url: Where it is.
        deploying: Whether a process has to be deployed.
    """
    where = f"provider {url}"
    if not conforms & set(CORE):
        message = f"it does not declare the conformance class {CORE[0]!r}: it is no OGC API - Processes."
        yield _found("backend-feature", where, message, "Name its landing page in the block.")
        return
    if deploying and DEPLOY not in conforms:
        message = f"it does not declare {DEPLOY!r}: nothing can be deployed there."
        remedy = "Let its provider deploy the package, and map the workflow to it in the block (processes)."
        yield _found("backend-feature", where, message, remedy)
    elif deploying and not conforms & {CWL, PACKAGES}:
        message = f"it deploys, and declares neither {CWL!r} nor {PACKAGES!r}: it takes no CWL."
        yield _found("backend-feature", where, message, "Choose another provider, or run the experiment here.")
    if not conforms & set(_DISMISS):
        message = "it does not declare that jobs can be dismissed: a run that is cancelled here goes on there."
        yield _found("backend-feature", where, message, "Ask its provider to stop such jobs.", Severity.WARNING)


def described_inputs(description: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the inputs of a process by id, described as a mapping or, as drafts of the API had it, as a list."""
    return _by_id(description.get("inputs"))


def described_outputs(description: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the outputs of a process by id."""
    return _by_id(description.get("outputs"))


def _by_id(section: object) -> dict[str, Mapping[str, Any]]:
    if isinstance(section, list):
        return {str(one["id"]): one for one in section if isinstance(one, dict) and one.get("id")}
    return {str(key): one for key, one in section.items() if isinstance(one, dict)} if isinstance(section, dict) else {}


def check_description(process: str, description: Mapping[str, Any], sent: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what a process, as the provider describes it, would not do with the inputs of a job."""
    where = f"process {process!r} at the provider"
    ways = description.get("jobControlOptions")
    if isinstance(ways, list) and ways and "async-execute" not in ways:
        message = f"it is executed as {', '.join(map(str, ways))} alone, and we cannot wait for an answer that long."
        yield _found("backend-feature", where, message, "Choose another provider, or run the experiment here.")
    known = described_inputs(description)
    for name in sorted(sent.keys() - known.keys()):
        close = nearest(name, known)
        hint = f"Did you mean {close!r}?" if close else f"It takes {', '.join(sorted(known)) or 'none'}."
        yield _found("unknown-argument", where, f"it has no input {name!r}.", hint)
    for name, one in known.items():
        if name not in sent and _needed(one):
            yield _found("missing-argument", where, f"it needs the input {name!r}.", "Give it in 'configuration'.")
        elif name in sent:
            for told in schema_breaches(_inline(sent[name]), one.get("schema")):
                message = f"it does not take {_short(sent[name])} as {name!r}: {told}."
                yield _found("argument-value", where, message, "Change the value in experiment.yaml.")


def _needed(one: Mapping[str, Any]) -> bool:
    schema = one.get("schema")
    given = isinstance(schema, dict) and ("default" in schema or schema.get("nullable") is True)
    return one.get("minOccurs", 1) != 0 and not given


def _inline(value: object) -> object:
    """Return a value without the references in it: what they lead to is not looked at."""
    if isinstance(value, list):
        return [] if any(_is_reference(one) for one in value) else value
    return None if _is_reference(value) else value


def _is_reference(value: object) -> bool:
    return isinstance(value, dict) and "href" in value


def schema_breaches(value: object, schema: object) -> list[str]:
    """Return what a schema finds wrong with a value; nothing of a reference, and nothing by a schema that is none.

    A schema of the API describes one occurrence of several too, so that an array may hold them (`maxOccurs`).
    """
    if not isinstance(schema, dict) or value is None:
        return []
    if isinstance(value, list) and schema.get("type") != "array" and all(breaches(one, schema) == [] for one in value):
        return []
    return [told[:200].rstrip(".") for told in breaches(value, schema) or ()][:_MOST]


def breaches(value: object, schema: Mapping[str, Any]) -> list[str] | None:
    """Return how a value breaks a schema; None if it is no schema, or refers to one elsewhere: nothing is fetched."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        Draft202012Validator.check_schema(schema)
        return [one.message for one in Draft202012Validator(schema, registry=Registry()).iter_errors(value)]
    except (SchemaError, Unresolvable, RecursionError):
        return None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - characters that a message shows
