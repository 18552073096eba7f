"""What a data steward reads of a publication: title and body of a pull request."""

from earthcode_platform.models.frozen import Frozen, Text

__all__ = ["Review"]


class Review(Frozen):
    """Title and body of a pull request."""

    title: Text
    """One line."""
    body: str
    """Markdown as GitHub renders it."""
    commit: str = ""
    """Hash of the commit that the body is about, and names; empty if it names none."""
