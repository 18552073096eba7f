"""What the small GitHub of the tests keeps and answers: users, repositories, forks, branches, pull requests."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import github_documents as documents
from github_documents import Document

Said = tuple[int, Document | list[Document]]
_REPOSITORY = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")


@dataclass
class Repository:
    """A repository: what it was forked from, and how many requests find it unfinished."""

    parent: str | None = None
    polls: int = 0
    writers: set[str] = field(default_factory=set)
    forkable: bool = True


@dataclass
class Pull:
    """A pull request."""

    number: int
    target: str
    base: str
    home: str
    branch: str
    title: str
    body: str
    state: str = "open"
    modifiable: bool = False


class Api:
    """The state, and the answers to requests of a user.

    Args:
        root: Folder of the repositories, as `owner/name.git`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = ""
        self.forks: dict[str, Repository] = {}
        self.pulls: list[Pull] = []
        self.polls_of_new_forks = 0

    def add(self, full_name: str, parent: str | None = None) -> None:
        """Know a repository whose folder is there."""
        self.forks[full_name] = Repository(parent)

    def may_push(self, login: str, full_name: str) -> bool:
        """Whether a user may push to a repository."""
        return full_name.split("/", maxsplit=1)[0] == login or login in self.forks[full_name].writers

    def answer(self, login: str, method: str, path: str, query: Mapping[str, str], content: Document) -> Said:
        """Answer a request of a user."""
        if path == "/user":
            return 200, documents.user(self.base, login)
        found = _REPOSITORY.fullmatch(path)
        name = found and next((name for name in self.forks if name.casefold() == found["name"].casefold()), None)
        if not found or not name:
            return _not_found()
        rest = unquote(found["rest"] or "")
        if rest.startswith("/pulls/"):
            return self._edited(login, int(rest.removeprefix("/pulls/")), content)
        answers = {
            "GET ": lambda: (200, self._document(name)),
            "GET /branches": lambda: (200, self._branches(name)),
            "GET /forks": lambda: (200, _page(self._forks(name), query)),
            "POST /forks": lambda: self._forked(login, name),
            "GET /pulls": lambda: (200, _page(self._listed(name, query), query)),
            "POST /pulls": lambda: self._requested(login, name, content),
        }
        return answers.get(f"{method} {rest}", _not_found)()

    def _document(self, name: str) -> Document:
        parent = self.forks[name].parent
        return documents.repository(self.base, name, "main", self._document(parent) if parent else None)

    def _forks(self, name: str) -> list[Document]:
        # A list has them in short, without what they were forked from.
        short = {"parent", "source"}
        forks = [self._document(fork) for fork in self.forks if self.forks[fork].parent == name]
        return [{key: value for key, value in fork.items() if key not in short} for fork in forks]

    def _forked(self, login: str, name: str) -> Said:
        if not self.forks[name].forkable:
            return 403, documents.refusal("Repository access blocked: forking is disabled", 403)
        mine = next(
            (fork for fork in self.forks if fork.startswith(f"{login}/") and self.forks[fork].parent == name), ""
        )
        if not mine:
            wanted = f"{login}/{name.split('/')[1]}"
            mine = f"{wanted}-1" if wanted in self.forks else wanted
            folder = self.root / f"{mine}.git"
            subprocess.run(
                ["git", "clone", "--quiet", "--bare", str(self.root / f"{name}.git"), str(folder)], check=True
            )
            self.forks[mine] = Repository(name, polls=self.polls_of_new_forks)
        return 202, self._document(mine)

    def _branches(self, name: str) -> list[Document]:
        if self.forks[name].polls > 0:
            self.forks[name].polls -= 1
            return []
        commit = self.tip(name, "refs/heads/main")
        return [documents.branch(self.base, name, "main", commit)]

    def tip(self, name: str, reference: str) -> str:
        """The commit at a reference; empty if there is none."""
        folder = self.root / f"{name}.git"
        if (folder / reference).is_file():
            return (folder / reference).read_text().strip()
        packed = (folder / "packed-refs").read_text() if (folder / "packed-refs").is_file() else ""
        return next((line.split()[0] for line in packed.splitlines() if line.endswith(f" {reference}")), "")

    def _requested(self, login: str, name: str, content: Document) -> Said:
        owner, _, branch = str(content["head"]).rpartition(":")
        owner = owner or name.split("/", maxsplit=1)[0]
        homes = [
            home for home in self.forks if home.startswith(f"{owner}/") and name in (home, self.forks[home].parent)
        ]
        commit = self.tip(homes[0], f"refs/heads/{branch}") if homes else ""
        if not commit or not self.may_push(login, homes[0]):
            detail = {"resource": "PullRequest", "field": "head", "code": "invalid"}
            return 422, documents.refusal("Validation Failed", 422, detail)
        problem = ""
        if commit == self.tip(name, f"refs/heads/{content['base']}"):
            problem = f"No commits between {content['base']} and {owner}:{branch}"
        if any(pull.state == "open" and (pull.home, pull.branch) == (homes[0], branch) for pull in self.pulls):
            problem = f"A pull request already exists for {owner}:{branch}."
        if problem:
            detail = {"resource": "PullRequest", "code": "custom", "message": problem}
            return 422, documents.refusal("Validation Failed", 422, detail)
        pull = Pull(len(self.pulls) + 1, name, content["base"], homes[0], branch, content["title"], content["body"])
        pull.modifiable = content.get("maintainer_can_modify", False)
        self.pulls.append(pull)
        return 201, self._pull(pull)

    def _edited(self, login: str, number: int, content: Document) -> Said:
        pull = self.pulls[number - 1]
        if not self.may_push(login, pull.home):
            return 403, documents.refusal("Must have admin rights to Repository.", 403)
        pull.title = content.get("title", pull.title)
        pull.body = content.get("body", pull.body)
        return 200, self._pull(pull)

    def _listed(self, name: str, query: Mapping[str, str]) -> list[Document]:
        wanted = [
            pull
            for pull in reversed(self.pulls)
            if (pull.target, pull.base, pull.state) == (name, query.get("base", pull.base), query.get("state", "open"))
            and query.get("head", f"{pull.home.split('/')[0]}:{pull.branch}")
            == f"{pull.home.split('/')[0]}:{pull.branch}"
        ]
        return [self._pull(pull) for pull in wanted]

    def _pull(self, pull: Pull) -> Document:
        said = {"title": pull.title, "body": pull.body or None, "state": pull.state}
        said |= {"maintainer_can_modify": pull.modifiable}
        head = documents.end(self._document(pull.home), pull.branch, self.tip(pull.home, f"refs/heads/{pull.branch}"))
        target = documents.end(self._document(pull.target), pull.base, self.tip(pull.target, f"refs/heads/{pull.base}"))
        return documents.pull_request(self.base, pull.number, said, head, target)


def _page(found: list[Document], query: Mapping[str, str]) -> list[Document]:
    size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
    return found[(page - 1) * size : page * size]


def _not_found() -> Said:
    return 404, documents.refusal("Not Found", 404)
