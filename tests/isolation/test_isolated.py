"""What an isolated command sees: what is named, and nothing else."""

import os
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from earthcode_platform.errors import InputError
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended, EndedBy, Isolation, Limits

SECRETS = {
    "PREFECT_API_KEY": "pnu_secret",
    "PREFECT_API_URL": "http://127.0.0.1:4200/api",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere/key.json",
    "GITHUB_TOKEN": "ghp_secret",
    "HTTPS_PROXY": "http://user:secret@127.0.0.1:3128",
}


def python(isolated: Isolated, code: str) -> Ended:
    return isolated.run([sys.executable, "-c", code])


def test_a_command_runs_in_its_workspace_and_its_files_are_the_platforms(isolated: Isolated) -> None:
    ended = python(isolated, "import os; print(os.getcwd()); open('made', 'w').write('x')")
    assert ended.well
    assert ended.output_tail == str(isolated.workspace)
    assert ended.isolation is Isolation.NAMESPACES
    assert ended.peak_memory_bytes >= 0
    assert (isolated.workspace / "made").stat().st_uid == os.geteuid()
    assert [path.name for path in isolated.workspace.iterdir()] == ["made"]


def test_the_environment_is_what_is_named(isolated: Isolated, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    named = replace(isolated, environment={"GDAL_CACHEMAX": "64"})
    ended = python(named, "import os; print(sorted(os.environ)); print(os.environ['HOME'], os.environ['TMPDIR'])")
    names, folders = ended.output_tail.splitlines()
    # Python itself sets LC_CTYPE where the locale is C.
    assert set(eval(names)) - {"LC_CTYPE"} == {  # noqa: S307 - printed by our own code
        *("PATH", "LANG", "HOME", "TMPDIR", "USER", "LOGNAME", "GDAL_CACHEMAX")
    }
    assert all(Path(folder).is_relative_to(isolated.workspace) for folder in folders.split())


def test_a_command_cannot_speak_in_the_name_of_what_keeps_it(isolated: Isolated) -> None:
    code = """
import os
for number in range(3, 64):
    try:
        os.write(number, b'{"refused": "namespaces", "error": "none here"}\\nnonsense\\n')
    except OSError:
        continue
    print("heard", number)
raise SystemExit(3)
"""
    # Who is taken for refused runs again with less isolation, where less is accepted.
    ended = python(replace(isolated, least=Isolation.PROCESS), code)
    assert (ended.code, ended.output_tail, ended.isolation) == (3, "", Isolation.NAMESPACES)


def test_no_process_outside_tells_its_environment(isolated: Isolated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_secret")
    code = """
import glob
print(len(glob.glob("/proc/[0-9]*")))
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        text = open(path, "rb").read()
    except OSError:
        continue
    assert b"pnu_secret" not in text, path
"""
    ended = python(isolated, code)
    assert (ended.code, ended.output_tail) == (0, "2"), ended.output_tail


def test_files_outside_the_workspace_are_not_there(isolated: Isolated, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x", encoding="utf-8")
    checkout = Path(__file__).parents[2]
    hidden = [
        secret,
        Path.home() / ".prefect",
        checkout / "tests",
        checkout / ".git",
        Path("/etc/shadow"),
        Path("/run"),
    ]
    ended = python(isolated, f"import os; print([p for p in {[str(path) for path in hidden]} if os.path.exists(p)])")
    assert ended.output_tail == "[]"


def test_what_is_readable_can_be_read_and_not_written(isolated: Isolated, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir(mode=0o700)
    (folder / "a").write_text("given", encoding="utf-8")
    (folder / "a").chmod(0o600)
    code = f"""
print(open({str(folder / "a")!r}).read())
for way in ("a", "r+"):
    try:
        open({str(folder / "a")!r}, way)
    except OSError as error:
        print(error.strerror)
"""
    ended = python(replace(isolated, readable=(folder,)), code)
    assert ended.output_tail.splitlines() == ["given", *["Read-only file system"] * 2]


def test_a_folder_named_through_a_link_is_found_by_both_names(isolated: Isolated, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    code = f"open({str(tmp_path / 'link' / 'x')!r}, 'w').close(); open({str(tmp_path / 'real' / 'x')!r}).close()"
    ended = python(replace(isolated, writable=(tmp_path / "link",)), code)
    assert ended.well, ended.output_tail
    assert (tmp_path / "real/x").exists()


def test_the_system_and_the_packages_can_be_used_and_not_written(isolated: Isolated) -> None:
    code = """
import os, numpy, earthcode_platform.errors, sysconfig
for folder in ("/", "/usr", "/etc", "/proc/sys/kernel", sysconfig.get_path("purelib")):
    print(os.access(folder, os.W_OK))
"""
    assert python(isolated, code).output_tail.split() == ["False"] * 5


def test_it_has_no_rights_and_gets_none(isolated: Isolated) -> None:
    code = """
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(status["CapEff"], status["CapBnd"], status["NoNewPrivs"], status["Uid"].split()[0] == "0")
"""
    assert python(isolated, code).output_tail == f"{'0' * 16} {'0' * 16} 1 False"


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Say nothing."""


def test_the_network_is_off_unless_asked_for(isolated: Isolated) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Hello)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    code = f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{server.server_port}').read())"
    try:
        off, on = python(isolated, code), python(replace(isolated, network=True), code)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert "Connection refused" in off.output_tail
    assert on.output_tail == "b'hello'"


def test_its_own_loopback_works(isolated: Isolated) -> None:
    code = """
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
server.accept()[0].sendall(b"inside")
print(client.recv(9))
try:
    socket.create_connection(("192.0.2.1", 80), 2)
except OSError as error:
    print(error.strerror)
"""
    assert python(isolated, code).output_tail.splitlines() == ["b'inside'", "Network is unreachable"]


def test_lines_come_as_they_are_written(isolated: Isolated) -> None:
    lines: list[str] = []
    code = """
import sys
print("one", flush=True)
print("zwei ü", file=sys.stderr)
sys.stdout.buffer.write(b"\\xff three")
"""
    ended = isolated.run([sys.executable, "-c", code], lines.append)
    assert lines == ["one", "zwei ü", "\ufffd three"]
    assert ended.output_tail.splitlines() == lines


def test_the_tail_is_bounded(isolated: Isolated) -> None:
    ended = python(isolated, "import sys\nfor n in range(50_000): print('line', n)\nsys.stdout.write('x' * 300_000)")
    assert len(ended.output_tail) <= 16384
    assert ended.output_tail.endswith("xxx")


def test_code_and_signal_are_told(isolated: Isolated) -> None:
    assert (python(isolated, "raise SystemExit(7)").code, python(isolated, "raise SystemExit(7)").well) == (7, False)
    ended = python(isolated, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (ended.code, ended.ended_by) == (139, EndedBy.SIGNAL)


def test_a_command_that_is_not_there(isolated: Isolated) -> None:
    with pytest.raises(InputError, match=r"no-such-program: the command could not be started: .*No such file"):
        isolated.run(["no-such-program"])
    with pytest.raises(InputError, match="there is no command to run"):
        isolated.run([])


@pytest.mark.parametrize(
    ("path", "message"), [("/nowhere/at/all", "not there"), ("/", "so much of the machine"), ("/etc", "so much")]
)
def test_folders_that_cannot_be_shown(isolated: Isolated, path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(isolated, readable=(Path(path),)).run(["true"])


def test_a_workspace_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this workspace is no folder"):
        Isolated(tmp_path / "missing").run(["true"])


def test_limits_are_above_zero() -> None:
    with pytest.raises(InputError, match="the limit seconds is 0"):
        Limits(seconds=0)
