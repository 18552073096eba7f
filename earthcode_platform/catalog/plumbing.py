"""Git, run as a program on one bare repository: no shell, no prompts, no terminal, no questions about the locale.

Commands that stay on this machine ignore the user's configuration. Those that reach the catalog's remote keep it, for
credentials, proxies and trusted folders live there; of it, only what would change a push is overridden.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.redaction import public

__all__ = ["REMOTE", "Outcome", "git"]

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
}
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
    """What it wrote to standard error, without the userinfo of any URL."""

    @property
    def text(self) -> str:
        """Standard output as text, without the last line end."""
        return self.out.decode(errors="surrogateescape").strip()


def git(*arguments: str, repository: Path, url: str | None = None, stdin: bytes = b"", seconds: float = 120) -> Outcome:
    """Run one git command.

    Args:
        arguments: The command and its arguments.
        repository: The bare repository it works on.
        url: Address of the remote, for a command that reaches it; git knows it by the name `REMOTE`.
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
            env=_environment(url),
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
                where=public(url or repository),
                remedy="Try again later; check that the catalog's server answers.",
            ) from None
        finally:
            # Also when a run is cancelled: in a session of its own, git would not hear of it.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return Outcome(process.returncode, out, public(error.decode(errors="replace").strip()))


def _environment(url: str | None) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    if url is None:
        return inherited | _ALWAYS | _LOCAL
    remote = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"remote.{REMOTE}.url", "GIT_CONFIG_VALUE_0": url}
    return inherited | _ALWAYS | remote
