"""What is remembered of external links between two looks: which answered, when, and in which version.

It is one JSON file. Addresses that may hold secrets are kept as SHA-256 digests, and userinfo is not kept at all.
"""

import contextlib
import hashlib
import json
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from earthcode_platform.errors import UnavailableError
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.link_outcome import LinkOutcome

__all__ = ["Known", "Memory", "digest"]

_KEPT: Final = timedelta(days=90)
"""How long an address that no look asked for any more is remembered."""
_log = logging.getLogger(__name__)


def digest(url: str) -> str:
    """Return what an address is remembered by."""
    return hashlib.sha256(url.encode(errors="backslashreplace")).hexdigest()


class Known(Frozen):
    """What is known of an address that answered."""

    outcome: LinkOutcome
    """What came of asking."""
    answered: str = ""
    """Digest of the address that answered, after redirects."""
    etag: str = ""
    """Its entity tag."""
    modified: str = ""
    """When it was modified last, as its server wrote it."""


class _File(Frozen):
    version: int = 1
    links: dict[str, Known]


class Memory:
    """Addresses that answered. Nothing is read before `load`.

    Args:
        path: The file; None to remember nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Known] = {}

    def __repr__(self) -> str:
        return f"<Memory of {len(self._known)} addresses in {self._path or 'no file'}>"

    def load(self) -> None:
        """Read the file. One that cannot be understood is set aside beside it, with a warning, and nothing is known.

        Raises:
            UnavailableError: It is there and cannot be read.
        """
        if self._path is None:
            return
        try:
            self._known = dict(_File.model_validate_json(self._path.read_bytes()).links)
        except FileNotFoundError:
            self._known = {}
        except ValidationError:
            aside = self._path.with_name(f"{self._path.name}.damaged")
            self._path.replace(aside)
            self._known = {}
            _log.warning("%s is no memory of links; it is set aside as %s, and all are asked again.", self._path, aside)
        except OSError as error:
            raise _unavailable(self._path, "read", error) from None

    def of(self, url: str) -> Known | None:
        """Return what is known of an address; None if nothing is."""
        return self._known.get(digest(url))

    def keep(self, url: str, known: Known | None) -> None:
        """Remember what is known of an address, or forget it."""
        if known is None:
            self._known.pop(digest(url), None)
        else:
            self._known[digest(url)] = known

    def save(self, now: datetime) -> None:
        """Write the file, whole or not at all.

        Raises:
            UnavailableError: It cannot be written.
        """
        if self._path is None:
            return
        young = {key: held for key, held in self._known.items() if now - held.outcome.checked < _KEPT}
        text = json.dumps(_File(links=young).model_dump(mode="json"), indent=0)
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            raise _unavailable(self._path, "written", error) from None
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _unavailable(path: Path, what: str, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"the memory of links cannot be {what}: {error.strerror}.", where=str(path), remedy="Check the file's rights."
    )
