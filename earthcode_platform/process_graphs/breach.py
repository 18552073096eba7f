"""Whether a value meets the JSON Schema of a parameter."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["breach"]

_LONGEST: Final = 120


def breach(schema: dict[str, Any], value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return how a value breaks a schema, in a few words; an empty text if it does not, or the schema cannot be used.

    A schema that names no dialect is read as draft-07, the dialect of openEO. None is fetched from anywhere.
    """
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import SchemaError, best_match
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    dialect = validator_for(schema, default=Draft7Validator)
    try:
        dialect.check_schema(schema)
        broken = best_match(dialect(schema, registry=Registry()).iter_errors(value))
    except (SchemaError, Unresolvable, RecursionError):
        return ""
    if broken is None:
        return ""
    return broken.message if len(broken.message) <= _LONGEST else f"{broken.message[:_LONGEST]}…"
