"""What the documents say of the code is so."""

import re
import tomllib
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import pytest
from house import CHECKOUT, files, text_of
from pydantic import BaseModel

from earthcode_platform.models.experiment import Experiment, ProductFormat, WorkflowKind

DOCUMENTS = files(".md")
DECISIONS = sorted((CHECKOUT / "docs" / "decisions").glob("*.md"))
MAKEFILE = text_of(CHECKOUT / "Makefile")
TARGETS = {name for line in re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE) for name in line.split()} - {"FORCE"}


def shown(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def code_in(document: Path) -> str:
    """Everything between backticks: blocks and words."""
    text = text_of(document)
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`[^`\n]+`", text)])


def keys_of(model: type[BaseModel]) -> set[str]:
    """The names of a model's fields and of those of the models below."""
    keys = set(model.model_fields)
    for field in model.model_fields.values():
        for kind in models_in(field.annotation):
            keys |= keys_of(kind)
    return keys


def models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in models_in(argument)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_the_commands_of_a_document_exist(document: Path) -> None:
    assert set(re.findall(r"(?:^|[`$ ])make ([a-z][a-z-]*)", code_in(document), re.MULTILINE)) - TARGETS == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(document))
    local = [unquote(target) for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (document.parent / target).exists()] == []


def test_every_target_says_what_it_is_for() -> None:
    assert set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE)) == TARGETS


def test_the_readme_shows_the_two_commands() -> None:
    assert {"demo", "check"} <= set(re.findall(r"^make ([a-z][a-z-]*)", text_of(CHECKOUT / "README.md"), re.MULTILINE))


def test_the_experiment_document_explains_every_key() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", text_of(CHECKOUT / "docs" / "experiment.md")))
    keys = keys_of(Experiment)
    assert {"bbox", "checksum", "entry", "osc", "themes"} <= keys
    assert keys - explained == set()


def test_the_experiment_document_names_every_choice() -> None:
    code = code_in(CHECKOUT / "docs" / "experiment.md")
    assert [choice for choice in [*WorkflowKind, *ProductFormat] if f"`{choice}`" not in code] == []


def test_the_changelog_has_the_current_version() -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", text_of(CHECKOUT / "CHANGELOG.md"), re.MULTILINE)


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [path.name[:5] for path in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("decision", DECISIONS, ids=shown)
def test_a_decision_has_its_four_parts(decision: Path) -> None:
    parts = re.findall(r"^## (\w+)$", text_of(decision), re.MULTILINE)
    assert parts == ["Status", "Context", "Decision", "Consequences"]
    assert re.match(rf"# {decision.name[:4]}: \S", text_of(decision))


def test_decisions_that_are_cited_exist() -> None:
    numbers = {path.name[:4] for path in DECISIONS}
    cited = {(shown(path), number) for path in files() for number in re.findall(r"decisions/(\d{4})", text_of(path))}
    assert {citation for citation in cited if citation[1] not in numbers} == set()
