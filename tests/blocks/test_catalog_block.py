"""The block of the catalog: which repository it hands out, and what it says of settings that contradict each other."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from blocks.catalog import OpenScienceCatalog
from earthcode_platform.catalog.github.hosted import GitHubCatalog
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.errors import InputError

TOKEN = "ghp_RecognisableToken0123456789"  # noqa: S105 - what must not be shown
TESTING = "https://github.com/esa-earthcode/testing"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHCODE_HOME", str(tmp_path))


def test_a_document_saved_before_there_were_reviews_still_loads() -> None:
    block = OpenScienceCatalog.model_validate(
        {"url": "https://git.example.org/x.git", "branch": "main", "merges": True}
    )
    repository = block.get_repository()
    assert type(repository) is CatalogRepository
    assert (repository.address, repository.merges) == ("https://git.example.org/x.git", True)


def test_review_on_github_hands_out_a_catalog_there() -> None:
    block = OpenScienceCatalog(url=TESTING, token=SecretStr(TOKEN), review="github", branch="next")
    repository = block.get_repository()
    assert isinstance(repository, GitHubCatalog)
    assert (repository.address, repository.branch, repository.merges) == (f"{TESTING}.git", "next", False)
    assert TOKEN not in repr(block) + str(block) + repr(repository) + str(block.model_dump())


def test_a_plain_repository_gets_the_token(tmp_path: Path) -> None:
    block = OpenScienceCatalog(url="http://git.example.org/x.git", token=SecretStr(TOKEN))
    with pytest.raises(InputError, match="begin with https"):
        block.get_repository()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"review": "github"}, "no URL names it"),
        ({"token": TOKEN}, "no URL names it"),
        ({"url": TESTING, "review": "github"}, "needs a token"),
        ({"url": TESTING, "review": "github", "token": TOKEN, "merges": True}, "cannot be merged at once"),
        ({"url": "git@github.com:esa/x.git", "review": "github", "token": TOKEN}, "no address of a repository"),
        ({"url": TESTING, "review": "github", "token": TOKEN, "api": "http://api.example.org"}, "begin with https"),
        ({"url": TESTING, "review": "github", "token": f"{TOKEN}\n"}, "Paste it again"),
    ],
)
def test_settings_that_contradict_each_other_are_told(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refused:
        OpenScienceCatalog.model_validate(settings).get_repository()
    assert TOKEN not in str(refused.value)


def test_a_token_in_a_block_that_is_refused_is_not_shown() -> None:
    for settings in ({"url": "", "token": TOKEN}, {"review": "gitlab", "token": TOKEN}, {"token": [TOKEN]}):
        with pytest.raises(ValidationError) as refused:
            OpenScienceCatalog.model_validate(settings)
        assert TOKEN not in str(refused.value)
        assert TOKEN not in repr(refused.value)
    with pytest.raises(ValidationError) as refused:
        OpenScienceCatalog(url="https://ada:hunter2@example.org/x.git")
    assert "hunter2" not in str(refused.value)
