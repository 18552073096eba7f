"""Where the official schemas come from: three words, one meaning for publishing, withdrawing and watching."""

import json
import socket
from pathlib import Path

import pytest
from prefect.blocks.core import Block
from pydantic import ValidationError

from blocks.catalog import OpenScienceCatalog
from blocks.schemas import official_schemas
from earthcode_platform.errors import InputError

URL = "https://schemas.example/x.json"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHCODE_HOME", str(tmp_path / "home"))


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts whose names were looked up; nobody knows any."""
    names: list[str] = []

    def nobody(host: str, *_: object, **__: object) -> None:
        names.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "nobody knows it")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    # The block's own document is no matter here: its server is not asked.
    monkeypatch.setattr(Block, "load", classmethod(lambda cls, _name: cls()))
    return names


def test_a_block_that_says_nothing_skips_them_and_asks_nobody(looked_up: list[str]) -> None:
    for block in (OpenScienceCatalog(), OpenScienceCatalog.model_validate({"schemas": None})):
        schemas = block.get_schemas()
        assert list(schemas.faults(URL, {})) == []
        assert (schemas.skipped[URL], schemas.used) == (1, 0)
    assert looked_up == []


def test_fetch_asks_their_hosts(looked_up: list[str]) -> None:
    schemas = OpenScienceCatalog(schemas="fetch").get_schemas()
    assert list(schemas.faults(URL, {})) == []
    assert looked_up == ["schemas.example"]
    assert schemas.reasons[URL] == "the name of its host is not known"


def test_a_folder_is_a_mirror(tmp_path: Path, looked_up: list[str]) -> None:
    path = tmp_path / "mirror" / "schemas.example" / "x.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"required": ["y"]}))
    schemas = OpenScienceCatalog(schemas=str(tmp_path / "mirror")).get_schemas()
    assert [fault.message for fault in schemas.faults(URL, {})] == [
        '"y" is a required property (schemas.example/x.json).'
    ]
    assert looked_up == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder of schemas here"):
        official_schemas(str(tmp_path / "nowhere"))
    with pytest.raises(ValidationError):
        OpenScienceCatalog(schemas="")
