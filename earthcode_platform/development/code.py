"""Is the code that a product will name the code that ran? The gate of reproducibility looks; `develop` weighs it."""

from collections.abc import Iterator

from earthcode_platform.development.finding import found
from earthcode_platform.gates.reproducibility import check_code
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import CodeVersion

__all__ = ["look_at_code"]


def look_at_code(code: CodeVersion | None) -> Iterator[Finding]:
    """Yield what keeps a reader from getting the code again, as that gate says it under codes of its own.

    Codes, warnings here since there is time to commit: `develop-code-not-pinned`, `develop-code-dirty`; a note:
    `develop-code-nowhere`.

    Args:
        code: The commit that the folder is at; None if it is at none.
    """
    for one in check_code(code):
        told = (one.where, one.message, one.remedy)
        match one.code:
            case "reproducibility-no-commit":
                yield found("code-not-pinned", Severity.WARNING, *told)
            case "reproducibility-dirty-tree":
                yield found("code-dirty", Severity.WARNING, *told)
            case _:
                yield found("code-nowhere", Severity.NOTE, *told)
