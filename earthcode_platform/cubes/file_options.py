"""The options of a file, read from what a workflow says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from earthcode_platform.errors import InputError, nearest
from earthcode_platform.models.file_options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from earthcode_platform.models.experiment import ProductFormat
    from earthcode_platform.models.file_options import AnyOptions

__all__ = ["read_options", "require_known"]


def read_options(given: Mapping[str, object], form: ProductFormat) -> AnyOptions:
    """Return the options of a format; capitals in their names make no difference.

    Raises:
        InputError: There is no such option (FormatArgumentUnsupported), or its value cannot be used
            (FormatArgumentInvalid): error codes of openEO API 1.2.
    """
    kind = OPTIONS[form]
    try:
        return kind.model_validate({name.lower(): value for name, value in given.items()})
    except ValidationError as error:
        raise _refused(error.errors()[0], form) from None


def require_known(given: Mapping[str, object]) -> None:
    """Check that each option is known to at least one format.

    Raises:
        InputError: One is known to none (FormatArgumentUnsupported).
    """
    known = {name for kind in OPTIONS.values() for name in kind.model_fields}
    for name in given:
        if name.lower() not in known:
            raise _unknown(name, "any format", known)


def _refused(first: ErrorDetails, form: ProductFormat) -> InputError:
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(name, form.value, OPTIONS[form].model_fields)
    reason = first["msg"].removeprefix("Value error, ")
    if not name:
        message = f"FormatArgumentInvalid: the options of {form.value} contradict each other: {reason}."
        return InputError(message, remedy="Change one of them.")
    message = f"FormatArgumentInvalid: the option {name!r} of {form.value} is {first['input']!r}: {_plain(reason)}."
    return InputError(message, remedy=f"{OPTIONS[form].model_fields[str(first['loc'][0])].description}")


def _unknown(name: str, form: str, known: Iterable[str]) -> InputError:
    known = sorted(known)
    close = nearest(name.lower(), known)
    return InputError(
        f"FormatArgumentUnsupported: {form} has no option {name!r}.",
        remedy=f"Did you mean {close!r}?" if close else f"Known: {', '.join(known)}.",
    )


def _plain(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
