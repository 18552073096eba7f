"""The lifecycle, the rerun and the look at the archive with products in object storage, on a real S3 server."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import get_client
from s3_server import BUCKET, KEY, SECRET, S3Server, running

from blocks.results_store import ResultsStore
from earthcode_platform.models.comparison import Verdict
from earthcode_platform.models.product import Novelty
from earthcode_platform.stores.delivery import links
from flows.lifecycle import lifecycle
from flows.rerun import rerun
from flows.verify import verify

pytestmark = pytest.mark.service


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with running(tmp_path / "s3", tmp_path / "s3.log") as one:
        ResultsStore(
            bucket=BUCKET,
            prefix="/archive/",
            endpoint=f"http://127.0.0.1:{one.port}",
            access_key_id=KEY,  # type: ignore[arg-type]
            secret_access_key=SECRET,  # type: ignore[arg-type]
        ).save("s3", overwrite=True)
        yield one


def test_an_experiment_lives_in_object_storage(home: Path, small: Path, server: S3Server) -> None:
    first = lifecycle(str(small), store="s3")
    assert first.novelty is Novelty.NEW
    (facts,) = [json.loads(path.read_text()) for path in (home / "runs/by-flow-run").iterdir()]
    assert facts["item"].startswith(f"http://127.0.0.1:{server.port}/{BUCKET}/archive/small-mean/1.0.0/")
    assert httpx.get(facts["item"]).is_client_error, "the server of this test shows nothing to strangers"
    store = ResultsStore.load("s3").get_store()
    for address in links(store, "small-mean/1.0.0", hours=1):
        assert httpx.get(address).is_success, "who got a link needs no key"
    assert rerun("small", store="s3").verdict is Verdict.IDENTICAL
    assert lifecycle(str(small), store="s3").novelty is Novelty.UNCHANGED
    state = verify(store="s3", parts=1, return_state=True)
    assert str(state.message).startswith("intact: 1 versions")
    (data,) = (server.bucket / "archive/small-mean").rglob("small-mean.tif")
    data.unlink()
    state = verify(store="s3", return_state=True)
    assert str(state.message).startswith("1 error: ")
    written = [path.read_bytes() for path in (*home.rglob("*"), *server.root.rglob("*")) if path.is_file()]
    with get_client(sync_client=True) as client:
        places = ("artifacts", "logs", "flow_runs", "task_runs")
        written += [client.request("POST", f"/{place}/filter", json={}).content for place in places]
    assert len(written) > 20
    assert [content[:200] for content in written if KEY.encode() in content or SECRET.encode() in content] == []
