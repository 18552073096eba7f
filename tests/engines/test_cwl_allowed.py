"""What a platform allows packages: documents of the web, tools without their image, and what the product says of it."""

from pathlib import Path
from typing import Any

import cwl_pieces
import pytest
from loopback import reply, serving

from earthcode_platform import checksums
from earthcode_platform.application_packages.document import Package, read_package
from earthcode_platform.application_packages.web_documents import fetch_documents, used_documents
from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.runtimes import find_runtime
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import InputError, UnavailableError

HERE = Settings(containers=(), seconds=60, tool=ToolLimits(seconds=30, memory_mib=300))
IMAGE = "docker.io/nobody/copy:1"


def importing(folder: Path, url: str) -> Package:
    """Return a package that imports a type of the web."""
    app = cwl_pieces.workflow()
    app["requirements"] = {"SchemaDefRequirement": {"types": [{"$import": url}]}}
    cwl_pieces.folder(folder, app)
    return read_package(folder / "app.cwl", folder)


def test_documents_of_the_web_are_fetched_once_with_those_that_they_import(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    inner = b"name: Inner\ntype: enum\nsymbols: [a]\n"
    with serving({"/inner.yaml": reply(200, inner)}) as server:
        outer = f"name: Outer\ntype: record\nfields: [{{$import: {server.url('/inner.yaml')}}}]\n".encode()
        server.routes["/types/outer.yaml"] = reply(200, outer)
        url = server.url("/types/outer.yaml")
        package = importing(tmp_path / "e", url)
        for _ in range(2):
            fetch_documents(package, (cache,), cache, frozenset({server.name}))
        assert [target for _, target in server.asked()] == ["/types/outer.yaml", "/inner.yaml"]
        assert (cache / "127.0.0.1" / "inner.yaml").read_bytes() == inner
        assert used_documents(package, (cache,)) == {url: checksums.of_bytes(outer)}
    assert used_documents(package, ()) == {}


def test_a_document_that_holds_itself_ends(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with serving({"/inner.yaml": reply(200, b"&a\nname: Inner\nagain: [*a]\n")}) as server:
        package = importing(tmp_path / "e", server.url("/inner.yaml"))
        fetch_documents(package, (cache,), cache, frozenset({server.name}))
    cwl_pieces.folder(tmp_path / "f", "cwlVersion: v1.2\nclass: Workflow\ninputs: {}\nsteps: &a [*a]\noutputs: []\n")
    pinned = cwl_pieces.pinned(tmp_path / "f")
    found = CWLEngine(settings=HERE.model_copy(update={"fetched": cache})).check(pinned.workflow, pinned.inputs)
    assert "with its aliases written out" in found[0].message


@pytest.mark.parametrize(
    ("address", "kind", "told"),
    [
        ("http://{server}/a.yaml?version=2", InputError, "cannot be kept by its path"),
        ("http://{server}/%2e%2e/%2e%2e/a.yaml", InputError, "cannot be kept by its path"),
        ("http://{server}/away.yaml", UnavailableError, "503"),
        ("http://192.168.1.1/a.yaml", InputError, "not on the public internet"),
    ],
)
def test_documents_that_cannot_be_kept_or_had_are_told(
    tmp_path: Path, address: str, kind: type[Exception], told: str
) -> None:
    with serving({"/away.yaml": reply(503)}) as server:
        package = importing(tmp_path / "e", address.format(server=server.name))
        with pytest.raises(kind, match=told):
            fetch_documents(package, (), tmp_path / "cache", frozenset({server.name}))
    assert not list(tmp_path.rglob("a.yaml"))


def test_nothing_is_fetched_unless_the_platform_says_so(tmp_path: Path) -> None:
    package = importing(tmp_path / "e", "http://192.168.1.1/a.yaml")
    pinned = cwl_pieces.pinned(package.folder)
    (found,) = [
        one for one in CWLEngine(settings=HERE).check(pinned.workflow, pinned.inputs) if one.severity == "error"
    ]
    assert "is not fetched; put a copy at 'schemas/192.168.1.1/a.yaml'" in found.message
    allowed = HERE.model_copy(update={"fetched": tmp_path / "cache"})
    with pytest.raises(InputError, match="not on the public internet"):
        CWLEngine(settings=allowed).check(pinned.workflow, pinned.inputs)


def needing(folder: Path) -> Any:  # noqa: ANN401 - a pinned experiment
    """Return an experiment whose tool requires an image."""
    tool = cwl_pieces.tool(requirements={"DockerRequirement": {"dockerPull": IMAGE}})
    return cwl_pieces.pinned(cwl_pieces.folder(folder, files={"tools/copy.cwl": tool}))


def test_a_tool_that_requires_an_image_runs_without_it_only_where_that_is_set_and_the_product_says_so(
    tmp_path: Path,
) -> None:
    pinned = needing(tmp_path / "e")
    found = {one.code: one for one in CWLEngine(settings=HERE).check(pinned.workflow, pinned.inputs)}
    assert found["workflow-no-image"].severity == "error"
    engine = CWLEngine(settings=HERE.model_copy(update={"without_images": True}))
    found = {one.code: one for one in engine.check(pinned.workflow, pinned.inputs)}
    assert found["workflow-without-container"].severity == "warning"
    assert f"{IMAGE!r}" in found["workflow-without-container"].message
    used = engine.run(pinned, tmp_path / "w").engine
    assert (used.without_images, used.isolation) == ((IMAGE,), "namespaces")
    assert IMAGE not in used.libraries


def test_apptainer_is_seen_and_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "apptainer"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    pinned = needing(tmp_path / "e")
    (found,) = [
        one for one in CWLEngine(settings=HERE).check(pinned.workflow, pinned.inputs) if one.severity == "error"
    ]
    assert "of apptainer, which is here, this platform makes no use" in found.message
    with pytest.raises(InputError, match="'apptainer' is not used by this platform"):
        find_runtime(("apptainer",))
