"""What whoever runs a flow is told when the results store refuses: the message of the run's state, and nothing lost."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from s3_server import BUCKET, KEY, SECRET, S3Server, running
from small_disk import small_disk, turned

from blocks.results_store import ResultsStore
from flows.archive import archive
from flows.execute import execute
from tasks.archive import archive_product

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

OTHER = "wrong-secret-of-ours"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with running(tmp_path / "s3", tmp_path / "s3.log") as one:
        yield one


def told(workspace: str, store: str) -> str:
    """The message of a failed run's state, as the server has it and the page shows it."""
    state = archive(workspace, store, return_state=True)
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(state.state_details.flow_run_id)))
    assert run.state is not None
    assert run.state.is_failed()
    return str(run.state.message)


def in_storage(server: S3Server, **changes: object) -> ResultsStore:
    settings: dict[str, object] = {
        "bucket": BUCKET,
        "endpoint": f"http://127.0.0.1:{server.port}",
        "access_key_id": KEY,
        "secret_access_key": SECRET,
    }
    return ResultsStore.model_validate(settings | changes)


def test_the_state_of_a_run_says_what_is_wrong_where_and_what_to_do(
    home: Path, small: Path, server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = execute(str(small))
    in_storage(server, secret_access_key=OTHER).save("wrong-keys", overwrite=True)
    in_storage(server, bucket="nowhere").save("no-bucket", overwrite=True)
    message = told(workspace, "wrong-keys")
    assert (
        "s3://results/small-mean/1.0.0/manifest.json: the results store refuses: it does not accept our sign" in message
    )
    assert "Mend the key and the secret of the results store's block" in message
    assert OTHER not in message
    message = told(workspace, "no-bucket")
    assert "s3://nowhere/small-mean/1.0.0/manifest.json: the results store refuses: there is no such bucket" in message
    assert "Create it, or mend its name in the results store's block." in message
    with small_disk(tmp_path / "disk", "20k") as root:
        ResultsStore(root=str(root / "archive")).save("disk", overwrite=True)
        # A full disk is tried again; nobody needs to wait for that here.
        monkeypatch.setattr(archive_product, "retry_delay_seconds", [0.0, 0.0, 0.0])
        message = told(workspace, "disk")
        where = f"{root}/archive/small-mean/1.0.0: the results store failed: "
        assert f"{where}No space left on device. Free some space, or choose another place." in message
        turned(root, "ro", "size=4m")
        assert f"{where}Read-only file system. The file system is read-only; choose another" in told(workspace, "disk")
        turned(root, "rw")
        archive(workspace, "disk")
        assert [path.name for path in (root / "archive/small-mean").iterdir()] == ["1.0.0"]
    assert not (home / "archive").exists()
