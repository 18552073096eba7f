"""The verdict on a catalog as one JSON object."""

import json

from pydantic import JsonValue

from earthcode_platform.cli.catalog_outcome import Outcome

__all__ = ["as_json"]


def as_json(outcome: Outcome) -> str:
    """Return the report as JSON; what was mended and since when changes count stands there if it was asked for."""
    report = outcome.report
    told: dict[str, JsonValue] = {"catalog": outcome.title, "valid": report.valid, **report.model_dump(mode="json")}
    if outcome.base:
        told["base"] = outcome.base
    if outcome.mended is not None:
        told["edited"] = list(outcome.edited)
        told["mended"] = [found.model_dump(mode="json") for found in outcome.mended]
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
