"""What is read of GitHub's answers; all else in them is left aside."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Account", "Branch", "Head", "PullRequest", "Repository"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Account(_Answer):
    """A user or an organisation."""

    login: str
    """Its name."""


class _Named(_Answer):
    full_name: str


class Repository(_Answer):
    """A repository."""

    full_name: str
    """Owner and name."""
    fork: bool = False
    """Whether it is a fork."""
    parent: _Named | None = None
    """What it was forked from."""
    source: _Named | None = None
    """Where the line of forks begins."""


class Branch(_Answer):
    """A branch."""

    name: str
    """Its name."""


class Head(_Answer):
    """The branch that a pull request brings."""

    ref: str
    """Its name."""
    repo: _Named | None = None
    """The repository it is in; None if that was deleted."""


class PullRequest(_Answer):
    """A pull request."""

    number: int
    """Its number in the repository that it is for."""
    html_url: str
    """Its page."""
    title: str
    """Its title."""
    body: str | None = None
    """Its text."""
    head: Head
    """The branch that it brings."""
