"""What a data steward reads of a change: what comes or goes, where to look, what the rules said, how to check it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from earthcode_platform.catalog.documents import parse, title
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.plain import code, plain, shown_address
from earthcode_platform.catalog.propose import Evidence
from earthcode_platform.errors import InputError
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.review import Review
from earthcode_platform.models.run import RunResult

__all__ = ["publication_review", "withdrawal_review"]

_MOST: Final = 30
_TITLE: Final = 200
"""Characters; GitHub takes 256 in a title and 65 536 in a body, which these bounds keep far away."""


class _Lines(NamedTuple):
    path: str
    added: int
    removed: int


def publication_review(
    evidence: Evidence, pinned: PinnedExperiment, run: RunResult, product: Product, *, update: bool
) -> Review:
    """Return title and body of the request to publish an experiment, or a new version of it.

    Args:
        evidence: The change, and what the rules say of it.
        pinned: What ran.
        run: How it ran.
        product: What was archived.
        update: Whether the catalog holds an earlier version.
    """
    experiment = pinned.experiment
    parts = [
        plain(experiment.description),
        _picture(product),
        _section("Entries", _entries(evidence)),
        _section("Changes in existing files", _changes(evidence)),
        _section("Validation", _validation(evidence)),
        _section("Provenance", _provenance(pinned, run, product)),
        _section("Run it again", _again(experiment.id)),
    ]
    head = f"# {plain(experiment.title, _TITLE)}\n\n{plain(product.title, _TITLE)}, version {code(experiment.version)}"
    head += f", in commit {code(evidence.commit)}"
    verb = "Update" if update else "Publish"
    name = f"{verb} experiment {experiment.id} {experiment.version}: {experiment.title}"
    body = "\n\n".join([head, *filter(None, parts)]) + "\n"
    return Review(title=_line(name), body=body, commit=evidence.commit)


def withdrawal_review(evidence: Evidence, experiment: str, name: str) -> Review:
    """Return title and body of the request to withdraw an experiment.

    Args:
        evidence: The change, and what the rules say of it.
        experiment: Its id.
        name: Its title.
    """
    gone = [path for path, content in evidence.change.edits.items() if content is None]
    said = (
        f"With commit {code(evidence.commit)} the experiment {code(experiment)} leaves the catalog, with its product, "
        "its workflow unless others use it, and every link to them.\n\n"
        "The archived data are not deleted: whoever has their address can still read them. A project and variables "
        "that were made for the experiment stay, for others may use them. To bring it back, publish it again."
    )
    parts = [
        f"# Withdraw {plain(name, _TITLE)}",
        said,
        _section("Files that go", _listed([code(path) for path in gone])),
        _section("Changes in existing files", _changes(evidence)),
        _section("Validation", _validation(evidence)),
    ]
    body = "\n\n".join(parts) + "\n"
    return Review(title=_line(f"Withdraw experiment {experiment}: {name}"), body=body, commit=evidence.commit)


def _line(text: str) -> str:
    """Return `text` for a title, which GitHub shows as plain text: but for mentions and references, as it is."""
    said = plain(text).replace("\\", "")
    return said if len(said) <= _TITLE else f"{said[: _TITLE - 1]}…"


def _section(name: str, content: str) -> str:
    return f"## {name}\n\n{content}" if content else ""


def _picture(product: Product) -> str:
    address = shown_address(product.quicklook_href)
    return f"![Quicklook of the product](<{address}>)" if address else ""


def _entries(evidence: Evidence) -> str:
    rows = ["| | entry | file |", "|---|---|---|"]
    for path in (*evidence.change.entries, *evidence.change.created):
        kind = Kind.of(path)
        label = kind[0].label if kind else "File"
        new = "" if path in evidence.catalog else " (new)"
        rows.append(f"| {label}{new} | {plain(_title(evidence, path), _TITLE)} | {_file(evidence, path)} |")
    return "\n".join(rows)


def _title(evidence: Evidence, path: str) -> str:
    content = evidence.change.edits.get(path) or evidence.catalog.files.get(path, b"{}")
    try:
        return title(parse(content, path))
    except InputError:
        return ""


def _file(evidence: Evidence, path: str) -> str:
    """Return a path, with a link to the file in the commit where the repository's address tells one."""
    parts = urlsplit(evidence.address) if evidence.address.startswith("https://") else None
    if parts is None or not shown_address(evidence.address) or parts.query:
        return code(path)
    host = parts.hostname or ""
    blob = "blob" if "github" in host else "-/blob" if "gitlab" in host else ""
    address = f"{evidence.address.removesuffix('/').removesuffix('.git')}/{blob}/{evidence.commit}/{quote(path)}"
    return f"[{code(path)}](<{address}>)" if blob else code(path)


def _changes(evidence: Evidence) -> str:
    changed = list(_lines(evidence))
    if not changed:
        return "None."
    added, removed = sum(one.added for one in changed), sum(one.removed for one in changed)
    said = f"{added} lines added and {removed} removed in {len(changed)} files; nothing else in them changes.\n\n"
    return said + _listed([f"{code(one.path)}: +{one.added} -{one.removed}" for one in changed])


def _lines(evidence: Evidence) -> Iterable[_Lines]:
    """Yield how many lines of each file that exists, and stays, come and go; a line that moves counts as neither."""
    for path, content in evidence.change.edits.items():
        if content is None or path not in evidence.catalog or path in evidence.change.entries:
            continue
        before = Counter(evidence.catalog.content(path).splitlines())
        after = Counter(content.splitlines())
        yield _Lines(path, (after - before).total(), (before - after).total())


def _validation(evidence: Evidence) -> str:
    verdict = evidence.verdict
    against = f"{verdict.schemas} official JSON Schemas" if verdict.schemas else "no JSON Schema (none was at hand)"
    if verdict.schemas and verdict.skipped:
        against += f" ({verdict.skipped} more could not be had, and were skipped)"
    said = (
        f"The catalog as it will be after the merge: {verdict.files} files held against {verdict.rules} rules, back "
        f"links included, and against {against}. No errors come with this change"
    )
    if not verdict.warnings:
        return f"{said}, and no warnings."
    return f"{said}; {len(verdict.warnings)} warnings:\n\n" + _listed([_told(one) for one in verdict.warnings])


def _told(found: Finding) -> str:
    said = f"{plain(found.message, _TITLE)} {plain(found.remedy, _TITLE)}"
    return f"{code(found.where[:_TITLE])} {said} ({code(found.code)})"


def _listed(rows: Sequence[str]) -> str:
    more = [f"- and {len(rows) - _MOST} more"] if len(rows) > _MOST else []
    return "\n".join([*(f"- {row}" for row in rows[:_MOST]), *more])


def _provenance(pinned: PinnedExperiment, run: RunResult, product: Product) -> str:
    rows = {"Engine": f"{code(run.engine.name)} {code(run.engine.version)}"}
    if pinned.code is not None:
        where = f" of {code(pinned.code.repository)}" if pinned.code.repository else ""
        dirty = ", with changes that were not committed" if pinned.code.dirty else ""
        rows["Code"] = f"commit {code(pinned.code.commit)}{where}{dirty}"
    rows |= {
        "Archived at": _address(product.collection_href),
        "Checksum of the manifest": code(product.manifest_checksum),
        "Checksum of the workflow": code(pinned.workflow.checksum),
    }
    for key, checksum in sorted(product.data_checksums.items())[:_MOST]:
        rows[f"Checksum of the values of {code(key)}"] = code(checksum)
    if len(product.data_checksums) > _MOST:
        rows["Further checksums"] = f"{len(product.data_checksums) - _MOST}, in the experiment's {code('input.yaml')}"
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {said} |" for name, said in rows.items())])


def _address(href: str) -> str:
    address = shown_address(href)
    return f"[{code(href)}](<{address}>)" if address else code(href)


def _again(experiment: str) -> str:
    return (
        "On a machine with the EarthCODE platform, and with nothing but the id:\n\n"
        f"```\nprefect deployment run 'rerun/local' -p experiment_id={experiment} --watch\n```\n\n"
        "The run says whether its product has the same values as the published one."
    )
