"""The options that `check` and `run` share, and how their texts become values."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue

__all__ = ["Options", "named"]


def named(texts: Sequence[str]) -> dict[str, str]:
    """Return `NAME=VALUE` texts as a mapping; the value may hold further `=`.

    Raises:
        ValueError: A text has another form, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not (name and separator and value):
            raise ValueError(f"{text!r} is not of the form NAME=VALUE.")
        if name in found:
            raise ValueError(f"{name!r} is given twice.")
        found[name] = value
    return found


def _pairs(_kind: type, texts: Sequence[str]) -> None:
    named(texts)


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """What changes an experiment for one run, and how the outcome is told."""

    inputs: Annotated[
        tuple[str, ...], Parameter(name="--input", negative="", show_default=False, validator=_pairs)
    ] = ()
    """NAME=HREF: another STAC document for a named input, as a URL or a path. May be given several times."""
    values: Annotated[tuple[str, ...], Parameter(name="--set", negative="", show_default=False, validator=_pairs)] = ()
    """NAME=VALUE: another configuration value, as JSON or else as text. May be given several times."""
    catalog: Annotated[str | None, Parameter(name="--catalog")] = None
    """Path or URL of the catalog's git repository."""
    policy: Annotated[Path | None, Parameter(name="--policy")] = None
    """JSON file with the policy of a platform: what refuses, and what may be waived. Errors refuse without one."""
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
    """Print one JSON object, for machines."""

    def hrefs(self) -> dict[str, str]:
        """Return the hrefs of `--input`; paths are those of the current folder, and absolute afterwards."""
        return {
            name: href if "://" in href else str(Path(href).expanduser().absolute())
            for name, href in named(self.inputs).items()
        }

    def configuration(self) -> dict[str, JsonValue]:
        """Return the values of `--set`."""
        return {name: _value(text) for name, text in named(self.values).items()}


def _value(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return text
    return value


def _no_number(name: str) -> Callable[[], None]:
    raise ValueError(name)
