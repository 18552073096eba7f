"""What `develop` found, as Markdown."""

from earthcode_platform.models.development import Development, ImageBuilt, TestsRun

__all__ = ["in_markdown", "spelled_out"]


def in_markdown(found: Development, title: str) -> str:
    """Return the outcome as Markdown: linters, tests, trial, image and code, then the findings.

    Args:
        found: The outcome.
        title: The experiment's title.
    """
    rows = spelled_out(found)
    lines = [
        f"# {_flat(title)}",
        "",
        "| step | outcome |",
        "|---|---|",
        *(f"| {name} | {_flat(text)} |" for name, text in rows),
        "",
    ]
    if found.trial is not None and len(found.trial.runs) > 1:
        lines += ["| part of the inputs | seconds | MiB |", "|---|---|---|"]
        lines += [
            f"| {run.share:.2%} | {run.seconds:.2f} | {run.memory_bytes / 1024**2:.0f} |" for run in found.trial.runs
        ]
        lines.append("")
    lines += [
        f"- **{one.severity}** `{one.code}` at `{_flat(one.where)}`: {_flat(one.message)} {_flat(one.remedy)}".rstrip()
        for one in found.findings
    ] or ["Nothing was found wrong."]
    return "\n".join(lines) + "\n"


def spelled_out(found: Development) -> list[tuple[str, str]]:
    """Return each step, and in words what came of it."""
    return [
        ("Lint", ", ".join(found.linters) or "nothing here can look at it"),
        ("Tests", _tests(found.tests)),
        ("Trial", "none" if found.trial is None else str(found.trial)),
        ("Image", _image(found.image)),
        ("Code", _code(found)),
    ]


def _tests(tests: TestsRun | None) -> str:
    if tests is None:
        return "none were run"
    skipped = f", {tests.skipped} skipped" if tests.skipped else ""
    told = f"{tests.passed} passed, {tests.failed} failed{skipped}"
    return f"{told} in {tests.seconds:.1f} s by {tests.runner}, isolated by {tests.isolation}"


def _image(image: ImageBuilt | None) -> str:
    if image is None:
        return "none was built"
    where = f", pushed to `{image.pushed}`" if image.pushed else ", pushed nowhere"
    return f"`{image.name}` by {image.builder}, `{image.digest or image.identifier}`{where}"


def _code(found: Development) -> str:
    if found.code is None:
        return "at no commit"
    changed = ", with files that differ from it" if found.code.dirty else ""
    return f"commit `{found.code.commit}`{changed}" + (f" of {found.code.repository}" if found.code.repository else "")


def _flat(text: str) -> str:
    """Return a text on one line of a table: what comes from outside can neither end a cell nor begin another line."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
