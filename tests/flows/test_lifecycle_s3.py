"""The lifecycle with products in object storage, on a real S3 server; and then everything is searched for its keys."""

import base64
import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import factories
import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.events.worker import EventsWorker
from prefect.settings import get_current_settings
from s3_server import BUCKET, S3Server, running

from blocks.results_store import ResultsStore
from earthcode_platform.cli.app import app
from earthcode_platform.errors import EarthCodeError, UnavailableError
from earthcode_platform.models.comparison import Verdict
from earthcode_platform.models.product import Novelty
from earthcode_platform.products import open_product
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.delivery import links
from earthcode_platform.stores.s3.store import S3Store
from flows.archive import archive
from flows.deliver import deliver
from flows.lifecycle import lifecycle
from flows.rerun import rerun
from flows.verify import verify

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

KEY, SECRET, TOKEN = "AKIAZEBRAZEBRA77", "Quagga/Quagga+Quagga=77", "okapi/okapi+okapi==77"
OTHER, PASSWORD = "Gerenuk/Gerenuk+77", "dikdik-of-an-address"
SECRETS = (KEY, SECRET, TOKEN, OTHER, PASSWORD)
SIGNED = ("X-Amz-Signature=", "X-Amz-Credential=", "X-Amz-Security-Token=")
PLACES = ("artifacts", "logs", "flow_runs", "task_runs", "block_documents", "deployments", "variables")


def written(secret: str) -> set[bytes]:
    """How a secret may be written: as it is, in an address, in JSON, in base64."""
    forms = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], secret.replace("/", r"\/")}
    return {form.encode() for form in forms} | {base64.b64encode(secret.encode()).rstrip(b"=")[:-1]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with running(tmp_path / "s3", tmp_path / "log-of-the-server", "--auth-key", f"{KEY},{SECRET}") as one:
        yield one


def block(server: S3Server, **changes: object) -> ResultsStore:
    settings: dict[str, object] = {
        "bucket": BUCKET,
        "prefix": "archive",
        "endpoint": f"http://127.0.0.1:{server.port}",
        "access_key_id": KEY,
        "secret_access_key": SECRET,
        "session_token": TOKEN,
    }
    return ResultsStore.model_validate(settings | changes)


def of_prefect() -> dict[str, bytes]:
    """What the server of the session tells and keeps: its answers, and its database as it lies on the disk."""
    EventsWorker.instance().wait_until_empty()
    found = {}
    with get_client(sync_client=True) as client:
        for place in PLACES:
            for start in range(0, 2000, 200):
                asked = client.request("POST", f"/{place}/filter", json={"limit": 200, "offset": start})
                found[f"{place} from {start}"] = asked.content
        found["events"] = client.request("POST", "/events/filter", json={"limit": 50}).content
    settings = get_current_settings()
    url = settings.server.database.connection_url
    assert url is not None
    database = Path(url.get_secret_value().partition("///")[2])
    kept = [*database.parent.glob(f"{database.name}*"), *Path(settings.results.local_storage_path).rglob("*")]
    found |= {str(path): path.read_bytes() for path in kept if path.is_file()}
    assert len(found[str(database)]) > 100_000
    return found


def lived(home: Path, small: Path, server: S3Server) -> Store:
    """Go through the life of a product, and return its store."""
    assert lifecycle(str(small), store="secretive").novelty is Novelty.NEW
    (facts,) = [json.loads(path.read_text()) for path in (home / "runs/by-flow-run").iterdir()]
    assert facts["item"].startswith(f"http://127.0.0.1:{server.port}/{BUCKET}/archive/small-mean/1.0.0/")
    assert httpx.get(facts["item"]).is_client_error, "the server of this test shows nothing to strangers"
    store = block(server).get_store()
    addresses = list(links(store, "small-mean/1.0.0", hours=1))
    assert all(SIGNED[0] in address and KEY in address for address in addresses)
    assert all(httpx.get(address).is_success for address in addresses), "who got a link needs no key"
    assert rerun("small", store="secretive").verdict is Verdict.IDENTICAL
    assert lifecycle(str(small), store="secretive").novelty is Novelty.UNCHANGED
    state = verify(store="secretive", parts=1, return_state=True)
    assert str(state.message).startswith("intact: 1 versions")
    return store


def failures(server: S3Server, workspace: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> list[str]:
    """What is said where something fails: by runs, by the command, by errors."""
    block(server, secret_access_key=OTHER).save("wrong", overwrite=True)
    block(server, bucket="nowhere").save("nowhere", overwrite=True)
    told = [str(archive(workspace, name, return_state=True).message) for name in ("wrong", "nowhere")]
    assert [("Mend the key" in told[0]), ("no such bucket" in told[1])] == [True, True]
    with pytest.raises(ValueError, match="carried a user name") as refused:
        block(server, endpoint=f"http://ada:{PASSWORD}@127.0.0.1:{server.port}")
    told.append(str(refused.value))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://ada:{PASSWORD}@127.0.0.1:{server.port}")
        for name, value in (("ACCESS_KEY_ID", KEY), ("SECRET_ACCESS_KEY", SECRET), ("SESSION_TOKEN", TOKEN)):
            patch.setenv(f"AWS_{name}", value)
        with pytest.raises(SystemExit):
            app(["archive", "list", f"s3://{BUCKET}/archive"])
    said = capsys.readouterr()
    assert "the endpoint carries a user name" in said.err
    told += [said.out, said.err]
    store = S3Store(server.place(9, token=TOKEN))
    for ask in (lambda: list(store.versions()), lambda: store.read("a/b"), lambda: store.get("a/b", tmp_path / "x")):
        with pytest.raises(UnavailableError) as caught:
            ask()
        told += [str(caught.value), repr(caught.value.__dict__), repr(store)]
    return told


def test_no_credential_is_anywhere(
    home: Path,
    small: Path,
    server: S3Server,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    officer = {"name": "Bob Example", "email": "bob@example.org", "roles": ["technical_officer"]}
    factories.write_json(small / "experiment.yaml", factories.declaration(contacts=[{"name": "Ada Example"}, officer]))
    block(server).save("secretive", overwrite=True)
    with caplog.at_level(logging.DEBUG):
        for name in ("boto3", "botocore", "urllib3", "rasterio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        store = lived(home, small, server)
        deliver("small-mean", store="secretive")
        open_product(store, "small-mean", cache=tmp_path / "cache").compute()
        workspace = min((home / "runs").glob("small-*/product.json")).parent
        told = failures(server, str(workspace), capsys, tmp_path)
        (data,) = (server.bucket / "archive/small-mean").rglob("small-mean.tif")
        data.write_bytes(b"")
        told.append(str(verify(store="secretive", parts=1, return_state=True).message))
        assert told[-1].startswith("1 error: ")
        with pytest.raises((EarthCodeError, OSError)) as unread:
            open_product(store, "small-mean", cache=tmp_path / "cache").compute()
        told.append("".join(traceback.format_exception(unread.value)))
        told.append(caplog.text)
    assert "PutObject" in caplog.text
    assert "Credential=…" in caplog.text, "the most talkative library was listened to"
    searched = {f"told {number}": text.encode() for number, text in enumerate(told)} | of_prefect()
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "log-of-the-server"]
    names = {path.name for path in files}
    assert names >= {
        "manifest.json",
        "collection.json",
        "handover.md",
        "handover.json",
        "provenance.json",
        "report.html",
    }
    searched |= {str(path): path.read_bytes() for path in files}
    for place in ("artifacts from 0", "flow_runs from 0", "logs from 0"):
        assert b"small-mean" in searched[place], "what is searched is what was told"
    for secret in SECRETS:
        found = {name for form in written(secret) for name, content in searched.items() if form in content}
        assert found == set(), secret
    signed = {
        name
        for mark in SIGNED
        for name, content in searched.items()
        # What was cut out is written as three points.
        if mark.encode() in content.replace(f"{mark}…".encode(), b"").replace(f"{mark}\\u2026".encode(), b"")
    }
    assert signed == set()
