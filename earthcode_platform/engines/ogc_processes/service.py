"""The API of one provider: what owslib knows of it, through our own requests, and what owslib does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from owslib.ogcapi.processes import Processes

from earthcode_platform import checksums
from earthcode_platform.engines.ogc_processes.calling import is_json
from earthcode_platform.errors import ConflictError, ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.engines.ogc_processes.calling import Caller, Reply

__all__ = ["CORE", "CWL", "DEPLOY", "PACKAGES", "Service", "digest_of", "linked"]

CORE: Final = ("ogcapi-processes-1/1.0/conf/core", "ogcapi-processes-1/2.0/conf/core")
"""Conformance classes of the core: processes, their execution, jobs (OGC 18-062r2; its version 2)."""
DEPLOY: Final = "ogcapi-processes-2/1.0/conf/deploy-replace-undeploy"
"""Conformance class: processes can be deployed (OGC 20-044)."""
CWL: Final = "ogcapi-processes-2/1.0/conf/cwl"
"""Conformance class: CWL is taken as it is."""
PACKAGES: Final = "ogcapi-processes-2/1.0/conf/ogcapppkg"
"""Conformance class: CWL is taken inside an OGC application package."""
_CREATED: Final = 201
_MISSING: Final = 404
_CONFLICT: Final = 409
_UNSUPPORTED: Final = 415
_BAD_REQUEST: Final = 400
_ENCODINGS: Final = ("application/cwl+json", "application/cwl+yaml")
"""How a package is sent, one after the other: JSON is YAML too, and some providers know YAML alone."""


class Service(Processes):  # type: ignore[misc]  # the library has no types
    """An OGC API - Processes.

    owslib builds paths and documents of what it knows: conformance, descriptions, execution. It sends them with
    functions that follow redirects with every header, read bodies of any size, and raise what a server says as it
    came; the time limit that it is given is not used. So its one method that sends is replaced. It knows neither jobs
    and their results, nor dismissing, nor deploying: these are here.

    Args:
        caller: What asks the provider.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        landing = caller.call("GET", caller.home.asked).document()
        super().__init__(caller.home.asked, json_=json.dumps(landing))
        # owslib keeps header fields in one dictionary for all services of a process.
        self.headers: dict[str, str] = {}
        self.landing: dict[str, Any] = landing
        self.reply: Reply | None = None

    def __repr__(self) -> str:
        return f"<service at {self.caller.home.asked}>"

    def _request(
        self,
        method: str = "GET",
        path: str | None = None,
        data: object = None,
        as_dict: bool = True,  # noqa: FBT001, FBT002 - owslib's signature
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - as owslib has it
        """Send a request of owslib's."""
        del kwargs
        content = None if data is None else json.dumps(data).encode()
        headers = dict(self.headers) | ({} if content is None else {"Content-Type": "application/json"})
        self.reply = self.caller.ask(method, self._build_url(path), content, headers)
        self.response_headers = self.reply.headers
        if self.reply.status >= _BAD_REQUEST:
            raise self.caller.refused(self.reply)
        if not as_dict:
            return self.reply.content
        return self.reply.document() if self.reply.content else {}

    def conforms(self) -> frozenset[str]:
        """Return the conformance classes that it declares, without the part by which their spelling varies."""
        listed = self.conformance().get("conformsTo")
        if not isinstance(listed, list):
            raise InputError(
                "its conformance declaration lists no classes.",
                where=self.caller.home.asked,
                remedy="Check the address in the block: it must be the landing page of an OGC API.",
            )
        return frozenset(str(one).partition("/spec/")[2] for one in listed)

    def described(self, process: str) -> dict[str, Any] | None:
        """Return the description of a process; None if it has none of that id."""
        try:
            return dict(self.process(quote(process, safe="")))
        except ExecutionError:
            if self.reply is None or self.reply.status != _MISSING:
                raise
            return None

    def package(self, process: str) -> dict[str, Any] | None:
        """Return the CWL that a process was deployed with; None if the provider does not show it.

        Raises:
            ExecutionError: What it shows is no CWL.
        """
        reply = self.caller.ask("GET", self._path(f"processes/{quote(process, safe='')}/package"), None, _CWL_ACCEPTED)
        if reply.status >= _BAD_REQUEST:
            return None
        return _unwrapped(_yaml(reply))

    def deploy(self, content: bytes, conforms: frozenset[str]) -> None:
        """Deploy a package.

        Raises:
            ConflictError: A process of that id is there already.
            ExecutionError: The provider refuses; the message holds its words.
        """
        self._sent("POST", self._path("processes"), content, conforms)

    def replace(self, process: str, content: bytes, conforms: frozenset[str]) -> None:
        """Put another package in the place of a process.

        Raises:
            ExecutionError: The provider refuses; the message holds its words.
        """
        self._sent("PUT", self._path(f"processes/{quote(process, safe='')}"), content, conforms)

    def undeploy(self, process: str) -> None:
        """Take a process away.

        Raises:
            ExecutionError: The provider refuses; the message holds its words.
        """
        self.caller.call("DELETE", self._path(f"processes/{quote(process, safe='')}"))

    def begun(self, process: str, request: Mapping[str, Any]) -> str:
        """Start a job and return its address.

        Raises:
            ExecutionError: The provider refuses, or makes no job.
        """
        answer = self.execute(quote(process, safe=""), request["inputs"], request["outputs"], async_=True)
        reply = self.reply
        location = self.response_headers.get("location") or linked(answer, "monitor", "self")
        name = answer.get("jobID") or answer.get("id")
        if not location and name:
            location = self._path(f"jobs/{quote(str(name), safe='')}")
        if reply is None or reply.status != _CREATED or not location:
            raise ExecutionError(
                f"it made no job, but answered {reply.status if reply else 'nothing'}: we asked to be answered at once "
                "(Prefer: respond-async).",
                where=self.caller.home.asked,
                remedy="Choose a provider that executes asynchronously, or run the experiment here.",
            )
        return self.caller.own(str(location)).asked

    def _sent(self, method: str, url: str, content: bytes, conforms: frozenset[str]) -> None:
        ways = [(media, content) for media in _ENCODINGS] if CWL in conforms else []
        if PACKAGES in conforms:
            unit = {"executionUnit": {"value": json.loads(content), "mediaType": _ENCODINGS[0]}}
            ways.append(("application/ogcapppkg+json", json.dumps(unit).encode()))
        for number, (media, body) in enumerate(ways):
            reply = self.caller.ask(method, url, body, {"Content-Type": media})
            if reply.status == _UNSUPPORTED and number + 1 < len(ways):
                continue
            if reply.status == _CONFLICT:
                raise ConflictError(
                    f"the provider has a process of that id already ({self.caller.words(reply)}).",
                    where=url,
                    remedy="Look at what it is; or let it be replaced, in the block of the provider.",
                )
            if reply.status >= _BAD_REQUEST:
                raise self.caller.refused(reply)
            return

    def _path(self, path: str) -> str:
        return f"{self.caller.home.asked}{path}"


_CWL_ACCEPTED: Final = {"Accept": "application/cwl+json, application/ogcapppkg+json;q=0.9, application/cwl+yaml;q=0.8"}


def _yaml(reply: Reply) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(reply.content.decode("utf-8"))
    except (YAMLError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ExecutionError(
            "what it shows as the package of a process is no CWL.", where=reply.url, remedy="Tell its provider."
        )
    return content


def _unwrapped(content: dict[str, Any]) -> dict[str, Any]:
    """Return the CWL in an OGC application package; what is none is CWL itself."""
    unit = content.get("executionUnit")
    unit = unit[0] if isinstance(unit, list) and unit else unit
    if not isinstance(unit, dict):
        return content
    inner = unit.get("value") or unit.get("unit")
    return inner if isinstance(inner, dict) else content


def linked(document: Mapping[str, Any], *relations: str) -> str:
    """Return the address of the first link of one of the relations that leads to JSON; empty if there is none.

    Relations are compared by their last part: the same ones are named in full and in short. Some providers link to a
    page for people first.
    """
    for link in document.get("links") or ():
        if isinstance(link, dict) and str(link.get("rel", "")).rpartition("/")[2] in relations and link.get("href"):
            media = str(link.get("type") or "").partition(";")[0].strip().lower()
            if not media or is_json(media):
                return str(link["href"])
    return ""


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the multihash of a JSON document, whatever the order of its keys."""
    return checksums.of_bytes(json.dumps(document, sort_keys=True, ensure_ascii=False).encode())
