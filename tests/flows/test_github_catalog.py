"""The lifecycle with a catalog on GitHub that a block names: the token is in the block, and nowhere else."""

import base64
import logging
from pathlib import Path

import pytest
from github_server import GitHubServer
from prefect.client.orchestration import get_client
from pydantic import SecretStr

from blocks.catalog import OpenScienceCatalog
from earthcode_platform.catalog.seed import create_catalog
from earthcode_platform.models.product import Novelty
from flows.lifecycle import lifecycle

pytestmark = pytest.mark.service
"""They take long: the whole real catalog, or many commits."""

TOKEN = "ghp_RecognisableToken0123456789"  # noqa: S105 - what must be seen nowhere
FORMS = (TOKEN, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode())


def test_the_token_of_a_block_shows_in_no_artifact_log_or_file(
    home: Path, small: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    create_catalog(tmp_path / "seed.git")
    with GitHubServer(tmp_path / "hub") as hub:
        hub.add("esa/catalog", tmp_path / "seed.git")
        hub.tokens[TOKEN] = "ada"
        block = OpenScienceCatalog(url=f"{hub.url}/esa/catalog", token=SecretStr(TOKEN), review="github")
        document = block.save("on-github", overwrite=True)
        publication = lifecycle(str(small), catalog="on-github")
        assert (publication.novelty, publication.merged) == (Novelty.NEW, False)
        assert hub.api.tip("ada/catalog", f"refs/heads/{publication.branch}") == publication.commit
        assert hub.api.tip("esa/catalog", f"refs/heads/{publication.branch}") == ""
        assert hub.seen[0].authorization == f"token {TOKEN}"

    with get_client(sync_client=True) as client:
        artifacts = client.request("POST", "/artifacts/filter", json={}).text
        logs = client.request("POST", "/logs/filter", json={}).text
        saved = client.request("GET", "/block_documents/{id}", path_params={"id": document}).text
    assert publication.commit in artifacts
    assert publication.commit in caplog.text
    assert "flow_run_id" in logs
    assert "on-github" in saved
    files = [path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file()]
    assert any(publication.commit in content for content in files)
    shown = "\n".join([artifacts, logs, saved, caplog.text, publication.model_dump_json(), *files])
    assert [form for form in FORMS if form in shown] == []
