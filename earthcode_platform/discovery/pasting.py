"""What was found, as lines for the `inputs:` of experiment.yaml."""

import re

import yaml

from earthcode_platform.experiments.scalars import CoreDumper
from earthcode_platform.models.found_data import DataQuery, FoundData

__all__ = ["pasted"]


def pasted(found: FoundData, query: DataQuery) -> str:
    """Return the lines of one input, two spaces in, with the window that was looked for; empty without a STAC document.

    Args:
        found: What was found.
        query: How: of a collection, the input takes only what lies in the same box and time.
    """
    if not found.href:
        return ""
    said: dict[str, object] = {"href": found.href}
    if found.kind != "item":
        if query.datetime is not None:
            said["datetime"] = _whole_days(str(query.datetime))
        if query.bbox is not None:
            said["bbox"] = list(query.bbox)
    name = re.sub(r"[^a-z0-9]+", "-", found.id.lower()).strip("-")[:40].strip("-") or "data"
    lines = [f"  {name}:"]
    for key, value in said.items():
        text = yaml.dump(value, Dumper=CoreDumper, default_flow_style=True, width=float("inf"), allow_unicode=True)
        lines.append(f"    {key}: {text.removesuffix('...' + chr(10)).strip()}")
    return "\n".join(lines)


def _whole_days(window: str) -> str:
    """Return a window as people write it: a first and a last moment of a day are that day."""
    return window.replace("T00:00:00Z/", "/").replace("T23:59:59.999999Z", "")
