"""Does the workflow take the names and the values that the experiment gives it?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import validator_for
from pydantic import JsonValue
from referencing import Registry
from referencing.exceptions import Unresolvable

from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.workflow import Parameter
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from earthcode_platform.engines.contract import Engine

__all__ = ["check"]

_LONGEST: Final = 200


def check(pinned: PinnedExperiment, engine: "Engine") -> Iterator[Finding]:
    """Yield names that the workflow does not take, values that do not fit, and what it needs and is not given.

    Nothing is said of a workflow that cannot be read; the workflow gate refuses it.

    Args:
        pinned: The experiment.
        engine: The engine that would run it.
    """
    parameters = {parameter.name: parameter for parameter in engine.parameters(pinned.workflow)}
    if not parameters and _unreadable(pinned, engine):
        return
    inputs, values = pinned.experiment.inputs, pinned.experiment.configuration
    yield from _unknown("inputs", "input", inputs, parameters)
    yield from _unknown("configuration", "value", values, parameters)
    for name in sorted(values.keys() & inputs.keys()):
        message = f"{name!r} is given twice: as an input and as a value."
        yield _error("given-twice", f"configuration.{name}", message, "Keep one of the two.")
    for name, parameter in parameters.items():
        if name in values:
            yield from _value(parameter, values[name])
        elif parameter.required and name not in inputs:
            message = f"the workflow needs {name!r}, which is given neither as an input nor as a value."
            yield _error("missing", "configuration", message, f"Add it. {_about(parameter)}".rstrip())


def _error(code: str, key: str, message: str, remedy: str) -> Finding:
    where = f"experiment.yaml: {key}"
    return Finding(code=f"configuration-{code}", severity=Severity.ERROR, where=where, message=message, remedy=remedy)


def _unreadable(pinned: PinnedExperiment, engine: "Engine") -> bool:
    return any(found.severity == Severity.ERROR for found in engine.check(pinned.workflow, pinned.inputs))


def _unknown(key: str, word: str, given: Iterable[str], known: Mapping[str, Parameter]) -> Iterator[Finding]:
    for name in given:
        if name not in known:
            close = nearest(name, known)
            remedy = f"Did you mean {close!r}?" if close else f"It takes: {', '.join(known) or 'nothing'}."
            message = f"the workflow takes no {word} {name!r}."
            yield _error(f"unknown-{word}", f"{key}.{name}", message, remedy)


def _value(parameter: Parameter, value: JsonValue) -> Iterator[Finding]:
    """Yield how `value` breaks the schema of `parameter`; a schema is never fetched from anywhere."""
    where = f"configuration.{parameter.name}"
    # A schema that names no dialect is read as draft-07, the dialect of openEO (openEO API 1.2, process parameters).
    dialect = validator_for(parameter.json_schema, default=Draft7Validator)
    try:
        dialect.check_schema(parameter.json_schema)
        broken = best_match(dialect(parameter.json_schema, registry=Registry()).iter_errors(value))
    except (SchemaError, Unresolvable, RecursionError) as error:
        told = error.message if isinstance(error, SchemaError) else f"{error}"
        message = f"the workflow's schema of {parameter.name!r} cannot be used: {told}."
        yield _error("bad-schema", where, message, "Mend the parameter in the workflow.")
        return
    if broken is not None:
        yield _error("bad-value", where, _words(broken), _about(parameter) or "Mend the value.")


def _words(broken: ValidationError) -> str:
    path = "".join(f"[{step!r}]" for step in broken.absolute_path)
    told = public(broken.message)
    return f"{path + ': ' if path else ''}{told if len(told) <= _LONGEST else told[:_LONGEST] + '…'}."


def _about(parameter: Parameter) -> str:
    text = parameter.description.strip()
    return f"{parameter.name!r} is: {text.rstrip('.')}." if text else ""
