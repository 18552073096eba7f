"""What a back-end offers: its API version, its endpoints, processes, formats, collections and billing plans."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform import checksums
from earthcode_platform.errors import ExecutionError, InputError
from earthcode_platform.process_graphs.graph import nested, parameter_references

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.engines.remote_openeo.connecting import Connected
    from earthcode_platform.process_graphs.graph import Graph

__all__ = ["Offered", "OfferedProcess", "free_names", "offers_of"]

_NEEDED: Final = (
    ("POST", "/jobs"),
    ("GET", "/jobs/{job_id}"),
    ("POST", "/jobs/{job_id}/results"),
    ("GET", "/jobs/{job_id}/results"),
)
"""Endpoints without which no batch job can run."""
_NOT_FOUND: Final = ("CollectionNotFound", "404")


@dataclass(frozen=True, slots=True)
class OfferedProcess:
    """A process as the back-end describes it."""

    id: str
    """Its id."""
    required: frozenset[str]
    """Arguments that must be given."""
    optional: frozenset[str]
    """Arguments that may be left out."""
    callbacks: Mapping[str, frozenset[str]]
    """For each argument that is a process graph: the parameters that this graph is given."""
    document: Mapping[str, Any]
    """Its whole description."""

    @property
    def arguments(self) -> frozenset[str]:
        """The names of all its arguments."""
        return self.required | self.optional

    @property
    def checksum(self) -> str:
        """Multihash of its description, whatever the order of its keys: it changes with the process."""
        return checksums.of_bytes(json.dumps(self.document, sort_keys=True, ensure_ascii=False).encode())

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> OfferedProcess:
        """Read a description (openEO API 1.2, schema `process`)."""
        parameters = [one for one in document.get("parameters") or [] if isinstance(one, dict) and one.get("name")]
        optional = frozenset(str(one["name"]) for one in parameters if one.get("optional") is True or "default" in one)
        return cls(
            id=str(document["id"]),
            required=frozenset(str(one["name"]) for one in parameters) - optional,
            optional=optional,
            callbacks={str(one["name"]): own for one in parameters if (own := _given(one.get("schema")))},
            document=document,
        )


def _given(schema: object) -> frozenset[str]:
    """Return the parameters of the process graph that a schema, or one of an array of schemas, wants."""
    alternatives = schema if isinstance(schema, list) else [schema]
    return frozenset(
        str(parameter["name"])
        for one in alternatives
        if isinstance(one, dict) and one.get("subtype") == "process-graph"
        for parameter in one.get("parameters") or []
        if isinstance(parameter, dict) and "name" in parameter
    )


@dataclass(frozen=True)
class Offered:
    """What one back-end offers; what is not always needed is asked when it is."""

    connected: Connected
    """Whom to ask."""
    capabilities: Mapping[str, Any]
    """Its answer to `GET /`."""
    processes: Mapping[str, OfferedProcess]
    """Its processes, by id."""
    _collections: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def api_version(self) -> str:
        """Version of the openEO API."""
        return str(self.capabilities.get("api_version", ""))

    @property
    def billing(self) -> Mapping[str, Any]:
        """Currency and plans; empty if it does not say."""
        found = self.capabilities.get("billing")
        return found if isinstance(found, dict) else {}

    @property
    def plans(self) -> dict[str, Mapping[str, Any]]:
        """Billing plans by name."""
        found = self.billing.get("plans") or []
        return {str(plan["name"]): plan for plan in found if isinstance(plan, dict) and "name" in plan}

    @cached_property
    def formats(self) -> list[str]:
        """Names of the formats that it writes; they are compared without regard to capitals (openEO API 1.2)."""
        answered: dict[str, Any] = self.connected.ask(lambda one: dict(one.list_file_formats()))
        return sorted(answered.get("output") or {})

    def missing_endpoints(self) -> list[str]:
        """Return the endpoints that batch jobs need and that it does not name."""
        return [f"{method} {path}" for method, path in _NEEDED if not self.has(method, path)]

    def has(self, method: str, path: str) -> bool:
        """Tell whether it names an endpoint; names of variables in the path make no difference."""
        wanted = _bare(path)
        return any(
            isinstance(one, dict) and _bare(str(one.get("path", ""))) == wanted and method in (one.get("methods") or [])
            for one in self.capabilities.get("endpoints") or []
        )

    def has_collection(self, name: str) -> bool:
        """Tell whether it has a collection of that id."""
        if name not in self._collections:
            try:
                self.connected.ask(lambda one: one.describe_collection(name))
            except ExecutionError as error:
                if not any(code in error.message for code in _NOT_FOUND):
                    raise
                self._collections[name] = False
            else:
                self._collections[name] = True
        return self._collections[name]

    def collection_ids(self) -> list[str]:
        """Return the ids of all its collections."""
        return self.connected.ask(lambda one: list(one.list_collection_ids()))


def _bare(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.rstrip("/").split("/"))


def offers_of(connected: Connected) -> Offered:
    """Ask a back-end what it offers.

    Raises:
        UnavailableError: It does not answer.
        InputError: What it answers is no description of an openEO back-end.
    """
    try:
        capabilities = connected.ask(lambda one: dict(one.capabilities().capabilities))
        listed = connected.ask(lambda one: list(one.list_processes()))
    except ExecutionError as error:
        raise InputError(
            f"it does not say what it offers: {error.message}", where=connected.url, remedy="Tell its provider."
        ) from None
    processes = [OfferedProcess.of(one) for one in listed if isinstance(one, dict) and "id" in one]
    return Offered(connected, capabilities, {one.id: one for one in processes})


def free_names(graph: Graph, processes: Mapping[str, OfferedProcess]) -> list[str]:
    """Return the names of the parameters that a graph refers to and that no process gives the graphs in it.

    Args:
        graph: The graph.
        processes: The processes of the back-end, which say what they give.
    """
    names: dict[str, None] = {}
    for node in graph.nodes.values():
        names |= dict.fromkeys(parameter_references(node.arguments))
        process = processes.get(node.process)
        for name, value in node.arguments.items():
            own = process.callbacks.get(name, frozenset()) if process else frozenset()
            inner = (free for one in nested(value) for free in free_names(one, processes))
            names |= dict.fromkeys(free for free in inner if free not in own)
    return list(names)
