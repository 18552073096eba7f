"""`earthcode-platform explain` and `findings`: what the codes of findings mean."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from earthcode_platform.cli.delivery import write_report
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError

__all__ = ["explain", "findings"]


def explain(
    code: str, /, *, as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False
) -> int:
    """Say what a finding's code means, why it is told, and how to mend it.

    Args:
        code: The code that stands in brackets behind a finding.
        as_json: Print one JSON object, for machines.
    """
    from earthcode_platform.finding_codes.registry import explained

    screen = Screen(as_json=as_json)
    try:
        rule = explained(code.strip("[]"))
    except EarthCodeError as error:
        screen.error(error)
        return 1
    if as_json:
        screen.data({"code": rule.code, "what": rule.what, "why": rule.why, "mend": rule.mend})
        return 0
    screen.line(rule.code, style="bold")
    for label, text in (("what", rule.what), ("why", rule.why), ("mend", rule.mend)):
        screen.line(f"  {label:<5} {text}")
    return 0


def findings(*, output: Annotated[Path | None, Parameter(name="--output")] = None) -> int:
    """Print the document of all codes, as Markdown.

    Args:
        output: File to write it to instead.
    """
    from earthcode_platform.finding_codes.document import document

    if output is None:
        sys.stdout.write(document())
        return 0
    try:
        write_report(output, document())
    except EarthCodeError as error:
        Screen().error(error)
        return 1
    return 0
