"""The process in which Great Expectations runs: tables and expectations in, outcomes out, as JSON files.

Importing it takes seconds and a sixth of a gigabyte, which a worker would keep until it ends. Here nothing leaves the
process but the answer: it reaches no host, and home and current folder are scratch (`evaluation`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

__all__ = ["forbid_network", "main"]

_NETWORK: Final = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")
"""Audit events of a process that reaches for a host (Python, audit events table)."""
_SHOWN: Final = 5
"""Rows that an outcome names."""
_PLACE: Final = "earthcode_at"


def forbid_network() -> list[str]:
    """Let whatever reaches for a host in this process fail from now on; return the list of what tries."""
    tried: list[str] = []

    def refuse(event: str, _arguments: tuple[object, ...]) -> None:
        if event in _NETWORK:
            tried.append(event)
            raise PermissionError(f"{event}: expectations are evaluated without a network")

    sys.addaudithook(refuse)
    return tried


def main(arguments: Sequence[str]) -> int:
    """Read the question from the first file, and write the answer to the second.

    The question is a list of tables with `name`, `columns`, `texts` and `moments` (which of these hold text, and which
    moments), `rows` and `expectations`;
    the answer has `library`, `network` (what was tried) and, for each table, its `outcomes` in their order.
    """
    tried = forbid_network()
    question = json.loads(Path(arguments[0]).read_bytes())
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    answer = {
        "library": f"great-expectations {gx.__version__}",
        "tables": [_evaluated(context, table) for table in question],
        "network": tried,
    }
    Path(arguments[1]).write_text(json.dumps(answer), encoding="utf-8")
    return 0


def _evaluated(context: EphemeralDataContext, table: dict[str, Any]) -> list[dict[str, Any]]:
    from great_expectations.core.expectation_suite import ExpectationSuite

    definition = (
        context.data_sources.add_pandas(table["name"])
        .add_dataframe_asset("statistics")
        .add_batch_definition_whole_dataframe("all")
    )
    batch = definition.get_batch({"dataframe": _frame(table)})
    outcomes: list[dict[str, Any]] = [{"met": False, "error": ""} for _ in table["expectations"]]
    made = []
    for at, one in enumerate(table["expectations"]):
        try:
            suite = ExpectationSuite(name=str(at), expectations=[{**one, "meta": {_PLACE: at}}])
        except Exception as error:  # noqa: BLE001 - what the library says about one expectation must not lose the others
            outcomes[at]["error"] = _in_a_line(error)
        else:
            made += suite.expectations
    shown = {"result_format": "SUMMARY", "partial_unexpected_count": _SHOWN}
    if made:
        for result in batch.validate(
            ExpectationSuite(name=table["name"], expectations=made), result_format=shown
        ).results:
            told = cast("dict[str, Any]", result.to_json_dict())
            outcomes[told["expectation_config"]["meta"][_PLACE]] = _outcome(told)
    return outcomes


def _frame(table: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(table["rows"], columns=table["columns"])
    numbers = [name for name in table["columns"] if name not in (*table["texts"], *table["moments"])]
    frame[numbers] = frame[numbers].apply(pd.to_numeric)
    for name in table["moments"]:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype(dict.fromkeys(table["texts"], object))


def _outcome(told: dict[str, Any]) -> dict[str, Any]:
    found = told.get("result") or {}
    error = _raised(told.get("exception_info") or {})
    return {
        "met": bool(told["success"]),
        "error": error,
        "observed": found.get("observed_value"),
        "count": found.get("element_count"),
        "unexpected": found.get("unexpected_count"),
        "values": found.get("partial_unexpected_list", []),
        "rows": found.get("partial_unexpected_index_list", []),
    }


def _raised(info: Any) -> str:  # noqa: ANN401 - one report, or one for each metric
    """Return what the library says of an expectation that it could not evaluate; empty if it could."""
    reports = [info] if "raised_exception" in info else list(info.values())
    failed = [one for one in reports if isinstance(one, dict) and one.get("raised_exception")]
    return _in_a_line(failed[0].get("exception_message") or "no reason given") if failed else ""


def _in_a_line(error: object) -> str:
    words = " ".join(str(error).split())
    return words[:300] or type(error).__name__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
