"""Credentials that lie around while something is published are nowhere to be found afterwards."""

import base64
import pickle
import subprocess
import traceback
from pathlib import Path

import pytest
from catalog_factories import MOMENT, experiment, git, osc, pinned, product, run, submitted
from git_over_http import served

from earthcode_platform.catalog import plumbing
from earthcode_platform.catalog.plumbing import REMOTE, Destination
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.withdraw import withdraw
from earthcode_platform.checksums import of_bytes
from earthcode_platform.errors import EarthCodeError, RefusedError
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment, PinnedInput
from earthcode_platform.models.product import Novelty

PASSWORD = "hunter2-" + "s3cr3t"
TOKEN = "tok-" + "1234567890abcdef"


def tainted() -> PinnedExperiment:
    """An experiment whose inputs and code were read with credentials in their addresses."""
    remote = PinnedInput(
        name="sst",
        href=f"https://me:{PASSWORD}@data.example/collection.json?X-Amz-Signature={TOKEN}&page=2",
        checksum=of_bytes(b"collection"),
    )
    code = CodeVersion(commit="ab" * 20, dirty=False, repository=f"https://me:{PASSWORD}@code.example/x.git")
    return pinned(inputs=(remote,), code=code)


def everything(folder: Path) -> bytes:
    """Every byte of every file below a folder, and of every object of every repository in it."""
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    for head in folder.rglob("HEAD"):
        objects = ["git", f"--git-dir={head.parent}", "cat-file", "--batch-all-objects", "--batch", "--buffer"]
        found.append(subprocess.run(objects, check=True, capture_output=True).stdout)
        found.append(git(head.parent, "config", "--list").encode())
    return b"\n".join(found)


def shown(error: EarthCodeError) -> str:
    """Everything that a log, a worker or a user can see of an error."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - pickled on the line itself
    return "\n".join([str(error), repr(error), str(vars(copy)), *traceback.format_exception(error)])


def test_nothing_that_is_kept_or_told_holds_a_credential(
    bare: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    git(bare, "config", "http.receivepack", "true")
    with served(tmp_path, "me", PASSWORD) as host:
        url = f"http://me:{PASSWORD}@{host}/{bare.name}"
        repository = CatalogRepository(url, tmp_path / "work", merges=True)
        first = publish(repository, tainted(), run(), product())
        again = publish(repository, tainted(), run(), product())
        gone = withdraw(repository, "sst-anomaly", MOMENT)
        assert (first.novelty, again.novelty, gone.novelty) == (Novelty.NEW, Novelty.UNCHANGED, Novelty.NEW)
        with pytest.raises(RefusedError) as refused:
            publish(repository, *submitted(osc=osc(themes=["ocean"])))
        wrong = CatalogRepository(f"http://me:{PASSWORD}-wrong@{host}/{bare.name}", tmp_path / "work")
        with pytest.raises(EarthCodeError) as failed:
            publish(wrong, tainted(), run(), product())
    assert git(bare, "rev-parse", "main") == gone.commit
    kept = everything(tmp_path)
    assert b"collection.json?X-Amz-Signature=" in kept, "the address itself is kept"
    out, err = capfd.readouterr()
    told = "\n".join(
        [
            *(one.model_dump_json() for one in (first, again, gone)),
            *(shown(error) for error in (refused.value, failed.value)),
            *(out, err, caplog.text, repr(repository), repository.address),
        ]
    )
    for secret in (PASSWORD, TOKEN):
        assert secret.encode() not in kept
        assert secret not in told
    assert host in told


@pytest.mark.parametrize(
    "address",
    [f"https://me:{PASSWORD}@archive.example/p", f"https://archive.example/p?X-Amz-Signature={TOKEN}&x="],
    ids=["userinfo", "signature"],
)
def test_an_archive_whose_address_holds_a_credential_is_refused(bare: Path, tmp_path: Path, address: str) -> None:
    declared = experiment()
    made = product(
        declared,
        collection_href=f"{address}/collection.json",
        workflow_href=f"{address}/graph.json",
        experiment_href=f"{address}/experiment.yaml",
        quicklook_href=f"{address}/quicklook.png",
    )
    with pytest.raises(RefusedError) as refused:
        publish(CatalogRepository(str(bare), tmp_path / "work"), pinned(declared), run(declared), made)
    assert {found.code for found in refused.value.findings} == {"publish-link-credentials"}
    for secret in (PASSWORD, TOKEN):
        assert secret not in shown(refused.value)
        assert secret.encode() not in everything(tmp_path)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"https://ada%40x:{PASSWORD}%2F@git.example:8443/osc.git", "https://git.example:8443/osc.git"),
        ("https://ada@git.example/osc.git", "https://ada@git.example/osc.git"),
        ("ssh://git@git.example/osc.git", "ssh://git@git.example/osc.git"),
        ("https://[/osc.git", "https://[/osc.git"),
    ],
)
def test_git_tells_no_password_to_the_programs_it_starts(bare: Path, address: str, told: str) -> None:
    """Whoever may list processes reads their arguments, and git gives the remote's address to its helpers."""
    assert (
        plumbing.git("config", "--get", f"remote.{REMOTE}.url", repository=bare, to=Destination(address)).text == told
    )
    settings = plumbing.git("config", "--get-regexp", r"extraheader$", repository=bare, to=Destination(address)).text
    basic = base64.b64encode(f"ada@x:{PASSWORD}/".encode()).decode()
    assert settings == (f"http.{told}.extraheader Authorization: Basic {basic}" if PASSWORD in address else "")
