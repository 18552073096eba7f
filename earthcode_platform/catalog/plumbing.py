"""Git, run as a program on one bare repository: no shell, no prompts, no terminal, no questions about the locale.

Commands that stay on this machine ignore the user's configuration. Those that reach the catalog's remote keep it, for
credentials, proxies and trusted folders live there; of it, only what would change a push is overridden. With a token,
the user's own credentials are left out too.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from earthcode_platform.catalog.credentials import authorization, password_apart, without_token
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.redaction import public

__all__ = ["REMOTE", "Destination", "Outcome", "git"]

REMOTE: Final = "catalog"
"""Name under which git knows the remote; its address never stands in a command line, which every user can read."""

_KEPT: Final = frozenset(
    {
        *("GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH"),
        *("GIT_PROXY_COMMAND", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY"),
    }
)
"""Settings of git's that are a matter of the machine. Others, such as GIT_DIR inside a hook, would mislead it."""
_ALWAYS: Final = {
    "LC_ALL": "C",
    "LANGUAGE": "",
    "GIT_TERMINAL_PROMPT": "0",
    # Not `ext::`, which runs any command that an address names.
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    # The user's configuration may ask for a log of settings and of the environment.
    "GIT_TRACE2": "0",
    "GIT_TRACE2_EVENT": "0",
    "GIT_TRACE2_PERF": "0",
}
_OTHER_CREDENTIALS: Final = ("GIT_ASKPASS", "GIT_SSL_NO_VERIFY", "SSH_ASKPASS")
"""What would make up for a token that is refused, or show it to a stranger."""
_LOCAL: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_OVERRIDDEN: Final = (
    *("-c", f"core.hooksPath={os.devnull}", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "push.gpgSign=false", "-c", "push.followTags=false", "-c", "fetch.recurseSubmodules=false"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    """Its exit status."""
    out: bytes
    """What it wrote to standard output."""
    complaint: str
    """What it wrote to standard error, without the token and the userinfo of any URL."""

    @property
    def text(self) -> str:
        """Standard output as text, without the last line end."""
        return self.out.decode(errors="surrogateescape").strip()


@dataclass(frozen=True, slots=True)
class Destination:
    """The remote of a command that reaches one; git knows it by the name `REMOTE`."""

    url: str
    """Its address."""
    token: SecretStr | None = None
    """What git shows there."""


def git(
    *arguments: str, repository: Path, to: Destination | None = None, stdin: bytes = b"", seconds: float = 120
) -> Outcome:
    """Run one git command.

    Args:
        arguments: The command and its arguments.
        repository: The bare repository it works on.
        to: The remote, for a command that reaches it.
        stdin: What it reads.
        seconds: How long it may take.

    Raises:
        InputError: Git is not installed.
        UnavailableError: It took too long.
    """
    command = ["git", *_OVERRIDDEN, f"--git-dir={repository.absolute()}", *arguments]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(to),
            start_new_session=True,  # without a terminal nothing, ssh included, can ask for a password
        )
    except FileNotFoundError:
        raise InputError("git is not installed.", remedy="Install it, for example: apt-get install git.") from None
    with process:
        try:
            out, error = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise UnavailableError(
                f"git {arguments[0]} did not end within {seconds:g} s.",
                where=public(to.url if to else repository),
                remedy="Try again later; check that the catalog's server answers.",
            ) from None
        finally:
            # Also when a run is cancelled: in a session of its own, git would not hear of it.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    said = error.decode(errors="replace").strip()
    return Outcome(process.returncode, out, public(without_token(said, to.token if to else None)))


def _environment(to: Destination | None) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    if to is None:
        return inherited | _ALWAYS | _LOCAL
    url, settings = password_apart(to.url)
    settings = [(f"remote.{REMOTE}.url", url), *settings]
    if to.token is not None:
        inherited = {name: value for name, value in inherited.items() if name not in _OTHER_CREDENTIALS}
        # The second stands in the way of `pushInsteadOf`.
        settings += [(f"remote.{REMOTE}.pushurl", to.url), *authorization(to.url, to.token)]
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return inherited | _ALWAYS | numbered
