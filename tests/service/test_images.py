"""Images of experiments for real: built by what is here, from nothing, and pushed to a registry on loopback."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import factories
import httpx
import pytest
from pydantic import SecretStr

from earthcode_platform.development.containers import BUILDERS, Builder, Registry, find_builder
from earthcode_platform.development.imaging import content_of, find_containerfile, make_image, push_image
from earthcode_platform.errors import UnavailableError
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.experiment import Experiment

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

CONTAINERFILE = "FROM scratch\nCOPY hello.txt /hello.txt\n"


@pytest.fixture(params=[name for name in BUILDERS if name != "docker"])
def builder(request: pytest.FixtureRequest) -> Builder:
    found = find_builder((request.param,))
    if found is None:
        pytest.skip(f"needs {request.param}; make containers installs it as root on Debian and Ubuntu")
    return found


@pytest.fixture
def experiment(tmp_path: Path) -> Iterator[tuple[Experiment, Path]]:
    """An experiment with an image made of one file, under an id that no other test uses."""
    folder = factories.experiment_folder(tmp_path / "small", id=f"image-{uuid4().hex[:12]}")
    (folder / "image").mkdir()
    (folder / "image" / "Containerfile").write_text(CONTAINERFILE)
    (folder / "image" / "hello.txt").write_text("hello")
    declared = read_experiment(folder)
    yield declared, folder
    program = shutil.which("buildah")
    if program:
        listed = subprocess.run(
            [program, "images", "--format", "{{.Name}}:{{.Tag}}"], capture_output=True, text=True, check=False
        )
        ours = [line for line in listed.stdout.splitlines() if f"localhost/{declared.id}:" in line]
        subprocess.run([program, "rmi", *ours], check=False, capture_output=True) if ours else None


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """A real registry of container images with one user; its address, the user's name and password."""
    program = shutil.which("docker-registry")
    hashes = shutil.which("htpasswd")
    if program is None:
        pytest.skip("needs docker-registry (Debian, Ubuntu: apt-get install docker-registry)")
    port = 0
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    password = uuid4().hex
    settings = {"version": 0.1, "storage": {"filesystem": {"rootdirectory": str(tmp_path / "registry")}},
                "http": {"addr": f"127.0.0.1:{port}"}, "log": {"level": "error"}}  # fmt: skip
    if hashes is not None:
        held = subprocess.run([hashes, "-nbB", "ada", password], capture_output=True, text=True, check=True).stdout
        (tmp_path / "users").write_text(held)
        settings["auth"] = {"htpasswd": {"realm": "tests", "path": str(tmp_path / "users")}}
    factories.write_json(tmp_path / "registry.yml", settings)
    with (tmp_path / "registry.log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(tmp_path / "registry.yml")], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/v2/")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, (tmp_path / "registry.log").read_text()
                time.sleep(0.1)
        yield f"127.0.0.1:{port}/team", "ada" if hashes else "", password
    finally:
        process.terminate()
        process.wait(20)


def test_an_image_is_named_by_what_it_is_made_of(builder: Builder, experiment: tuple[Experiment, Path]) -> None:
    declared, folder = experiment
    image, findings = make_image(declared, folder, builder)
    assert findings == []
    assert image is not None
    assert image.name == f"localhost/{declared.id}:{image.content[:16]}"
    assert image.identifier.startswith("sha256:")
    assert image.digest.startswith("sha256:")
    # The same content is there already; another one is another image, and the version's name follows it.
    again, _ = make_image(declared, folder, builder)
    assert again == image
    (folder / "image" / "hello.txt").write_text("good morning")
    other, _ = make_image(declared, folder, builder)
    assert other is not None
    assert (other.name != image.name, other.identifier != image.identifier) == (True, True)
    assert builder.identity(f"localhost/{declared.id}:1.0.0")[0] == other.identifier


def test_an_image_that_cannot_be_built_is_a_warning(builder: Builder, experiment: tuple[Experiment, Path]) -> None:
    declared, folder = experiment
    (folder / "image" / "Containerfile").write_text("FROM scratch\nCOPY missing.txt /\n")
    image, (finding,) = make_image(declared, folder, builder)
    assert image is None
    assert (finding.code, finding.where) == ("develop-image-not-built", "image/Containerfile")
    assert "missing.txt" in finding.message


def test_an_image_is_pushed_and_named_by_the_registrys_digest(
    builder: Builder, experiment: tuple[Experiment, Path], registry: tuple[str, str, str]
) -> None:
    declared, folder = experiment
    address, name, password = registry
    image, _ = make_image(declared, folder, builder)
    assert image is not None
    pushed = push_image(image, Registry(address, name, SecretStr(password), plain_http=True), builder)
    host, _, team = address.partition("/")
    url = f"http://{host}/v2/{team}/{declared.id}/manifests/{image.content[:16]}"
    accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
    answer = httpx.get(url, headers={"Accept": accept}, auth=(name, password) if name else None)
    assert answer.headers["Docker-Content-Digest"] == pushed.digest
    assert pushed.pushed == f"{address}/{declared.id}@{pushed.digest}"
    if name:
        wrong = Registry(address, name, SecretStr("a-wrong-word"), plain_http=True)
        with pytest.raises(UnavailableError, match="did not take the image") as caught:
            push_image(image, wrong, builder)
        assert "a-wrong-word" not in str(caught.value)


def test_a_registry_that_is_not_there_is_told(builder: Builder, experiment: tuple[Experiment, Path]) -> None:
    declared, folder = experiment
    image, _ = make_image(declared, folder, builder)
    assert image is not None
    with pytest.raises(UnavailableError, match="did not take the image"):
        push_image(image, Registry("127.0.0.1:9/team", plain_http=True), builder)


def test_the_content_is_every_file_with_its_name_and_its_rights(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    found = find_containerfile(tmp_path)
    assert found == tmp_path / "Dockerfile"
    seen = {content_of(found)}
    for change in (
        lambda: (tmp_path / "a").write_text("x"),
        lambda: (tmp_path / "a").chmod(0o755),
        lambda: (tmp_path / "a").rename(tmp_path / "b"),
        lambda: (tmp_path / "c").symlink_to("b"),
    ):
        change()
        seen.add(content_of(found))
    assert len(seen) == 5
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_text("x")
    assert content_of(found) in seen


def test_without_a_builder_there_is_a_note(experiment: tuple[Experiment, Path]) -> None:
    declared, folder = experiment
    assert find_builder(environment={**os.environ, "PATH": "/nowhere"}) is None
    image, (finding,) = make_image(declared, folder, None)
    assert (image, finding.code) == (None, "develop-no-builder")
    (folder / "image" / "Containerfile").unlink()
    assert make_image(declared, folder, None) == (None, [])
