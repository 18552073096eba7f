"""Every error of the platform, grouped by what the reader should do next.

    EarthCodeError
    ├── RefusedError           mend the experiment: the findings say where and how
    ├── InputError             mend what you passed: a file, a name, an option
    │   └── UnknownNameError       take one of the names it lists
    ├── MissingExtraError      install the extra it names
    ├── NotIsolatedError       run it on another machine, or accept less: this one cannot isolate a process
    ├── ExecutionError         mend the workflow: it was accepted and then failed
    ├── IntegrityError         do not trust the bytes: they are not what was recorded
    ├── ConflictError          choose another version or name: this one is taken
    │   └── CatalogMovedError      compute again: somebody published in between
    └── UnavailableError       try again later: a service did not answer

Errors carry data, survive pickling (Prefect and Dask move them between processes) and never carry a credential: the
text of each argument passes through `redaction.public`.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, Self

from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from earthcode_platform.models.finding import Finding

__all__ = [
    "CatalogMovedError",
    "ConflictError",
    "EarthCodeError",
    "ExecutionError",
    "InputError",
    "IntegrityError",
    "MissingExtraError",
    "NotIsolatedError",
    "RefusedError",
    "UnavailableError",
    "UnknownNameError",
    "nearest",
]

_LISTED: Final = 12
"""How many known names a message spells out."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name closest to `name`, or an empty string if none is close."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), "")


class EarthCodeError(Exception):
    """What went wrong, where, and what to do about it.

    Args:
        message: What is wrong, with the offending value, in one sentence.
        where: The file, key, node, asset or address it concerns.
        remedy: What the reader should do next.
    """

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        self.message = public(message)
        self.where = public(where)
        self.remedy = public(remedy)
        super().__init__(self._text())

    def _text(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head} {self.remedy}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _rebuild(kind: type[EarthCodeError], args: tuple[object, ...], state: dict[str, object]) -> EarthCodeError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class RefusedError(EarthCodeError):
    """A gate refused the experiment. `findings` holds everything that was found, not only the first.

    Args:
        findings: All findings of the gates, notes and warnings included.
        where: The experiment's id or file.
    """

    def __init__(self, findings: Sequence[Finding], *, where: str = "") -> None:
        self.findings = tuple(findings)
        errors = [found for found in self.findings if found.severity == "error"]
        lines = "".join(f"\n  {found}" for found in errors)
        super().__init__(f"refused with {len(errors)} error(s):{lines}", where=where)

    @classmethod
    def if_any(cls, findings: Sequence[Finding], *, where: str = "") -> None:
        """Raise if one of `findings` is an error; return quietly otherwise."""
        if any(found.severity == "error" for found in findings):
            raise cls(findings, where=where)


class InputError(EarthCodeError):
    """Something that was passed in cannot be used."""


class UnknownNameError(InputError):
    """A name that is not known here; the message lists those that are and suggests the nearest."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], *, where: str = "") -> Self:
        """Build the error for `name`, which is none of `known`."""
        names = sorted(known)
        close = nearest(name, names)
        listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
        hint = f"Did you mean {close!r}?" if close else f"Known: {listed or 'none'}."
        return cls(f"there is no {kind} {name!r}.", where=where, remedy=hint)


class MissingExtraError(EarthCodeError):
    """An optional part is not installed; the message names the extra that brings it."""

    @classmethod
    def of(cls, what: str, extra: str) -> Self:
        """Build the error for `what`, which `extra` brings."""
        return cls(
            f"{what} needs the extra {extra!r}, which is not installed.",
            remedy=f"Install it: pip install 'earthcode-platform[{extra}]'.",
        )


class NotIsolatedError(EarthCodeError):
    """This machine cannot keep a process apart from everything else, as was asked."""


class ExecutionError(EarthCodeError):
    """The workflow passed the gates and then failed while it ran."""


class IntegrityError(EarthCodeError):
    """Bytes differ from what was recorded of them."""


class ConflictError(EarthCodeError):
    """What was asked for would overwrite something that must stay."""


class CatalogMovedError(ConflictError):
    """The catalog changed between reading and writing it; the changeset must be computed again."""


class UnavailableError(EarthCodeError):
    """A service or file system did not answer; the same call may succeed later."""
