"""The options of a file, read from what a workflow says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from earthcode_platform.errors import InputError, nearest
from earthcode_platform.models.file_options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from earthcode_platform.models.experiment import ProductFormat
    from earthcode_platform.models.file_options import AnyOptions

__all__ = ["is_elsewhere", "read_options", "require_known"]

_ELSEWHERE: Final = frozenset(
    {
        "attach_gdalinfo_assets",
        "bands_metadata",
        "colormap",
        "feature_id_property",
        "file_metadata",
        "filename_prefix",
        "sample_by_feature",
        "separate_asset_per_band",
        "stitch",
        "tile_grid",
    }
)
"""Options of other back-ends for names, descriptions, places and colours of files, all of which the platform sets."""
_ALIASES: Final = {"tile_size": "blocksize", "zlevel": "level"}
"""What other back-ends call an option."""


def read_options(given: Mapping[str, object], form: ProductFormat) -> AnyOptions:
    """Return the options of a format; capitals in their names make no difference.

    Options by which published graphs ask other back-ends for names and descriptions of files are passed over.

    Raises:
        InputError: There is no such option (FormatArgumentUnsupported), or its value cannot be used
            (FormatArgumentInvalid): error codes of openEO API 1.2.
    """
    kind = OPTIONS[form]
    try:
        return kind.model_validate(_named(given))
    except ValidationError as error:
        raise _refused(error.errors()[0], form) from None


def require_known(given: Mapping[str, object]) -> None:
    """Check that each option is known to at least one format.

    Raises:
        InputError: One is known to none (FormatArgumentUnsupported).
    """
    known = {name for kind in OPTIONS.values() for name in kind.model_fields}
    for name in given:
        if not _named({name: None}).keys() <= known:
            raise _unknown(name, "any format", known)


def is_elsewhere(name: str) -> bool:
    """Tell whether an option is passed over: one by which other back-ends are asked for names and descriptions."""
    return name.lower() in _ELSEWHERE


def _named(given: Mapping[str, object]) -> dict[str, object]:
    """Return the options by their own names, in lower case."""
    lower = {name.lower(): value for name, value in given.items()}
    return {_ALIASES.get(name, name): value for name, value in lower.items() if name not in _ELSEWHERE}


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
