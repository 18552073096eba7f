"""What a workflow says of itself, in terms that every workflow language shares."""

from pydantic import JsonValue

from earthcode_platform.models.frozen import Frozen

__all__ = ["Parameter"]


class Parameter(Frozen):
    """One value that a workflow can be given."""

    name: str
    """Its name, as `inputs:` or `configuration:` must spell it."""
    description: str = ""
    """What it means."""
    json_schema: dict[str, JsonValue]
    """JSON Schema that a value must meet; empty if anything goes."""
    required: bool
    """Whether the workflow has no default for it."""
    default: JsonValue = None
    """What is taken if nothing is given."""
