"""Is the code that a product will name the code that ran?"""

from collections.abc import Iterator

from earthcode_platform.development.finding import found
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import CodeVersion

__all__ = ["look_at_code"]


def look_at_code(code: CodeVersion | None) -> Iterator[Finding]:
    """Yield what keeps a reader from getting the code again.

    Codes, all warnings here: `develop-code-not-pinned`, `develop-code-dirty`; a note: `develop-code-nowhere`.

    Args:
        code: The commit that the folder is at; None if it is at none.
    """
    where = "the folder"
    if code is None:
        message = "the folder is at no git commit: the product cannot name the code that it comes from."
        yield found("code-not-pinned", Severity.WARNING, where, message, "Commit it: git init, git add, git commit.")
        return
    if code.dirty:
        message = f"files of the folder differ from the commit {code.commit[:12]} that the product would name."
        yield found("code-dirty", Severity.WARNING, where, message, "Commit them before you run it for good.")
    if code.repository is None:
        message = f"the commit {code.commit[:12]} is in no remote repository that others could reach."
        yield found("code-nowhere", Severity.NOTE, where, message, "Push it, and name the remote 'origin'.")
