"""The results of a job: each output held against its description, by reference or by value."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.ogc_processes.calling import is_json
from earthcode_platform.engines.ogc_processes.offers import described_outputs, schema_breaches
from earthcode_platform.engines.ogc_processes.service import linked
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earthcode_platform.engines.ogc_processes.job import Job
    from earthcode_platform.engines.ogc_processes.service import Service

__all__ = ["Output", "results_of", "wanted_outputs"]

_RESULTS: Final = "results"


@dataclass(frozen=True, slots=True)
class Output:
    """One result, or one of several of an output."""

    name: str
    """The output."""
    media_type: str
    """Its media type in lower case, without parameters; empty if the provider does not say."""
    href: str = ""
    """Where it is, if it came by reference; it may hold a signature, so it is shown to nobody."""
    document: dict[str, Any] | None = None
    """What it is, if it came by value: a JSON object,"""
    content: bytes | None = None
    """or bytes."""


def wanted_outputs(names: list[str], description: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the outputs are wanted: by reference where the process hands references out, else by value."""
    ways = description.get("outputTransmission")
    way = "value" if isinstance(ways, list) and ways and "reference" not in ways else "reference"
    return {name: {"transmissionMode": way} for name in names}


def results_of(
    service: Service, job: Job, held: Mapping[str, Any], names: Mapping[str, bool], description: Mapping[str, Any]
) -> list[Output]:
    """Return the results of a job that ended well, in the order of the outputs.

    Args:
        service: The provider.
        job: The job.
        held: What the provider says of it at its end.
        names: The outputs of the workflow, and whether each may be left out.
        description: The process.

    Raises:
        ExecutionError: They are no document, lack an output, or hold what the description does not allow.
        UnavailableError: The provider does not answer.
    """
    reply = service.caller.call("GET", linked(held, _RESULTS) or f"{job.url}/{_RESULTS}")
    where = f"results of job {job.id}"
    if not is_json(reply.media_type):
        raise ExecutionError(
            f"they come as {reply.media_type or 'nothing that is named'!r}, and a document was asked for.",
            where=where,
            remedy="Tell its provider.",
        )
    document = _by_name(reply.document(), names)
    schemas = described_outputs(description)
    missing = [name for name, optional in names.items() if document.get(name) is None and not optional]
    if missing:
        raise ExecutionError(
            f"they lack {', '.join(map(repr, missing))} and hold {', '.join(sorted(document)) or 'nothing'}.",
            where=where,
            remedy="Ask the provider, naming the job.",
        )
    present = [name for name in names if document.get(name) is not None]
    return [one for name in present for one in _outputs(name, document[name], schemas.get(name, {}).get("schema"))]


def _by_name(document: dict[str, Any], names: Mapping[str, bool]) -> dict[str, Any]:
    """Return results by output. pygeoapi (0.21) hands them out in a list below `outputs`, named or as they came."""
    inner = document.get("outputs")
    if "outputs" in names or not isinstance(inner, list | dict) or set(document) != {"outputs"}:
        return document
    found: dict[str, Any] = {}
    for one in inner if isinstance(inner, list) else [inner]:
        if isinstance(one, dict):
            found |= {str(one["id"]): one} if isinstance(one.get("id"), str) and one["id"] in names else one
    return found


def _outputs(name: str, value: object, schema: object) -> Iterator[Output]:
    """Yield the results of one output, of which there may be several."""
    inner = schema.get("items", schema) if isinstance(schema, dict) and schema.get("type") == "array" else schema
    for one in value if isinstance(value, list) else [value]:
        yield _output(name, one, inner)


def _output(name: str, value: object, schema: object) -> Output:
    media, plain = _essence(schema, "contentMediaType"), value
    if isinstance(value, dict):
        form = value.get("format")
        said = _essence(value, "type" if "href" in value else "mediaType") or _essence(form, "mediaType")
        if media and said and said != media:
            raise _outside(name, f"it comes as {said!r}, and its description says {media!r}")
        media = said or media
        if isinstance(value.get("href"), str):
            return Output(name, media, href=value["href"])
        plain = value.get("value", value)
    for told in schema_breaches(plain, schema):
        raise _outside(name, told)
    if isinstance(plain, dict):
        return Output(name, media or "application/json", document=plain)
    if isinstance(plain, str) and isinstance(value, dict) and value.get("encoding") == "base64":
        return Output(name, media, content=_decoded(name, plain))
    raise _outside(name, f"it is {type(plain).__name__}, and neither a STAC document nor a file")


def _essence(held: object, key: str) -> str:
    text = held.get(key) if isinstance(held, dict) else None
    return text.partition(";")[0].strip().lower() if isinstance(text, str) else ""


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _outside(name, "it is said to be base64, and is none") from None


def _outside(name: str, what: str) -> ExecutionError:
    return ExecutionError(
        f"the provider hands back what the process does not: {what}.",
        where=f"output {name!r}",
        remedy="Tell its provider.",
    )
