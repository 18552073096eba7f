"""Requests to GitHub's API: with patience while it is busy, and in words that help where it refuses.

PyGithub carries them. Paths are ours and relative to the API's address: an address inside an answer is never followed,
so that the token reaches one host only.
"""

import itertools
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from pydantic import BaseModel, JsonValue, SecretStr, TypeAdapter, ValidationError

from earthcode_platform.catalog.credentials import check_destination, without_token
from earthcode_platform.catalog.github.limits import delay
from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError

if TYPE_CHECKING:
    from github.Requester import Requester

__all__ = ["Answer", "Client"]

_Model = TypeVar("_Model", bound=BaseModel)
_LOG: Final = logging.getLogger(__name__)
_RIGHTS: Final = (
    "A fine-grained token needs 'Contents' and 'Pull requests', read and write, and works only on repositories of the "
    "one owner it was made for; to fork a repository of somebody else take a classic token with 'public_repo'."
)
_REMEDIES: Final = {
    401: "Make a new token and save it in the block of the catalog.",
    403: f"Check the token's rights. {_RIGHTS}",
    404: f"Check the name, and that the token may see it. {_RIGHTS}",
    409: "Look at the repository on GitHub: it may be empty or locked.",
}
_ARCHIVED: Final = "No token changes an archived repository: name the one that took its place."


_REDIRECTIONS: Final = (301, 302, 303, 307, 308)
_SHOWN: Final = 200
"""How many characters of an answer are shown that is no JSON."""


class Answer(NamedTuple):
    """How a request ended."""

    status: int
    """Status of HTTP; 0 if nothing came back."""
    headers: Mapping[str, str]
    """Headers, names in small letters."""
    content: JsonValue
    """Content."""
    reason: str = ""
    """Why nothing came back, or what came that is no JSON."""

    @property
    def said(self) -> str:
        """What GitHub says of a refusal, in one line."""
        if not isinstance(self.content, dict):
            return self.reason
        listed = self.content.get("errors")
        details = [_detail(error) for error in listed] if isinstance(listed, list) else []
        message = self.content.get("message")
        return "; ".join(filter(None, [str(message) if message else "", *details]))


class Client:
    """The API of one GitHub, with the rights of one token.

    Args:
        api: Its address: https://api.github.com, or https://host/api/v3 of an Enterprise Server.
        token: Whose rights to use.
        patience: How many seconds one request may wait in all for a busy server.
        seconds: How long the server may take to answer.
        sleep: How to wait.

    Raises:
        InputError: The token cannot be sent to such an address.
    """

    def __init__(
        self,
        api: str,
        token: SecretStr,
        *,
        patience: float = 60,
        seconds: int = 30,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        check_destination(api, token)
        self.api = api.rstrip("/")
        self.sleep = sleep
        self._token = token
        self._patience = patience
        self._seconds = seconds
        self._requester: Requester | None = None

    def get(self, path: str, kind: type[_Model]) -> _Model:
        """Return what is at `path`.

        Raises:
            InputError: GitHub refuses; the message says why and what would help.
            UnavailableError: GitHub did not answer, or asks to wait longer than the patience lasts.
        """
        return self.understood(self.ask("GET", path), path, kind)

    def find(self, path: str, kind: type[_Model]) -> _Model | None:
        """Return what is at `path`, None if there is no such thing or it may not be seen; errors as for `get`."""
        answer = self.ask("GET", path, expected=(404,))
        return None if answer.status == 404 else self.understood(answer, path, kind)  # noqa: PLR2004 - HTTP's own number

    def listed(
        self,
        path: str,
        kind: type[_Model],
        parameters: Mapping[str, str] | None = None,
        *,
        expected: tuple[int, ...] = (),
    ) -> list[_Model]:
        """Return one page of a list, of at most 100; nothing after an `expected` refusal; errors as for `get`."""
        answer = self.ask("GET", path, parameters={"per_page": "100", **(parameters or {})}, expected=expected)
        if answer.status in expected:
            return []
        try:
            return TypeAdapter(list[kind]).validate_python(answer.content)  # type: ignore[valid-type] # known at run time
        except ValidationError:
            raise self._strange(path) from None

    def send(self, verb: str, path: str, content: Mapping[str, JsonValue], kind: type[_Model]) -> _Model:
        """Return the answer to what is sent; errors as for `get`."""
        return self.understood(self.ask(verb, path, content=content), path, kind)

    def ask(
        self,
        verb: str,
        path: str,
        *,
        content: Mapping[str, JsonValue] | None = None,
        parameters: Mapping[str, str] | None = None,
        expected: tuple[int, ...] = (),
    ) -> Answer:
        """Return the answer to one request, also to a refusal whose status is `expected`; errors as for `get`.

        A busy server is asked again, also to create something: what exists already is no harm to any caller here.
        """
        waited = 0.0
        for attempt in itertools.count():
            answer = self._once(verb, path, content, parameters)
            if answer.status in expected or 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
                return answer
            wait = delay(answer.status, answer.headers, answer.said, attempt, time.time())
            if wait is None:
                raise self._refusal(answer, path)
            if waited + wait > self._patience:
                break
            _LOG.info("%s %s: %s; trying again in %.0f s", verb, path, answer.said or answer.status, wait)
            self.sleep(wait)
            waited += wait
        said = f"status {answer.status}" if answer.status else "no answer"
        raise UnavailableError(
            f"GitHub is busy or out of reach ({said}: {answer.said or 'no reason given'}) and was waited for "
            f"{waited:.0f} s.",
            where=self.api + path,
            remedy=f"Try again in {wait:.0f} s or later.",
        )

    def _once(
        self, verb: str, path: str, content: Mapping[str, JsonValue] | None, parameters: Mapping[str, str] | None
    ) -> Answer:
        from requests import RequestException

        try:
            status, headers, text = self._connected().requestJson(verb, path, dict(parameters or {}), input=content)
        except RequestException as error:
            return Answer(0, {}, None, without_token(f"{type(error).__name__}: {error}", self._token))
        except RuntimeError as error:
            # PyGithub's word for a redirection to another host or scheme.
            raise self._moved(without_token(str(error), self._token)) from None
        text = without_token(text, self._token)
        if status in _REDIRECTIONS:
            raise self._moved(f"{path} answers with status {status}")
        try:
            return Answer(status, headers, json.loads(text) if text else None)
        except ValueError:
            return Answer(status, headers, None, text[:_SHOWN].strip())

    def _connected(self) -> "Requester":
        if self._requester is None:
            from github import Auth, Github

            self._refuse_proxy()
            self._requester = Github(
                auth=Auth.Token(self._token.get_secret_value()),
                base_url=self.api,
                timeout=self._seconds,
                user_agent="earthcode-platform",
                retry=None,  # `ask` does, within a limit
                seconds_between_requests=None,
                seconds_between_writes=None,
            ).requester
        return self._requester

    def _refuse_proxy(self) -> None:
        """Without encryption a proxy would read the token; http is allowed to this machine only, which needs none."""
        from requests.utils import get_environ_proxies

        if self.api.startswith("http:") and "http" in get_environ_proxies(self.api):
            raise InputError(
                "a proxy would read the token.",
                where=self.api,
                remedy="Name this machine in NO_PROXY: 127.0.0.1,localhost.",
            )

    def _moved(self, said: str) -> InputError:
        return InputError(
            f"it is elsewhere: {said}.",
            where=self.api,
            remedy="Write the address that it has now; a token is not taken along to another one.",
        )

    def understood(self, answer: Answer, path: str, kind: type[_Model]) -> _Model:
        """Return the content of an answer as an object of class `kind`.

        Raises:
            InputError: It is none.
        """
        try:
            return kind.model_validate(answer.content)
        except ValidationError:
            raise self._strange(path) from None

    def _strange(self, path: str) -> InputError:
        return InputError(
            "the answer is not one of GitHub's.",
            where=self.api + path,
            remedy="Check the address of the API: https://api.github.com, or https://host/api/v3.",
        )

    def _refusal(self, answer: Answer, path: str) -> EarthCodeError:
        remedy = _REMEDIES.get(answer.status, f"Check the repository and the token's rights. {_RIGHTS}")
        return InputError(
            f"GitHub refuses with status {answer.status}: {answer.said.removesuffix('.') or 'no reason given'}.",
            where=self.api + path,
            remedy=_ARCHIVED if "archived" in answer.said.lower() else remedy,
        )


def _detail(error: JsonValue) -> str:
    """Return one of the `errors` of a refusal, which are texts or objects."""
    if not isinstance(error, dict):
        return str(error)
    return " ".join(str(error[key]) for key in ("message", "field", "code") if error.get(key))
