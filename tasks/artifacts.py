"""What the stages show on the page of a run."""

import re
from collections.abc import Sequence
from typing import Final

from prefect.artifacts import create_table_artifact

from earthcode_platform.models.finding import Finding
from earthcode_platform.models.product import Publication

__all__ = ["artifact_key", "in_catalog", "show_findings"]

_IN_WORDS: Final = 20
"""How many findings the table's description spells out."""


def artifact_key(text: str) -> str:
    """Return `text` as Prefect wants artifact keys: lower case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def in_catalog(publication: Publication) -> str:
    """Return as Markdown where a change of the catalog is, what it touches, and who has to look at it."""
    changed = "\n".join(f"- `{path}`" for path in publication.changed) or "- nothing: the content was there"
    review = f"Under review: <{publication.review}>\n\n" if publication.review else ""
    where = f"Catalog `{publication.catalog}`, branch `{publication.branch}`, commit `{publication.commit}`"
    return f"{where} ({publication.novelty})\n\n{review}{changed}\n"


def show_findings(findings: Sequence[Finding], subject: str) -> None:
    """Show all findings about `subject`, an experiment's id or folder, as one table artifact."""
    create_table_artifact(
        key=f"findings-{artifact_key(subject)}",
        table=[found.model_dump(mode="json") for found in findings] or [{"code": "none", "message": "Nothing found."}],
        description=_in_words(findings, subject),
    )


def _in_words(findings: Sequence[Finding], subject: str) -> str:
    """Return the first findings as Markdown: cells of a table do not wrap in the UI, and the remedy is the last."""
    if not findings:
        return f"The gates found nothing wrong with **{subject}**."
    lines = [f"- **{each.severity}** at `{each.where}`: {each.message} {each.remedy}" for each in findings[:_IN_WORDS]]
    return f"The gates found {len(findings)} thing(s) in **{subject}**.\n\n" + "\n".join(lines)
